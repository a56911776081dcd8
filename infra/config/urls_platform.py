"""The platform host: product, sign-up, webhooks; the sandbox's page where it is in use."""

from django.urls import path

from billing.gateway.registry import is_sandbox
from infra.config.health import livez, readyz
from portal_api.inbound.gateway import gateway_hook
from webapp.platform import urls as platform

urlpatterns = [
    *platform.urlpatterns,
    path("hooks/<slug:provider>/", gateway_hook, name="gateway-hook"),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
]
if is_sandbox():
    urlpatterns += platform.sandbox

handler400 = "webapp.shared.errors.views.bad_request"
handler403 = "webapp.shared.errors.views.forbidden"
handler404 = "webapp.shared.errors.views.not_found"
handler500 = "webapp.shared.errors.views.broken"
