"""The API's document, as each host has it, and Swagger UI from this origin under the strict policy."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from infra.tenancy.firm_context import current_firm


@cache
def _document(urlconf: str) -> dict[str, Any]:
    """OpenAPI 3.1 of the addresses of one surface; the same for every firm, so it is made once."""
    generator: Any = SchemaGenerator
    document: dict[str, Any] = generator(urlconf=urlconf).get_schema(public=True)
    return document


class ApiSchemaView(SpectacularAPIView):
    """The document of the host that is asked: a portal's has what clients may use."""

    permission_classes = ()
    renderer_classes = [OpenApiJsonRenderer, OpenApiYamlRenderer]

    @extend_schema(exclude=True)
    def get(self, request: Request, *_arguments: Any, **_more: Any) -> Response:
        document = _document(str(request.urlconf))
        title = f"{current_firm().name}: API"
        return Response({**document, "info": {**document["info"], "title": title}})


class ApiDocsView(SpectacularSwaggerSplitView):
    """The API's documentation for people."""

    permission_classes = ()
    url_name = "api-schema"
    template_name = "portal_api/docs.html"
    title = "API"
