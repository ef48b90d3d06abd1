"""The public record of corrections and incidents, written by the transactions that make them true.

Every function here belongs into the transaction of what it tells of, and may come a second time: the
same thing told again is the same notice, and one that says nothing new is not touched. Files shipped
with a package tell nothing: nobody was shown another figure than theirs.

`facts` by kind; days are ISO dates in the provider's zone, rates KRW for one unit, as text:

    correction        count, first, last (days), values: [{currency, day, figure, old, new}], the newest days
    price_correction  count, first, last (days), values: [{country, item, day, currency, old, new}]
    held              day, values: {currency: waiting | released | arrived | dropped}
    outage            newest (the last day we have), missed (the first day we have not), due_at (UTC),
                      and once it is over `end`: data | unasked
    override          currency, rate, until (UTC); why an operator set it is the operators' own affair
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from config.cache import generation
from currency.models import ExchangeRate, LatestRate, Provider
from currency.rate_override import RateOverride
from currency.schedule import SEOUL, due_at, is_stale, publishes_on
from ingestor.models import QuarantinedRate, State
from ingestor.notice import Kind, Notice
from ingestor.price_recording import PriceCorrection
from ingestor.recording import Comparison

#: Corrections told one by one; of more there is the count.
DETAILS = 20

Facts = Mapping[str, Any]


def publish(
    *,
    kind: Kind,
    subject: str,
    facts: Facts,
    now: datetime,
    source: str = "",
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> Notice:
    """The notice about `subject`, saying `facts` from now on.

    `subject` names what happened, such as "override:17": told again with other facts, or with its
    end, it is the same notice. `started_at` is `now` unless it is told, and stays what it first was.
    Call inside a transaction. Raises: IntegrityError where another transaction told of it first and
    this one did not see it; `config.commit.committed` starts again then.
    """
    notice = Notice.objects.select_for_update().filter(subject=subject).first()
    began_at = notice.started_at if notice is not None else started_at or now
    if ended_at is not None:
        ended_at = max(ended_at, began_at)  # clocks of two machines differ
    is_open_outage = kind == Kind.OUTAGE and ended_at is None
    told = {
        "facts": dict(facts),
        "ended_at": ended_at,
        "open_outage_of": source if is_open_outage else None,
    }
    if notice is None:
        notice = Notice.objects.create(
            kind=kind,
            source=source,
            subject=subject,
            started_at=began_at,
            updated_at=now,
            **told,
        )
    elif all(getattr(notice, name) == value for name, value in told.items()):
        return notice
    else:
        for name, value in told.items():
            setattr(notice, name, value)
        notice.updated_at = now
        notice.save(update_fields=[*told, "updated_at"])
    transaction.on_commit(generation.move_on)
    return notice


def newest(count: int) -> list[Notice]:
    """The last notices, by when they began. One query."""
    return list(Notice.objects.all()[:count])


def last_changed(count: int) -> list[Notice]:
    """The notices that last began, changed or ended: what a feed tells. One query."""
    return list(Notice.objects.order_by("-updated_at", "-pk")[:count])


# --- corrections ----------------------------------------------------------------------------------


def _corrected(kind: Kind, source: str, corrections: Sequence[Facts], *, now: datetime) -> None:
    """Tell that a source changed figures: one notice a source and Seoul day, however many runs found them."""
    if not corrections:
        return
    subject = f"{kind}:{source}:{now.astimezone(SEOUL).date()}"
    # Locked, because an operator's release may tell of the same source at the same time.
    gathered = Notice.objects.select_for_update().filter(subject=subject)
    before: Facts = gathered.values_list("facts", flat=True).first() or {}
    values = [*corrections, *before.get("values", ())]
    values.sort(key=lambda value: value["day"], reverse=True)  # stable: the later correction first
    days = [value["day"] for value in corrections]
    facts = {
        "count": before.get("count", 0) + len(corrections),
        "first": min([*days, before["first"]] if before else days),
        "last": max([*days, before["last"]] if before else days),
        "values": values[:DETAILS],
    }
    publish(kind=kind, subject=subject, facts=facts, now=now, source=source)


# --- values held back -----------------------------------------------------------------------------


def held(source: str, days: Collection[date], *, now: datetime) -> None:
    """Bring the notices of these rate dates in line with what is held, decided and recorded by now.

    A value held back beside a figure that is there already is nobody's loss, and not told. Three
    queries, or one where nothing was ever held.
    """
    rows = list(
        QuarantinedRate.objects.filter(source=source, rate_date__in=days).values_list(
            "rate_date", "currency_code", "state"
        )
    )
    if not rows:
        return
    recorded = set(
        ExchangeRate.objects.of(sorted({code for _, code, _ in rows}))
        .published_between(min(days), max(days))
        .filter(source=source)
        .values_list("rate_date", "currency_code")
    )
    subjects = {day: f"{Kind.HELD}:{source}:{day}" for day, _, _ in rows}
    told: dict[str, Facts] = dict(
        Notice.objects.filter(subject__in=subjects.values()).values_list("subject", "facts")
    )
    for day, subject in sorted(subjects.items()):
        decisions: dict[str, set[str]] = {}
        for _, code, state in filter(lambda row: row[0] == day, rows):
            decisions.setdefault(code, set()).add(state)
        before: Mapping[str, str] = told.get(subject, {}).get("values", {})
        values = {
            code: _became(states, is_recorded=(day, code) in recorded)
            for code, states in sorted(decisions.items())
            if code in before or (day, code) not in recorded
        }
        if not values:
            continue
        publish(
            kind=Kind.HELD,
            subject=subject,
            facts={"day": str(day), "values": values},
            now=now,
            source=source,
            ended_at=None if State.WAITING in values.values() else _end(subject, now),
        )


def _became(states: Collection[str], *, is_recorded: bool) -> str:
    """What became of the value of a currency and day: `arrived` is one that came without an operator."""
    if is_recorded:
        return str(State.RELEASED) if State.RELEASED in states else "arrived"
    return str(State.WAITING if State.WAITING in states else State.DROPPED)


def _end(subject: str, now: datetime) -> datetime:
    """When the notice ended, if it has: that does not move when more becomes known."""
    ended: datetime | None = Notice.objects.filter(subject=subject).values_list("ended_at", flat=True).first()
    return ended or now


# --- outages --------------------------------------------------------------------------------------


def outage(provider: Provider, *, have: date, now: datetime) -> None:
    """Tell that the day after `have`, the newest we have, did not arrive in time.

    There is one open notice a provider, however late it gets.
    """
    if Notice.objects.filter(open_outage_of=provider.key).exists():
        return
    missed = have + timedelta(days=1)
    while not publishes_on(provider.calendar, missed):
        missed += timedelta(days=1)
    publish(
        kind=Kind.OUTAGE,
        subject=f"{Kind.OUTAGE}:{provider.key}:{missed}",
        facts={
            "newest": str(have),
            "missed": str(missed),
            "due_at": due_at(provider, missed).isoformat(),
        },
        now=now,
        source=provider.key,
    )


def outage_over(source: str, *, end: str, now: datetime) -> None:
    """End the open outage of a source, if there is one: `end` is "data", or "unasked" when nobody waits for it."""
    open_one = Notice.objects.filter(open_outage_of=source).first()
    if open_one is not None:
        publish(
            kind=Kind.OUTAGE,
            subject=open_one.subject,
            facts={**open_one.facts, "end": end},
            now=now,
            source=source,
            ended_at=now,
        )


def open_outages() -> list[str]:
    """The sources whose outage is not over. One query."""
    return list(Notice.objects.filter(open_outage_of__isnull=False).values_list("source", flat=True))


# --- rates set by hand ----------------------------------------------------------------------------


def overridden(one: RateOverride, *, now: datetime) -> None:
    """Tell that an operator set a rate, or ended it before its time; it expires without another call."""
    publish(
        kind=Kind.OVERRIDE,
        subject=f"{Kind.OVERRIDE}:{one.pk}",
        facts={
            "currency": one.currency_code,
            "rate": text(one.rate),
            "until": one.expires_at.isoformat(),
        },
        now=now,
        started_at=one.set_at,
        ended_at=one.ended_at,
    )


# --- what recording sets off ----------------------------------------------------------------------


def recorded(source: str, found: Comparison, *, now: datetime) -> None:
    """Rates of a provider were recorded: tell what they correct, and what is not missing any more.

    Two queries where nothing was amiss, none where nothing was written.
    """
    _corrected(
        Kind.CORRECTION,
        source,
        [
            {
                "currency": one.currency_code,
                "day": str(one.rate_date),
                "figure": one.figure,
                "old": text(one.old),
                "new": text(one.new),
            }
            for one in found.corrections
        ],
        now=now,
    )
    days = {one.rate_date for one, _, _ in found.additions}
    if not days:
        return
    subjects = tuple(f"{Kind.HELD}:{source}:{day}" for day in (min(days), max(days)))
    amiss = Notice.objects.filter(source=source, kind=Kind.HELD, subject__range=subjects)
    if missed := days & {date.fromisoformat(facts["day"]) for facts in amiss.values_list("facts", flat=True)}:
        held(source, missed, now=now)
    if source in open_outages() and not _is_overdue(source, now):
        outage_over(source, end="data", now=now)


def prices_recorded(source: str, corrections: Iterable[PriceCorrection], *, now: datetime) -> None:
    """Prices of a source were recorded: tell what they correct."""
    _corrected(
        Kind.PRICE_CORRECTION,
        source,
        [
            {
                "country": one.country_code,
                "item": one.item,
                "day": str(one.observed_on),
                "currency": one.currency_code,
                "old": text(one.old),
                "new": text(one.new),
            }
            for one in corrections
        ],
        now=now,
    )


def text(figure: Decimal) -> str:
    """As facts keep it: every digit that says something."""
    return f"{figure.normalize():f}"


def _is_overdue(source: str, now: datetime) -> bool:
    provider = Provider.objects.get(key=source)
    have = LatestRate.objects.filter(source=source).aggregate(day=Max("rate_date"))["day"]
    return have is None or is_stale(provider, have, now)
