"""OpenAPI: every operation names the errors it can answer with."""

from __future__ import annotations

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from portal_api.permissions import InPerson


class ErrorOutput(serializers.Serializer[Any]):
    """What every error looks like."""

    code = serializers.CharField(help_text="For machines: a stable word.")
    message = serializers.CharField(help_text="For people: one sentence in their language.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Sentences by field, where the input is at fault.",
    )


ERRORS = {
    400: "The request is not JSON.",
    401: "Nobody is signed in, or the token is not valid here.",
    403: "The person may not do this.",
    404: "There is no such thing, or it is not theirs to know of.",
    409: "The thing is in a state that rules this out.",
    422: "The input cannot be used; `fields` says where.",
    503: "Something this depends on does not answer.",
}
IN_PERSON = (
    "The person may not do this; or what is done in person was asked for by an API token"
    " (`session_needed`), or by a session without the second step that the firm demands"
    " (`second_step_needed`)."
)
READ_ERRORS = (401, 403, 404, 422, 503)
WRITE_ERRORS = (400, 401, 403, 404, 409, 422, 503)


class PorticoSchema(AutoSchema):
    """Adds the error envelope to each operation's responses."""

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        said = ERRORS | ({403: IN_PERSON} if self._in_person() else {})
        reference = self.resolve_serializer(ErrorOutput, direction).ref
        for status in READ_ERRORS if self.method == "GET" else WRITE_ERRORS:
            bodies.setdefault(
                str(status),
                {
                    "description": said[status],
                    "content": {
                        "application/json": {
                            "schema": reference,
                            "example": {
                                "code": "not_found",
                                "message": ERRORS[status],
                                "fields": {},
                            },
                        }
                    },
                },
            )
        return bodies

    def _in_person(self) -> bool:
        """Whether the operation is done in person, wholly or in part."""
        gated = InPerson in self.view.permission_classes
        partly: Any = getattr(self.view, "partly_in_person", False)
        return self.method != "GET" and (gated or bool(partly))
