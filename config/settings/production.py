"""Production: nothing has a default that would be wrong there."""

from config.environment import refuse
from config.settings import parameters

# Before the base settings read the environment.
parameters.take()

from config.settings.base import *
from config.settings.base import CACHE_IS_SHARED, DATABASES, PROBE_HOST, env

ENVIRONMENT = env.one_of("ENVIRONMENT", ("production", "staging"), "production")
SECRET_KEY = env.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = [*env.words("ALLOWED_HOSTS"), PROBE_HOST]
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    refuse("DATABASE_URL", "is missing, expected mysql://user:password@host:port/name")
if not CACHE_IS_SHARED:
    # Limits, locks and generations would differ from process to process.
    refuse("CACHE_URL", "is missing, expected rediss://host:port/number")

# Personal data is readable for as long as these are: they have no default to fall back to.
ENCRYPTION_KEYS = env.encryption_keys("ENCRYPTION_KEYS")
VISITOR_KEY = env.text("VISITOR_KEY")

SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", True)
# Probes speak plain HTTP inside the cluster, and count a redirect as health.
SECURE_REDIRECT_EXEMPT = [r"^health", r"^version$"]
# Only where the proxy overwrites the header: the EKS ingress does, API Gateway needs none.
if env.flag("PROXY_SETS_FORWARDED_PROTO", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# Browsers take these names from this host alone, over TLS alone: no neighbouring host can plant one.
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"

METRICS = env.one_of("METRICS", ("off", "emf"), "emf")

# Static files come from a bucket behind a CDN, where there is one; else from here (whitenoise).
if _bucket := env.text("STATIC_BUCKET", ""):
    STATIC_URL = f"{env.address('STATIC_URL')}/"
    STORAGES = {
        **STORAGES,
        "staticfiles": {
            "BACKEND": "config.static_files.StaticFilesInBucket",
            "OPTIONS": {"bucket": _bucket},
        },
    }
    MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("whitenoise.")]
