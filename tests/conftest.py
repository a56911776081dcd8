"""The test ground: one template database, cloned for each worker; three firms alike in each.

Tests run as the application's own database role, never as a superuser. A test that
commits (threads, real processes) takes ``committed`` and gets a fresh clone afterwards.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from infra.tooling.stack.logins import Logins, limit
from tenants.firms.provisioning.schemas import TEMPLATE_SCHEMA
from tenants.firms.provisioning.spares import fill_shelf
from tests.world import World, build_world

# How long an example takes says nothing on a busy machine.
hypothesis_settings.register_profile("portico", deadline=None)
hypothesis_settings.load_profile("portico")


@contextmanager
def _server(name: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
    base = settings.DATABASES["provisioning"]
    with psycopg.connect(
        host=base["HOST"],
        port=base["PORT"] or 5432,
        user=base["USER"],
        password=base["PASSWORD"],
        dbname=name,
        autocommit=True,
    ) as server:
        yield server


def _point_at(name: str) -> None:
    for alias, wrapper in ((each, connections[each]) for each in connections):
        wrapper.close()
        settings.DATABASES[alias]["NAME"] = name
        wrapper.settings_dict["NAME"] = name


def _limit(name: str) -> None:
    """What an administrator does once to a database; a clone does not inherit all of it."""
    pair = (settings.DATABASES[alias]["USER"] for alias in ("default", "provisioning"))
    logins = Logins(*pair, settings.DATABASE_PUBLIC_ROLE)
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], dbname=name, autocommit=True) as admin:
        if admin.info.parameter_status("is_superuser") == "on":
            limit(admin, logins)
            return
    with _server(name) as owner:
        limit(owner, logins)


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    for turn in range(50):
        try:
            server.execute(statement)
            return
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            # A vacuum worker of the server is in there; it leaves by itself.
            if turn == 49:
                raise
            time.sleep(0.2)


def _clone(source: str, name: str) -> None:
    with _server() as server:
        _drop(server, name)
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(source)
            )
        )
    _limit(name)


def _build_template(name: str) -> None:
    from django.core.management import call_command

    with _server() as server:
        _drop(server, name)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    _limit(name)
    _point_at(name)
    call_command("setup_platform", verbosity=0, stdout=open(os.devnull, "w"))
    build_world()
    fill_shelf()
    connections.close_all()


class Databases:
    """The template and this worker's clone of it."""

    def __init__(self, run: str, worker: str) -> None:
        self.template = f"test_portico_{run}"
        self.own = f"test_portico_{run}_{worker}"

    def prepare(self) -> None:
        """Build the template if this is the first worker to come, then clone it."""
        folder = Path(tempfile.gettempdir()) / f"{self.template}.{os.getuid()}"
        folder.mkdir(exist_ok=True)
        done = folder / "built"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                _build_template(self.template)
                done.touch()
            self.renew()

    def renew(self) -> None:
        """A fresh clone for this worker."""
        connections.close_all()
        _clone(self.template, self.own)
        _point_at(self.own)

    def remove(self) -> None:
        connections.close_all()
        with _server() as server:
            _drop(server, self.own)


def _remove_template(run: str) -> None:
    folder = Path(tempfile.gettempdir()) / f"test_portico_{run}.{os.getuid()}"
    if not (folder / "built").exists():
        return
    with _server() as server:
        roles = [
            row[0]
            for row in server.execute(
                "SELECT rolname FROM pg_roles WHERE rolname = %s OR rolname ~ '^t_[a-z0-9]{12}$'",
                [TEMPLATE_SCHEMA],
            )
        ]
        _drop(server, f"test_portico_{run}")
        for role in roles:
            try:
                server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
            except psycopg.Error:
                # Another database of this server uses it.
                continue
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ.setdefault("PORTICO_TEST_RUN", f"{os.getpid()}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and settings.configured:
        _remove_template(os.environ["PORTICO_TEST_RUN"])


@pytest.fixture(scope="session")
def databases() -> Databases:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return Databases(os.environ["PORTICO_TEST_RUN"], worker)


@pytest.fixture(scope="session")
def django_db_setup(databases: Databases, django_db_blocker: Any) -> Iterator[None]:
    """Replaces pytest-django's database: clone instead of migrate."""
    with django_db_blocker.unblock():
        databases.prepare()
    yield
    with django_db_blocker.unblock():
        databases.remove()


@pytest.fixture
def committed(
    django_db_setup: None, databases: Databases, django_db_blocker: Any
) -> Iterator[None]:
    """The database with real commits; a fresh clone replaces it afterwards."""
    with django_db_blocker.unblock():
        yield
        databases.renew()


@pytest.fixture(autouse=True)
def _clean_processes() -> Iterator[None]:
    """Nothing that a process remembers outlives a test."""
    from branding.letterhead.published import forget_looks
    from tenants.firms.hosts import forget_hosts

    forget_hosts()
    forget_looks()
    yield
    forget_hosts()
    forget_looks()


@pytest.fixture
def world(db: None) -> World:
    """The three firms with their people, clients and invoices."""
    return World.load()


@pytest.fixture
def committed_world(committed: None) -> World:
    """The three firms in a database where commits are real."""
    return World.load()


@pytest.fixture(autouse=True)
def _own_media(tmp_path: Path, settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            **settings.STORAGES["default"],
            "OPTIONS": {"location": str(tmp_path / "media")},
        },
    }
