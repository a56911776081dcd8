"""Tests: like the demo, but fast hashes, tasks run where they are sent, mail kept in memory."""

from infra.config.settings.dev import *  # noqa: F403
from infra.config.settings.dev import DATABASES, STATE_DIR, STORAGES, env

DEPLOYMENT = "test"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = env("TEST_EMAIL_BACKEND", default="django.core.mail.backends.locmem.EmailBackend")
# The drills start real workers and switch this off.
CELERY_TASK_ALWAYS_EAGER = env.bool("TASKS_EAGER", default=True)
CELERY_TASK_EAGER_PROPAGATES = True
SPARE_SCHEMAS = 2
HOST_CACHE_SECONDS = 30
# Tests open threads that end with them; a pool would hold their connections.
DATABASES["default"] = {**DATABASES["default"], "OPTIONS": {"prepare_threshold": 2}}
# The owner's work is done on the test's own connection, inside its transaction; the tests' login
# may become the owner. tests/infra/tenancy/test_two_logins.py works with two connections.
PROVISIONING_ALIAS = "default"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STORAGES["default"] = {
    **STORAGES["default"],
    "OPTIONS": {"location": str(STATE_DIR / "test-media")},
}
KEPT_PARTS_ARE_COMPARED = True

# A loaded machine starts the drawing process in more than the two seconds of a page.
PDF_WAIT_SECONDS = 60
