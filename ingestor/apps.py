"""How data gets in; the providers' identities are written to the database after every migrate."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


def _fill(using: str, **_: Any) -> None:
    if using == "default":
        from ingestor.registry import fill_table

        fill_table()


class IngestorConfig(AppConfig):
    name = "ingestor"

    def ready(self) -> None:
        from ingestor.checks import providers_are_known

        post_migrate.connect(_fill, sender=self)
        checks.register(providers_are_known)
