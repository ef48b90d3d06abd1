"""Values held back, and the operator's decision about each: release or drop, once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog

from config.commit import committed
from currency.models import ExchangeRate
from ingestor import notices
from ingestor.models import QuarantinedRate, State
from ingestor.published import Observation, PublishedRate
from ingestor.recording import Origin, is_same, write
from ingestor.screening import SMALLEST

log = structlog.get_logger(__name__)

#: What an operator's page does with the decided row, such as noting it: both or neither.
Along = Callable[[QuarantinedRate], None]


class AlreadyDecided(Exception):
    """This value was released or dropped before, or is not there."""


class Superseded(Exception):
    """A figure fetched after the held one is recorded for its fixing: releasing would bring back an older one."""


def hold(
    source: str, held: Sequence[tuple[Observation, Origin, str, dict[str, Any]]], *, now: datetime
) -> list[QuarantinedRate]:
    """Keep live values back: [(value, origin, reason, neighbours)]; the rows that are new.

    Call inside a transaction. A value held already, or decided upon, gets no second row, nor does
    one that stands in the answer twice.
    Raises: IntegrityError when another transaction held one of them meanwhile; start again then.
    """
    known: dict[tuple[str, datetime], list[Decimal]] = {}
    if held:
        rows = QuarantinedRate.objects.filter(
            source=source,
            currency_code__in={one.currency_code for one, *_ in held},
            recorded_at__in={one.recorded_at for one, *_ in held},
        )
        for code, recorded_at, rate in rows.values_list("currency_code", "recorded_at", "deal_base_rate"):
            known.setdefault((code, recorded_at), []).append(rate)
    added: list[QuarantinedRate] = []
    for one, origin, reason, neighbours in held:
        rate = one.deal_base_rate.quantize(SMALLEST)
        there = known.setdefault((one.currency_code, one.recorded_at), [])
        if any(is_same(other, rate) for other in there):
            continue
        there.append(rate)
        added.append(_row(source, one, origin, reason, neighbours, now))
    QuarantinedRate.objects.bulk_create(added)
    if added:
        notices.held(source, {row.rate_date for row in added}, now=now)
    return added


def _row(
    source: str, one: Observation, origin: Origin, reason: str, neighbours: dict[str, Any], now: datetime
) -> QuarantinedRate:
    return QuarantinedRate(
        source=source,
        currency_code=one.currency_code,
        recorded_at=one.recorded_at,
        rate_date=one.rate_date,
        deal_base_rate=one.deal_base_rate,
        tts=one.tts,
        ttb=one.ttb,
        published_base=one.published.base,
        published_quote=one.published.quote,
        published_unit=one.published.unit,
        published_rate=one.published.printed,
        fetched_at=origin.fetched_at,
        archive_key=origin.archive_key,
        reason=reason,
        neighbours=neighbours,
        held_at=now,
    )


def _nothing(row: QuarantinedRate) -> None:
    pass


def release(pk: int, *, by: str, note: str, now: datetime, along: Along = _nothing) -> None:
    """Record the value as an observation, as if it had never been held; `along` is done in its transaction.

    It corrects a figure of its fixing that was fetched before it, never one fetched after it.
    Raises: AlreadyDecided; Superseded, and then the value waits as before and can be dropped.
    """

    def work() -> QuarantinedRate:
        row = _decide(pk, State.RELEASED, by, note, now)
        _refuse_if_superseded(row)
        found = write(row.source, [(_observation(row), Origin(row.archive_key, row.fetched_at))])
        notices.held(row.source, {row.rate_date}, now=now)
        notices.recorded(row.source, found, now=now)
        along(row)
        return row

    _tell("rate_released", committed(work), by)


def _refuse_if_superseded(row: QuarantinedRate) -> None:
    newer = (
        ExchangeRate.objects.filter(
            currency_code=row.currency_code,
            source=row.source,
            recorded_at=row.recorded_at,
            fetched_at__gt=row.fetched_at,
        )
        .order_by("-revision")
        .first()
    )
    if newer is not None:
        raise Superseded(
            f"a newer figure of this fixing is recorded: {newer.deal_base_rate:f}, fetched "
            f"{newer.fetched_at:%Y-%m-%d %H:%M:%S} UTC; this one was fetched "
            f"{row.fetched_at:%Y-%m-%d %H:%M:%S} UTC and can only be dropped"
        )


def drop(pk: int, *, by: str, note: str, now: datetime, along: Along = _nothing) -> None:
    """Never publish the value; the row stays. `along` is done in its transaction. Raises: AlreadyDecided."""

    def work() -> QuarantinedRate:
        row = _decide(pk, State.DROPPED, by, note, now)
        notices.held(row.source, {row.rate_date}, now=now)
        along(row)
        return row

    _tell("rate_dropped", committed(work), by)


def _decide(pk: int, state: State, by: str, note: str, now: datetime) -> QuarantinedRate:
    waiting = QuarantinedRate.objects.filter(pk=pk, state=State.WAITING)
    if not waiting.update(state=state, decided_at=now, decided_by=by, note=note):
        raise AlreadyDecided("this value is decided upon already, or not there")
    return QuarantinedRate.objects.get(pk=pk)


def _observation(row: QuarantinedRate) -> Observation:
    return Observation(
        currency_code=row.currency_code,
        recorded_at=row.recorded_at,
        rate_date=row.rate_date,
        deal_base_rate=row.deal_base_rate,
        tts=row.tts,
        ttb=row.ttb,
        published=PublishedRate(
            base=row.published_base,
            quote=row.published_quote,
            unit=row.published_unit,
            rate=row.deal_base_rate,
            printed=row.published_rate,
            rate_date=row.rate_date,
        ),
    )


def _tell(event: str, row: QuarantinedRate, by: str) -> None:
    log.info(event, provider=row.source, currency=row.currency_code, rate_date=str(row.rate_date), by=by)
