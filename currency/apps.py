"""Currencies and destinations, filled from CLDR after every migrate."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save


def _fill(using: str, **_: Any) -> None:
    if using == "default":
        from currency.catalog import fill_tables

        fill_tables()


class CurrencyConfig(AppConfig):
    name = "currency"

    def ready(self) -> None:
        from currency import destinations

        post_migrate.connect(_fill, sender=self)
        # Before whoever else listens, and asks which destinations are active now.
        post_save.connect(destinations.forget, sender="currency.Destination")
