"""Windows of time in words, as tabs have them."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from history.period import PERIODS


def period_words() -> dict[str, str]:
    """{period: its name in the reader's language}."""
    words = {
        "1w": _("1 week"),
        "1m": _("1 month"),
        "3m": _("3 months"),
        "6m": _("6 months"),
        "1y": _("1 year"),
        "5y": _("5 years"),
        "max": _("All years"),
    }
    return {period: words[period] for period in PERIODS}


def tabs(chosen: str, query: Callable[[str], str]) -> list[dict[str, Any]]:
    """A tab for each period: its name, the query string that asks for it, whether it is the one shown."""
    return [
        {"key": period, "label": label, "query": query(period), "is_chosen": period == chosen}
        for period, label in period_words().items()
    ]
