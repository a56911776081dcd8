"""The JSON API and its document."""

from __future__ import annotations

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal_api.authentication.ApiTokenAuthentication",
        "portal_api.authentication.PersonSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portal_api.permissions.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["portal_api.renderers.OrjsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "portal_api.renderers.PlainNegotiation",
    "DEFAULT_PARSER_CLASSES": ["portal_api.parsers.FlatJsonParser"],
    "DEFAULT_PAGINATION_CLASS": "portal_api.pagination.NumberedPages",
    "DEFAULT_SCHEMA_CLASS": "portal_api.schema.PorticoSchema",
    "EXCEPTION_HANDLER": "portal_api.errors.envelope",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
    "NUM_PROXIES": 0,
}
REST_AUTH = {
    "USE_JWT": False,
    "SESSION_LOGIN": True,
    "TOKEN_MODEL": None,
    "OLD_PASSWORD_FIELD_ENABLED": True,
    "LOGOUT_ON_PASSWORD_CHANGE": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Portico API",
    "DESCRIPTION": "The portal of one law firm, for programs. Every host serves one firm only.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "PersonKind": "tenants.people.models.User.Kind",
        "ClientKind": "tenants.people.models.Client.Kind",
        "LineKind": "billing.invoices.models.InvoiceLine.Kind",
        "InvoiceStatus": "billing.invoices.selectors.STATUSES",
        "MatterStatus": "tenants.matters.models.Matter.Status",
        "FactorPolicy": "tenants.access.models.SignInPolicy.Factor",
        "LanguageChoice": ["en", "fr", "nl", "de"],
        "TokenScope": "tenants.access.tokens.SCOPES",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums"],
}
