"""A laptop, with static files as production serves them: hashed names, kept for ever."""

from pathlib import Path

from config.environment import Environment
from config.settings.local import *
from config.settings.local import STORAGES

STATIC_ROOT = Path(Environment().text("E2E_STATIC"))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATIC_URL = Environment().text("E2E_STATIC_URL", "/static/")
WHITENOISE_USE_FINDERS = False
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
