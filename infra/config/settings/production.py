"""Production: https only, real gateway, every secret from the environment."""

from infra.config.settings.base import *  # noqa: F403
from infra.config.settings.base import env

DEPLOYMENT = "production"
# The proxy in front (Caddy) overwrites this header; without a proxy leave it unset.
if env.bool("BEHIND_TLS_PROXY", default=True):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
