"""Files of firms: every name begins with the firm's id, and another firm's names are refused."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from infra.common.primary_keys import new_key
from infra.tenancy.firm_context import current_firm


def new_file_name(kind: str, suffix: str) -> str:
    """An opaque name inside the current firm: ``<firm>/<kind>/<key>.<suffix>``."""
    return f"{current_firm().id}/{kind}/{new_key()}.{suffix.lstrip('.')}"


class FirmFileStorage(FileSystemStorage):
    """Local files outside the web root; served only by views that asked who may see them."""

    def _checked(self, name: str) -> str:
        clean = str(name).replace("\\", "/")
        if not clean.startswith(f"{current_firm().id}/") or ".." in clean.split("/"):
            raise SuspiciousFileOperation("This file is not the current firm's.")
        return clean

    def _open(self, name: str, mode: str = "rb") -> Any:
        return super()._open(self._checked(name), mode)  # type: ignore[misc]

    def _save(self, name: str, content: Any) -> str:
        return super()._save(self._checked(name), content)  # type: ignore[misc]

    def delete(self, name: str) -> None:
        super().delete(self._checked(name))

    def exists(self, name: str) -> bool:
        return super().exists(self._checked(name))

    def size(self, name: str) -> int:
        return super().size(self._checked(name))

    def path(self, name: str) -> str:
        return super().path(self._checked(name))

    def url(self, name: str | None) -> str:
        raise ValueError("Files of firms have no address of their own.")
