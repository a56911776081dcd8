"""The demo on one machine: embedded servers, plain http on *.localhost, the sandbox gateway."""

from infra.config.settings.base import *  # noqa: F403
from infra.config.settings.base import env

DEPLOYMENT = "demo"
PUBLIC_SCHEME = "http"
PUBLIC_PORT = env("PORTICO_PORT", default="8000")
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
# Without a proxy the live process is reached by its port on the same host.
LIVE_PORT = env("LIVE_PORT", default="")
PAYMENT_GATEWAY = env("PAYMENT_GATEWAY", default="sandbox")
SANDBOX_WEBHOOK_SECRET = env("SANDBOX_WEBHOOK_SECRET", default="whsec_sandbox")
SANDBOX_WEBHOOK_URL = (
    env("PORTICO_INTERNAL_URL", default=f"http://127.0.0.1:{PUBLIC_PORT}") + "/hooks/sandbox/"
)
