"""Files are taken only at the addresses of ``limits.uploads``."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import SuspiciousMultipartForm
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from infra.config.edge.limits import uploads


class UnexpectedFile(SuspiciousMultipartForm):
    """A form with a file where no field wants one."""


class ExpectedFilesHandler(FileUploadHandler):
    """The first of the upload handlers: refuses before another one keeps a byte."""

    request: HttpRequest | None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        match = self.request.resolver_match if self.request is not None else None
        if match is None or match.view_name not in uploads():
            raise UnexpectedFile("No file is taken here.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Another handler keeps it."""
