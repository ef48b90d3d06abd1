"""How collection from each source stands: what an operator wants to know before anything else."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.utils.translation import get_language
from django_celery_beat.models import PeriodicTask

from currency.models import LatestRate, Provider
from currency.schedule import expected_date, publishes_on
from ingestor import registry
from ingestor.circuit import REST
from ingestor.circuit_state import ProviderCircuit
from ingestor.due import answered, next_ask
from ingestor.models import Backfill, BackfillState, CollectionLog, Lease, Outcome

#: What the strip of outcomes shows.
WINDOW = timedelta(hours=24)

_SHOWN = ("id", "provider", "first_date", "last_date", "next_date", "state")

#: The words of a state, the worst first. `off`: an operator has disabled it; `unconfigured`: it has no key;
#: `empty`: nothing was ever collected; `resting`: its circuit is open; `failing`: its last run failed;
#: `late`: a publication is missed.
WORDS = ("resting", "failing", "late", "empty", "well", "unconfigured", "off")


@dataclass(frozen=True, slots=True)
class Run:
    """One line of the log. Instants are UTC."""

    pk: int
    started_at: datetime
    outcome: str
    trigger: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderState:
    """Instants are UTC, days the provider's. `missed` counts publications that ought to be here.

    `next_ask_at` is None where the schedule does not ask: switched off, or without a key. `backfill` is
    the newest that is running or stopped; of its columns only `_SHOWN` are read.
    """

    key: str
    name: str
    word: str
    newest: date | None
    expected: date
    missed: int
    last: Run | None
    success: Run | None
    next_ask_at: datetime | None
    circuit: str
    rests_until: datetime | None
    is_collecting: bool
    has_history: bool
    backfill: Backfill | None
    runs: list[Run] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceState:
    """A source of prices; it has no calendar, so nothing of it is missed."""

    key: str
    name: str
    word: str
    last: Run | None


def standing(now: datetime) -> tuple[list[ProviderState], list[PriceState]]:
    """Providers in order of belief, then sources of prices. Two queries."""
    rows = list(_providers(now))
    prices = registry.price_profiles()
    wanted = {pk for row in rows for pk in (row.last_pk, row.success_pk)}
    wanted |= {getattr(row, _of_price(key)) for row in rows for key in prices}
    logs = CollectionLog.objects.filter(Q(pk__in=wanted - {None}) | Q(started_at__gte=now - WINDOW)).order_by(
        "started_at", "pk"
    )
    runs: dict[int, Run] = {}
    recent: dict[str, list[Run]] = {}
    columns = ("pk", "provider", "started_at", "outcome", "trigger", "error")
    for pk, key, started_at, outcome, trigger, error in logs.values_list(*columns):
        runs[pk] = run = Run(pk, started_at, outcome, trigger, error)
        if run.started_at >= now - WINDOW:
            recent.setdefault(key, []).append(run)
    known = registry.profiles()
    states = [_state(row, runs, recent.get(row.key, []), now) for row in rows if row.key in known]
    last_of = {key: getattr(rows[0], _of_price(key)) for key in prices} if rows else {}
    return states, [_price_state(key, runs.get(last_of.get(key, 0))) for key in prices]


def _providers(now: datetime) -> Iterable[Any]:
    newest = LatestRate.objects.filter(source=OuterRef("key")).order_by().values("source")
    runs = CollectionLog.objects.filter(provider=OuterRef("key")).order_by("-started_at", "-pk").values("pk")
    circuit = ProviderCircuit.objects.filter(key=OuterRef("key"))
    held = Lease.objects.filter(provider=OuterRef("key"), expires_at__gt=now).exclude(holder="")
    is_open = (BackfillState.RUNNING, BackfillState.STOPPED)
    backfill = Backfill.objects.filter(provider=OuterRef("key"), state__in=is_open).order_by(
        "-asked_at", "-pk"
    )
    schedule = PeriodicTask.objects.filter(name=Concat(Value("collect "), OuterRef("key")), enabled=True)
    of_prices = {
        _of_price(key): Subquery(
            CollectionLog.objects.filter(provider=key).order_by("-started_at", "-pk").values("pk")[:1]
        )
        for key in registry.price_profiles()
    }
    return Provider.objects.annotate(
        newest=Subquery(newest.annotate(day=Max("rate_date")).values("day")),
        last_pk=Subquery(runs[:1]),
        success_pk=Subquery(runs.filter(outcome__in=(Outcome.DATA, Outcome.NO_DATA))[:1]),
        asked_at=Subquery(answered(OuterRef("key")).values("ended_at")[:1]),
        circuit=Subquery(circuit.values("state")[:1]),
        opened_at=Subquery(circuit.values("opened_at")[:1]),
        is_collecting=Exists(held),
        is_scheduled=Exists(schedule),
        **{f"backfill_{name}": Subquery(backfill.values(name)[:1]) for name in _SHOWN},
        **of_prices,
    )


def _of_price(key: str) -> str:
    return f"last_of_{key}"


def _state(row: Any, runs: dict[int, Run], recent: list[Run], now: datetime) -> ProviderState:
    expected = expected_date(row, now)
    missed = 0 if row.newest is None else _publications(row.calendar, row.newest, expected)
    last = runs.get(row.last_pk)
    circuit = row.circuit or "closed"
    is_asked = row.is_enabled and registry.is_configured(row.key)
    return ProviderState(
        key=row.key,
        name=row.name_ko if get_language() == "ko" else row.name_en,
        word=_word(row, last, circuit, missed),
        newest=row.newest,
        expected=expected,
        missed=missed,
        last=last,
        success=runs.get(row.success_pk),
        next_ask_at=next_ask(row, newest=row.newest, asked_at=row.asked_at, now=now)
        if is_asked and row.is_scheduled
        else None,
        circuit=circuit,
        rests_until=row.opened_at + REST if circuit == "open" and row.opened_at else None,
        is_collecting=row.is_collecting,
        has_history=row.coverage_start is not None and registry.is_configured(row.key),
        backfill=None
        if row.backfill_id is None
        else Backfill(**{name: getattr(row, f"backfill_{name}") for name in _SHOWN}),
        runs=recent,
    )


def _publications(calendar: str, after: date, until: date) -> int:
    days = (after + timedelta(days=ahead + 1) for ahead in range((until - after).days))
    return sum(publishes_on(calendar, day) for day in days)


def _word(row: Any, last: Run | None, circuit: str, missed: int) -> str:
    if not row.is_enabled:
        return "off"
    if not registry.is_configured(row.key):
        return "unconfigured"
    if circuit != "closed":
        return "resting"
    if last is not None and last.outcome == Outcome.FAILURE:
        return "failing"
    if row.newest is None:
        return "empty"
    return "late" if missed else "well"


def _price_state(key: str, last: Run | None) -> PriceState:
    profile = registry.price_profiles()[key]
    word = "empty" if last is None else "failing" if last.outcome == Outcome.FAILURE else "well"
    if not registry.is_configured(key):
        word = "unconfigured"
    name = profile.name_ko if get_language() == "ko" else profile.name_en
    return PriceState(key=key, name=name, word=word, last=last)
