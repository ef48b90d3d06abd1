"""What others are told of rates; docs/events.md. Rates are KRW for one unit, as texts that keep every digit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from config.api.envelope import instant
from config.events.event import Event, event
from currency.catalog import KRW
from currency.rate_override import RateOverride

#: Rates of one event: a day's run has one or a few, a year of history has them all. About 300 bytes each.
_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One figure of one provider, as it was recorded; `revision` 1 and up is a correction."""

    currency_code: str
    rate_date: date
    recorded_at: datetime
    revision: int
    deal_base_rate: Decimal
    tts: Decimal | None
    ttb: Decimal | None
    published: dict[str, Any]


def recorded(provider: str, figures: Iterable[Told]) -> Iterator[Event]:
    """What a provider has published and what it has corrected: of each currency in the order of the fixings,
    a correction behind what it corrects.
    """
    ordered = sorted(figures, key=lambda one: (*_kind(one), one.recorded_at, one.revision))
    for (code, is_correction), several in groupby(ordered, key=_kind):
        kind, found = "rates.corrected" if is_correction else "rates.published", list(several)
        for start in range(0, len(found), _AT_ONCE):
            data = {
                "provider": provider,
                "base": code,
                "quote": KRW,
                "rates": [_rate(one) for one in found[start : start + _AT_ONCE]],
            }
            yield event(kind, key=_key(provider, code), data=data)


def overridden(override: RateOverride) -> Iterator[Event]:
    """That operators have set a rate, or ended one. That one expires is told when it is set, and not again."""
    code = override.currency_code
    data = {
        "base": code,
        "quote": KRW,
        "state": "set" if override.ended_at is None else "ended",
        "deal_base_rate": _text(override.rate),
        "set_at": instant(override.set_at),
        "expires_at": instant(override.expires_at),
        "ended_at": None if override.ended_at is None else instant(override.ended_at),
    }
    yield event("rates.overridden", key=_key("operator", code), data=data)


def _kind(one: Told) -> tuple[str, bool]:
    return one.currency_code, one.revision > 0


def _key(provider: str, code: str) -> str:
    return f"{provider}:{code}/{KRW}"


def _rate(one: Told) -> dict[str, Any]:
    return {
        "rate_date": one.rate_date.isoformat(),
        "recorded_at": instant(one.recorded_at),
        "revision": one.revision,
        "deal_base_rate": _text(one.deal_base_rate),
        "tts": None if one.tts is None else _text(one.tts),
        "ttb": None if one.ttb is None else _text(one.ttb),
        "published": one.published,
    }


def _text(rate: Decimal) -> str:
    """Without zeros that say nothing."""
    return f"{rate.normalize():f}"
