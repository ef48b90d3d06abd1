"""`manage.py check --deploy` on the production settings, with an environment such as production's."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

from tests.everything import driver

ROOT = Path(__file__).resolve().parent.parent

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ALLOWED_HOSTS": "api.example.org",
    "DATABASE_URL": "mysql://app:secret@db.example.org:3306/currency",
    "CACHE_URL": "rediss://cache.example.org:6379/0",
    "ARCHIVE_URL": "s3://currency-data-backup/production",
    "CELERY_BROKER_URL": "sqs://",
    "SQS_QUEUE_BASE_URL": "https://sqs.ap-northeast-2.amazonaws.com/123456789012",
    "SELECTION_STORE": "dynamodb",
    "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "VISITOR_KEY": secrets.token_urlsafe(48),
}

# The database checks would connect; what is asked here is whether the settings are safe.
CHECK = """
import django, sys
django.setup()
from django.core.management import call_command
call_command("check", deploy=True, fail_level="WARNING")
"""


def main() -> int:
    if missing := driver():
        # Django loads the production database's driver to check the models.
        print(f"The deployment check did not run: {missing}.")
        return int(os.environ.get("REQUIRE_SERVICES") == "1")
    return subprocess.call([sys.executable, "-c", CHECK], cwd=ROOT, env={**os.environ, **ENVIRONMENT})


if __name__ == "__main__":
    sys.exit(main())
