"""Values held back, and the operator's decision about each: release or drop, once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog

from ingestor.commit import committed
from ingestor.models import QuarantinedRate, State
from ingestor.published import Observation, PublishedRate
from ingestor.recording import Origin, is_same, write

log = structlog.get_logger(__name__)


class AlreadyDecided(Exception):
    """This value was released or dropped before, or is not there."""


def hold(
    source: str, held: Sequence[tuple[Observation, Origin, str, dict[str, Any]]], *, now: datetime
) -> list[QuarantinedRate]:
    """Keep live values back: [(value, origin, reason, neighbours)]; the rows that are new.

    Call inside a transaction. A value held already, or decided upon, gets no second row.
    Raises: IntegrityError when another transaction held one of them meanwhile; start again then.
    """
    known: dict[tuple[str, datetime], list[Any]] = {}
    if held:
        rows = QuarantinedRate.objects.filter(
            source=source,
            currency_code__in={one.currency_code for one, *_ in held},
            recorded_at__in={one.recorded_at for one, *_ in held},
        )
        for code, recorded_at, rate in rows.values_list("currency_code", "recorded_at", "deal_base_rate"):
            known.setdefault((code, recorded_at), []).append(rate)
    added = [
        _row(source, one, origin, reason, neighbours, now)
        for one, origin, reason, neighbours in held
        if not any(
            is_same(rate, one.deal_base_rate.quantize(rate))
            for rate in known.get((one.currency_code, one.recorded_at), ())
        )
    ]
    QuarantinedRate.objects.bulk_create(added)
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


def release(pk: int, *, by: str, note: str, now: datetime) -> None:
    """Record the value as an observation, as if it had never been held. Raises: AlreadyDecided."""

    def work() -> QuarantinedRate:
        row = _decide(pk, State.RELEASED, by, note, now)
        write(row.source, [(_observation(row), Origin(row.archive_key, row.fetched_at))])
        return row

    _tell("rate_released", committed(work), by)


def drop(pk: int, *, by: str, note: str, now: datetime) -> None:
    """Never publish the value; the row stays. Raises: AlreadyDecided."""
    _tell("rate_dropped", committed(lambda: _decide(pk, State.DROPPED, by, note, now)), by)


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
