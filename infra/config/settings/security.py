"""Who is let in, and what browsers are told: passwords, sessions, headers."""

from __future__ import annotations

import environ

env = environ.Env()

# People and sessions
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "tenants.access.backend.KindBackend",
]
PASSWORD_HASHERS = ["tenants.access.hashers.BoundedArgon2Hasher"]
# In one process: at work, and waiting of each firm. One thread is always left for pages.
PASSWORD_HASHES_AT_ONCE = env.int("PASSWORD_HASHES_AT_ONCE", default=1)
PASSWORD_HASHES_WAITING = env.int("PASSWORD_HASHES_WAITING", default=1)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "tenants.access.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "tenants.access.passwords.ContextWordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600
SESSION_ENGINE = "tenants.access.session_store"
SESSION_COOKIE_NAME = "__Host-sid"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_DOMAIN = None
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_DOMAIN = None
CSRF_FAILURE_VIEW = "webapp.shared.errors.views.csrf_failure"

# Addresses and networks of proxies that are believed; everything else is judged by its socket.
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", default=[])
# The one header in which they name the visitor: X-Real-IP, X-Forwarded-For or Forwarded.
PROXY_ADDRESS_HEADER: str = env("PROXY_ADDRESS_HEADER", default="X-Real-IP")

# Headers
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_SSL_REDIRECT = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # our own headers say DENY, and the CSP forbids framing
    "staticfiles.W004",  # the web fonts' folder appears with build_typefaces
]
