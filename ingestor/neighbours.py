"""What stands beside a live value: the provider's own recent values, and the other providers' newest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from currency.models import ExchangeRate, LatestRate
from ingestor.published import Observation
from ingestor.screening import JUMP, Known, Neighbours, oldest_wanted

#: How many own values an operator is shown beside one held back.
SHOWN = 5


def around(source: str, observations: Sequence[Observation]) -> dict[str, Neighbours]:
    """{currency: neighbours} for screening. One query; a second one only where something moved.

    A value within 10 % of the provider's newest is no suspect whatever the deviation, so the 60
    days behind it are read only for the others.
    """
    codes = sorted({one.currency_code for one in observations})
    newest: dict[str, dict[str, Known]] = {code: {} for code in codes}
    for row in LatestRate.objects.filter(currency_code__in=codes):
        newest[row.currency_code][row.source] = Known(row.recorded_at, row.rate_date, row.deal_base_rate)
    own = {code: known.pop(source, None) for code, known in newest.items()}
    restless = [one for one in observations if _needs_history(one, own[one.currency_code])]
    recent = _recent(source, restless)
    quiet = {code: [known] for code, known in own.items() if known is not None}
    return {code: Neighbours(recent.get(code, quiet.get(code, [])), newest[code]) for code in codes}


def _needs_history(one: Observation, known: Known | None) -> bool:
    if known is None or not one.deal_base_rate.is_finite():
        return False
    return one.recorded_at < known.recorded_at or abs(one.deal_base_rate / known.rate - 1) > JUMP


def _recent(source: str, observations: Sequence[Observation]) -> dict[str, list[Known]]:
    """{currency: values in force, oldest first}, from 60 returns before these values up to the newest of them."""
    since = oldest_wanted(observations)
    if since is None:
        return {}
    rows = (
        ExchangeRate.objects.filter(
            currency_code__in=sorted({one.currency_code for one in observations}),
            source=source,
            recorded_at__range=(since, max(one.recorded_at for one in observations)),
        )
        .order_by("recorded_at", "revision")
        .values_list("currency_code", "recorded_at", "rate_date", "deal_base_rate")
    )
    found: dict[str, dict[datetime, Known]] = {}
    for code, recorded_at, rate_date, rate in rows:
        found.setdefault(code, {})[recorded_at] = Known(recorded_at, rate_date, rate)
    return {code: list(values.values()) for code, values in found.items()}


def as_told(one: Observation, neighbours: Neighbours) -> dict[str, Any]:
    """The neighbours of one value in JSON, for the operator who decides."""
    before = [known for known in neighbours.recent if known.recorded_at <= one.recorded_at]
    return {
        "recent": [[known.rate_date.isoformat(), f"{known.rate:f}"] for known in before[-SHOWN:]],
        "others": {
            source: [known.rate_date.isoformat(), f"{known.rate:f}"]
            for source, known in sorted(neighbours.others.items())
        },
    }
