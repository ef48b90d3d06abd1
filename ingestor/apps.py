"""How data gets in; the providers' identities are written to the database after every migrate."""

from datetime import datetime
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


def _fill(using: str, **_: Any) -> None:
    if using == "default":
        from ingestor.registry import fill_table

        fill_table()


def _put_on_record(override: Any, now: datetime, **_: Any) -> None:
    """A rate that an operator has set, in the transaction that sets it."""
    from ingestor import notices

    notices.overridden(override, now=now)


class IngestorConfig(AppConfig):
    name = "ingestor"

    def ready(self) -> None:
        from currency.signals import rate_overridden
        from ingestor.checks import providers_are_known

        post_migrate.connect(_fill, sender=self)
        rate_overridden.connect(_put_on_record)
        checks.register(providers_are_known)
