"""The tests: on SQLite and process memory, or on the servers that TEST_STACK=services names."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

from config.environment import Environment

_env = Environment()
TEST_STACK = _env.one_of("TEST_STACK", ("embedded", "services"), "embedded")
TEST_MARIADB = _env.text("TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/currency")
TEST_REDIS = _env.text("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
if _env.text("SERVICES_MISSING", ""):
    TEST_STACK = "embedded"  # every test of that run is skipped, with what is missing as the reason
_scratch = Path(tempfile.mkdtemp(prefix="currency-tests-"))
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)

# Whatever the machine's environment says, tests read only what is set here: nothing that .env.example
# lists, and no credentials with which they could reach somebody's AWS.
_listed = re.findall(
    r"^# ([A-Z]\w+)=", (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8"), re.MULTILINE
)
_kept = {"DJANGO_SETTINGS_MODULE", "REQUIRE_SERVICES"}
for _name in list(os.environ):
    if _name in _kept or _name.startswith("TEST_"):
        continue
    if _name in _listed or _name.startswith(("AWS_", "KAFKA_", "LIMIT_", "PROVIDER_", "SQS_")):
        del os.environ[_name]
os.environ["DATABASE_URL"] = (
    f"sqlite:///{_scratch / 'db.sqlite3'}" if TEST_STACK == "embedded" else TEST_MARIADB
)
os.environ["CACHE_URL"] = "locmem://" if TEST_STACK == "embedded" else TEST_REDIS
os.environ["ARCHIVE_URL"] = f"file://{_scratch / 'archive'}"

from config.settings.base import *
from config.settings.base import DATABASES, PROBE_HOST

ENVIRONMENT = "test"
SECRET_KEY = "tests"
VISITOR_KEY = "tests"
ENCRYPTION_KEYS = ["dGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtdGVzdHMtMzI="]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", PROBE_HOST]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if TEST_STACK == "services":
    # Each of the test processes empties its own.
    CACHES["default"]["KEY_PREFIX"] = "currency-tests" + _env.text("PYTEST_XDIST_WORKER", "")
if TEST_STACK == "embedded":
    # A file, not shared memory: threads of one test need real locks.
    DATABASES["default"]["TEST"] = {"NAME": str(_scratch / "test.sqlite3")}
LOGGING = {"level": "WARNING", "format": "json"}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
