"""What every process of Portico is told: the contract between infra/tooling/stack and the settings."""

import os
from collections.abc import Mapping
from pathlib import Path


def environment(
    *,
    settings: str,
    state: Path,
    database: Mapping[str, str],
    redis_url: str,
    ports: Mapping[str, int],
    secrets: Mapping[str, str],
) -> dict[str, str]:
    """The environment of a child: ours over the caller's, the caller's over our defaults."""
    defaults = {
        "SECRET_KEY": secrets["secret_key"],
        "FIELD_KEYS": secrets["field_keys"],
        "PORTICO_DOMAIN": "portico.localhost",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(ports["smtp"]),
    }
    ours = {
        "DJANGO_SETTINGS_MODULE": f"infra.config.settings.{settings}",
        **database,
        "REDIS_URL": redis_url,
        # The port in links is the one that was really free.
        "PORTICO_PORT": str(ports["web"]),
        "PORTICO_STATE": str(state),
        "PORTICO_INTERNAL_URL": f"http://127.0.0.1:{ports['web']}",
        "LIVE_PORT": str(ports["live"]),
        "PYTHONUNBUFFERED": "1",
    }
    return defaults | dict(os.environ) | ours
