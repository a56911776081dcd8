"""Files are taken where a form field wants one, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import resolve

from infra.config.edge.limits import FORM_BYTES, body_limit, upload_paths, uploads
from tests.world import World


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("bills.csv", b"number\n1\n")


def test_the_table_names_addresses_of_the_console() -> None:
    assert {
        resolve(path, urlconf="infra.config.urls_console").view_name for path in upload_paths()
    } == set(uploads())
    assert body_limit("/sign-in/", is_known=True) == FORM_BYTES
    assert body_limit("/imports/", is_known=True) > 64 * 1024 * 1024
    # Who shows neither a session nor a token sends no large file.
    assert body_limit("/imports/", is_known=False) == FORM_BYTES


@pytest.mark.parametrize("surface", ["portal", "console"])
def test_a_sign_in_takes_no_file(world: World, surface: str, tmp_path: Path, settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    browser = Browser(headers={"host": getattr(world.alpha, surface)}, enforce_csrf_checks=True)
    browser.get("/sign-in/")
    answer = browser.post("/sign-in/", {"email": "a@b.test", "file": _file()})
    assert answer.status_code == 400
    assert "No file is taken here." in answer.content.decode()
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_an_endpoint_takes_no_file(world: World) -> None:
    browser = Browser(headers={"host": world.alpha.portal})
    answer = browser.post("/api/v1/auth/password/reset/", {"file": _file()})
    assert answer.status_code in (400, 415)
    assert set(answer.json()) == {"code", "message", "fields"}
