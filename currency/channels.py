"""Ways of paying abroad and their terms: rows that operators edit, filled first from `channel_data.toml`."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Prefetch

from currency.models import ChannelTerms, PaymentChannel

_DATA = Path(__file__).parent / "channel_data.toml"


@dataclass(frozen=True, slots=True)
class Channel:
    """An active channel, and its terms for one currency; None where we hold none."""

    key: str
    name_ko: str
    name_en: str
    kind: str
    takes_discount: bool
    terms: ChannelTerms | None


def channels_for(code: str) -> list[Channel]:
    """Active channels in display order with their terms for `code`: its own, else those for every
    other currency. Two queries."""
    known = ChannelTerms.objects.filter(currency_code__in=[code, ""]).order_by("-currency_code")
    rows = PaymentChannel.objects.filter(is_active=True).prefetch_related(
        Prefetch("terms", queryset=known, to_attr="known_terms")
    )
    return [
        Channel(
            row.key, row.name_ko, row.name_en, row.kind, row.takes_discount, next(iter(row.known_terms), None)
        )
        for row in rows
    ]


def is_old(as_of: date, today: date) -> bool:
    """Whether terms were last seen more than twelve months ago."""
    return (today.year - 1, today.month, today.day) > (as_of.year, as_of.month, as_of.day)


@lru_cache(maxsize=1)
def shipped() -> dict[str, Any]:
    """The shipped data: `sources` by key, `channels` with their `terms`; figures are Decimals."""
    return tomllib.loads(_DATA.read_text(), parse_float=Decimal)


def fill_tables() -> None:
    """Add channels and terms that are missing; what operators changed stays.

    What was deleted comes back with the next migrate: a channel nobody wants is switched off.
    """
    data = shipped()
    channels = [_channel(row, order) for order, row in enumerate(data["channels"], start=1)]
    present = set(PaymentChannel.objects.values_list("key", flat=True))
    PaymentChannel.objects.bulk_create(channel for channel in channels if channel.key not in present)
    held = set(ChannelTerms.objects.values_list("channel_id", "currency_code"))
    ChannelTerms.objects.bulk_create(
        ChannelTerms(channel_id=row["key"], **_terms(terms, data["sources"]))
        for row in data["channels"]
        for terms in row["terms"]
        if (row["key"], terms["currency"]) not in held
    )


def _channel(row: dict[str, Any], order: int) -> PaymentChannel:
    return PaymentChannel(
        key=row["key"],
        name_ko=row["name_ko"],
        name_en=row["name_en"],
        kind=row["kind"],
        takes_discount=row["takes_discount"],
        display_order=order,
    )


def _terms(row: dict[str, Any], sources: dict[str, Any]) -> dict[str, Any]:
    source = sources[row["source"]]
    return {
        "currency_code": row["currency"],
        "buy_spread_percent": row["buy"],
        "sell_spread_percent": row.get("sell"),
        "discount_percent": row.get("discount", 0),
        "fee_percent": row.get("fee_percent", 0),
        "fee_fixed": row.get("fee_fixed", 0),
        "fee_currency": row.get("fee_currency", ""),
        "source_name": source["name"],
        "source_url": source["url"],
        "as_of": source["as_of"],
    }
