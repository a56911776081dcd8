"""Settings common to every way of running Portico. Each value that differs comes from the environment."""

from __future__ import annotations

from pathlib import Path

import environ
from kombu import Queue

from infra.config.settings.api import *  # noqa: F403
from infra.config.settings.security import *  # noqa: F403
from infra.observability.sentry import scrubbed

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[3]
STATE_DIR = Path(env("PORTICO_STATE", default=str(BASE_DIR / ".state")))

DEPLOYMENT = "production"
DEBUG = False
SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
# Base64 keys of 32 bytes that protect single fields; the first encrypts, all decrypt.
FIELD_KEYS: list[str] = env.list("FIELD_KEYS")

# Hosts. The firm middleware is the allow-list (custom domains are rows, not settings).
ALLOWED_HOSTS = ["*"]
USE_X_FORWARDED_HOST = False
PLATFORM_DOMAIN: str = env("PORTICO_DOMAIN", default="portico.localhost")
PUBLIC_SCHEME: str = env("PORTICO_SCHEME", default="https")
PUBLIC_PORT: str = env("PORTICO_PORT", default="")
HOST_CACHE_SECONDS = 30

SHARED_APPS = [
    # First, so that its commands stand before those of the library with the same names.
    "tenants.firms",
    "django_tenants",
    "infra.throttling",
    "billing.gateway",
]
TENANT_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django_otp",
    "infra.events",
    "infra.audit",
    "branding.look",
    "branding.identity",
    "branding.letterhead",
    "tenants.people",
    "tenants.access",
    "tenants.matters",
    "billing.numbering",
    "billing.ledger",
    "billing.invoices",
    "billing.credit_notes",
    "billing.payments",
    "billing.exchange",
]
INSTALLED_APPS = [
    *SHARED_APPS,
    *TENANT_APPS,
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "dj_rest_auth",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_htmx",
    "lucide",
    "infra.rendering",
    "webapp",
    "portal_api",
    "infra.config",
    "infra.tooling",
]
TENANT_MODEL = "firms.Firm"
TENANT_DOMAIN_MODEL = "firms.Domain"
TENANT_LIMIT_SET_CALLS = True
PUBLIC_SCHEMA_NAME = "public"
TENANT_SYNC_ROUTER = "infra.tenancy.firm_context.OwnerRouter"
DATABASE_ROUTERS = [TENANT_SYNC_ROUTER]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SPARE_SCHEMAS = env.int("PORTICO_SPARE_SCHEMAS", default=3)

_database = env.db("DATABASE_URL")
DATABASES: dict[str, dict[str, object]] = {
    "default": {
        **_database,
        "ENGINE": "infra.tenancy.database",
        "CONN_MAX_AGE": 0,
        # A restarted server costs no visitor an error: our backend tries each connection when
        # it enters the firm's schema, so the pool need not ask before that.
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {
            # The hot statements (infra.tenancy.database.fast.compiled_query) are prepared when a firm asks the
            # third time on a connection: one that comes by once costs no plan.
            "prepare_threshold": 2,
            "pool": {
                "min_size": 1,
                "max_size": env.int("DATABASE_POOL_SIZE", default=6),
                # A connection keeps catalogue entries of every firm it visited (2 MB each).
                "max_lifetime": 600,
                "max_idle": 120,
                "timeout": 5,
            },
        },
    }
}
# The login that owns schemas and makes roles: for management commands and the worker, which
# provisions. A process that serves requests is started without it.
PROVISIONING_ALIAS = "provisioning"
if env("PROVISIONING_DATABASE_URL", default=""):
    DATABASES[PROVISIONING_ALIAS] = {
        **env.db("PROVISIONING_DATABASE_URL"),
        "ENGINE": "infra.tenancy.database",
        "CONN_MAX_AGE": 0,
    }
# Milliseconds, of the serving login: how long a statement runs, waits for a lock, and how long a
# transaction may do nothing. The owner's login has none; its upgrades set their own.
if env("PORTICO_SERVES", default="tasks") == "requests":
    DATABASE_TIMEOUTS = {
        "statement_timeout": env.int("REQUEST_STATEMENT_TIMEOUT", default=15_000),
        "lock_timeout": env.int("REQUEST_LOCK_TIMEOUT", default=3_000),
        "idle_in_transaction_session_timeout": env.int("REQUEST_IDLE_TIMEOUT", default=30_000),
    }
else:
    # A task may wait for another, and compute for long between two statements (imports do).
    DATABASE_TIMEOUTS = {
        "statement_timeout": env.int("TASK_STATEMENT_TIMEOUT", default=300_000),
        "lock_timeout": env.int("TASK_LOCK_TIMEOUT", default=60_000),
        "idle_in_transaction_session_timeout": env.int("TASK_IDLE_TIMEOUT", default=300_000),
    }
# Plans that a connection keeps, of all firms together: 0.1 to 0.2 MB each. What was not used for
# longest goes first; a firm without a plan is served as fast as without this.
DATABASE_PLANS = env.int("DATABASE_PLANS", default=2000)
DATABASE_PUBLIC_ROLE = env("DATABASE_PUBLIC_ROLE", default="portico_public")

REDIS_URL = env("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "infra.tenancy.cache.firm_key",
        "TIMEOUT": 300,
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
    },
    "platform": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "infra.tenancy.cache.platform_key",
        "TIMEOUT": 300,
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1},
    },
}

MIDDLEWARE = [
    "infra.config.middleware.request_log.RequestLogMiddleware",
    "infra.config.middleware.firm.FirmMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "infra.config.middleware.headers.PolicyMiddleware",
    "infra.config.middleware.headers.ResponseHeadersMiddleware",
    "infra.config.middleware.readable.ReadableMiddleware",
    "infra.config.middleware.person.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "infra.config.middleware.person.PersonMiddleware",
    "infra.config.middleware.language.LanguageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "infra.config.middleware.errors.DomainErrorMiddleware",
    "infra.config.middleware.impersonation.ImpersonationMiddleware",
]
ROOT_URLCONF = "infra.config.urls_platform"
WSGI_APPLICATION = "infra.config.wsgi.application"
# Every page ends in a slash; an address without one is redirected.
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "webapp.kit.context.page_context",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "webapp.kit.template_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "webapp.kit.tags.icon",
                "webapp.kit.tags.cached_fragment",
                "webapp.kit.tags.marks",
                "infra.rendering.tags.money",
                "infra.rendering.tags.dates",
                "infra.rendering.tags.names",
                "webapp.kit.tags.attributes",
                "webapp.kit.tags.listing",
                "webapp.kit.tags.error_pages",
            ],
        },
    }
]

COTTON_ISOLATE_BY_DEFAULT = True
# The tests draw every part that was kept again, and compare.
KEPT_PARTS_ARE_COMPARED = False
FORM_RENDERER = "webapp.kit.fields.FieldRenderer"

# Language and time. Text is English in the source; Babel formats by the reader's locale.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français"), ("nl", "Nederlands"), ("de", "Deutsch")]
LOCALE_PATHS = [str(BASE_DIR / "webapp" / "locale")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "/static/"
# Typefaces are cut from their packages at start (manage.py build_typefaces).
WEBFONTS_DIR = STATE_DIR / "webfonts"
STATICFILES_DIRS = [str(WEBFONTS_DIR)]
STATIC_ROOT = str(STATE_DIR / "static")
STORAGES: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "infra.tenancy.storage.FirmFileStorage",
        "OPTIONS": {"location": env("PORTICO_MEDIA", default=str(STATE_DIR / "media"))},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 31536000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# Seconds that the request of a short PDF waits for it; then the worker draws it.
PDF_WAIT_SECONDS = env.int("PDF_WAIT_SECONDS", default=2)
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=64 * 1024 * 1024)
# Files up to this size are read in the request, in a fraction of a second; larger ones by the worker.
IMPORT_REQUEST_BYTES = env.int("IMPORT_REQUEST_BYTES", default=200 * 1024)

# No file where no form field wants one (infra/config/edge/uploads.py).
FILE_UPLOAD_HANDLERS = [
    "infra.config.edge.uploads.ExpectedFilesHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Threads of one web process that run Django; reading and sending needs none.
REQUEST_THREADS = env.int("REQUEST_THREADS", default=4)

# Mail
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
# Seconds, for the connection and for each answer; a silent server then fails the delivery.
EMAIL_TIMEOUT = 10
MAIL_FROM_ADDRESS = env("MAIL_FROM_ADDRESS", default=f"portal@{PLATFORM_DOMAIN}")

# Work behind the pages
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_TASK_ROUTES = ("infra.events.task_base.queue_of",)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 300
CELERY_TASK_TIME_LIMIT = 360
# Tasks declare their queue; a worker that is started without -Q serves all of them.
CELERY_TASK_QUEUES = [Queue("celery"), Queue("mail"), Queue("drawings"), Queue("imports")]
CELERY_TASK_ROUTES = ("infra.events.task_base.queue_of",)
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

# Payments
# The provider of a firm that connects from now on; a firm that has an account keeps its own.
PAYMENT_GATEWAY = env("PAYMENT_GATEWAY", default="stripe")
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="")
STRIPE_CONNECT_WEBHOOK_SECRET = env("STRIPE_CONNECT_WEBHOOK_SECRET", default="")
SANDBOX_WEBHOOK_SECRET = env("SANDBOX_WEBHOOK_SECRET", default="")
SANDBOX_WEBHOOK_URL = ""
SANDBOX_WEBHOOK_HOST = PLATFORM_DOMAIN

# What is cleared each night, by age in days.
KEEP_DELIVERED_EVENTS_DAYS = env.int("KEEP_DELIVERED_EVENTS_DAYS", default=30)
KEEP_ENDED_INVITATIONS_DAYS = env.int("KEEP_ENDED_INVITATIONS_DAYS", default=90)
KEEP_UNUSED_INVITATIONS_DAYS = env.int("KEEP_UNUSED_INVITATIONS_DAYS", default=365)
KEEP_UNCONFIRMED_SIGN_UPS_DAYS = env.int("KEEP_UNCONFIRMED_SIGN_UPS_DAYS", default=30)

# Logs: one JSON object a line with firm and request id; no names, no addresses.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "infra.observability.logs.ContextFilter"}},
    "formatters": {"json": {"()": "infra.observability.logs.JsonFormatter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["context"],
            "formatter": "json",
        }
    },
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        # What was refused stands in our own line of the request, with firm and request id.
        "django.request": {"level": "ERROR"},
        "django.security.UnexpectedFile": {"level": "CRITICAL"},
        "stripe": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}

# Where pages open their live streams: behind the proxy it is this origin's /live/.
LIVE_PORT = ""

SENTRY_DSN = env("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False, before_send=scrubbed)
