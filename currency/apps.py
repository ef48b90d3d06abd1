"""Currencies, destinations and payment channels, filled after every migrate."""

from typing import Any

from django.apps import AppConfig, apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate, post_save


def _fill(using: str, apps: Apps = apps, **_: Any) -> None:
    if using == "default":
        from currency import catalog, channels

        catalog.fill_tables()
        # A way back to a release before these tables ends here as well.
        if "paymentchannel" in apps.all_models["currency"]:
            channels.fill_tables()


class CurrencyConfig(AppConfig):
    name = "currency"

    def ready(self) -> None:
        from currency import destinations, listing

        post_migrate.connect(_fill, sender=self)
        # Before whoever else listens, and asks which destinations are active now.
        post_save.connect(destinations.forget, sender="currency.Destination")
        post_save.connect(listing.forget, sender="currency.Currency")
