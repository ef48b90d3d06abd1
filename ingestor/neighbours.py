"""What stands beside a live value: the provider's own recent values, and the other providers' newest.

Where a value moved, also what the others had held back of late: the first provider to tell of a
devaluation is held, and those that agree with it are not, or nobody could ever confirm anybody.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from currency.models import ExchangeRate, LatestRate
from currency.schedule import LOOK_BACK
from ingestor.models import QuarantinedRate, State
from ingestor.published import Observation
from ingestor.screening import JUMP, Known, Neighbours, oldest_wanted

#: How many own values an operator is shown beside one held back.
SHOWN = 5


def around(source: str, observations: Sequence[Observation]) -> dict[str, Neighbours]:
    """{currency: neighbours} for screening. One query for a calm new day.

    A value within 10 % of the provider's newest is no suspect whatever the deviation, so the 60
    days behind it are read only for the others: a second query. A third one, only where a value
    moved by more than that from the one before it, reads what other providers' values wait.
    """
    codes = sorted({one.currency_code for one in observations})
    newest: dict[str, dict[str, Known]] = {code: {} for code in codes}
    for row in LatestRate.objects.filter(currency_code__in=codes):
        newest[row.currency_code][row.source] = Known(row.recorded_at, row.rate_date, row.deal_base_rate)
    own = {code: known.pop(source, None) for code, known in newest.items()}
    restless = [one for one in observations if _needs_history(one, own[one.currency_code])]
    recent = _recent(source, restless)
    quiet = {code: [known] for code, known in own.items() if known is not None}
    before = {code: recent.get(code, quiet.get(code, [])) for code in codes}
    waiting = _waiting(source, _moved(observations, before))
    return {code: Neighbours(before[code], newest[code], waiting.get(code, ())) for code in codes}


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


def _moved(observations: Iterable[Observation], before: Mapping[str, Sequence[Known]]) -> list[Observation]:
    """The values of every currency that moved by more than 10 % from one value to the next."""
    answers: dict[str, list[Observation]] = {}
    for one in observations:
        if one.deal_base_rate.is_finite() and one.deal_base_rate > 0:
            answers.setdefault(one.currency_code, []).append(one)
    moved: list[Observation] = []
    for code, answer in answers.items():
        start = min(one.recorded_at for one in answer)
        known = [(value.recorded_at, value.rate) for value in before[code]]
        # Sorting is stable: a figure in force comes before the correction of it.
        steps = sorted([*known, *((one.recorded_at, one.deal_base_rate) for one in answer)], key=_instant)
        if any(at >= start and abs(rate / last - 1) > JUMP for (_, last), (at, rate) in pairwise(steps)):
            moved += answer
    return moved


def _instant(step: tuple[datetime, Decimal]) -> datetime:
    return step[0]


def _waiting(source: str, observations: Sequence[Observation]) -> dict[str, list[Known]]:
    """{currency: other providers' values that wait for an operator}, of about the days of these values."""
    if not observations:
        return {}
    days = [one.rate_date for one in observations]
    rows = QuarantinedRate.objects.filter(
        state=State.WAITING,
        currency_code__in=sorted({one.currency_code for one in observations}),
        rate_date__range=(min(days) - LOOK_BACK, max(days) + LOOK_BACK),
    ).exclude(source=source)
    found: dict[str, list[Known]] = {}
    for code, recorded_at, rate_date, rate in rows.values_list(
        "currency_code", "recorded_at", "rate_date", "deal_base_rate"
    ):
        found.setdefault(code, []).append(Known(recorded_at, rate_date, rate))
    return found


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
