"""Swagger UI, served from this origin and clean under the content security policy."""

from __future__ import annotations

from drf_spectacular.views import SpectacularSwaggerSplitView


class ApiDocsView(SpectacularSwaggerSplitView):
    """The API's documentation for people."""

    permission_classes = ()
    url_name = "api-schema"
    template_name = "portal_api/docs.html"
