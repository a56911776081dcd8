"""Production: https only, real gateway, every secret from the environment."""

from django.core.exceptions import ImproperlyConfigured

from infra.config.settings.base import *  # noqa: F403
from infra.config.settings.base import TRUSTED_PROXIES, env

DEPLOYMENT = "production"
# The edge believes X-Forwarded-Proto of these alone: without them every page would lead to itself.
if env.bool("BEHIND_TLS_PROXY", default=True) and not TRUSTED_PROXIES:
    raise ImproperlyConfigured(
        "Name the proxy's address or network in TRUSTED_PROXIES (127.0.0.1 if it runs on this "
        "machine), or set BEHIND_TLS_PROXY=false if the application itself speaks https."
    )
