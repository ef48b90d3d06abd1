"""A laptop: SQLite, process memory, local folders, nothing to install."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

from config.environment import Environment

# Before the base settings read the environment.
Environment().read_file(Path(__file__).resolve().parent.parent.parent / ".env")

from config.settings.base import *
from config.settings.base import PROBE_HOST, env

ENVIRONMENT = "local"
DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY", "only-for-this-laptop-production-refuses-to-start-without-its-own")
ALLOWED_HOSTS = [*env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"]), PROBE_HOST]
VISITOR_KEY = env.text("VISITOR_KEY", SECRET_KEY)
# 32 bytes of this laptop's own secret, so that nothing has to be set up.
_key = urlsafe_b64encode(sha256(SECRET_KEY.encode()).digest()).decode()
ENCRYPTION_KEYS = env.encryption_keys("ENCRYPTION_KEYS", [_key])
LOG_FORMAT = env.one_of("LOG_FORMAT", ("json", "console"), "console")
LOGGING = {
    "level": env.one_of("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
    "format": LOG_FORMAT,
}

# Static files straight from the packages, so that `runserver` alone shows the documentation page.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

STATIC_ROOT.mkdir(parents=True, exist_ok=True)
