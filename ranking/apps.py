"""The app of selections and rankings."""

from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_save


def _rank_again(**_: Any) -> None:
    """A destination that is switched off leaves the rankings, or comes back, without a selection."""
    from ranking.announcing import announce

    transaction.on_commit(announce)


class RankingConfig(AppConfig):
    name = "ranking"

    def ready(self) -> None:
        post_save.connect(_rank_again, sender="currency.Destination")
