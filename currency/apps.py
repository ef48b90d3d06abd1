"""Currencies and destinations, filled from CLDR after every migrate."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _fill(using: str, **_: Any) -> None:
    if using == "default":
        from currency.catalog import fill_tables

        fill_tables()


class CurrencyConfig(AppConfig):
    name = "currency"

    def ready(self) -> None:
        post_migrate.connect(_fill, sender=self)
