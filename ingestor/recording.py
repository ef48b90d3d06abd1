"""Observations into the tables: history, newest rates, bars, all in the caller's transaction.

Repeatable: a figure that is stored already writes nothing. A figure that differs from the one in
force is a correction, kept as the next revision beside it. Wire rates that are no longer told beside
an unchanged base rate are none (Eximbank prints "0" then): what was told before stays. Raw `executemany`, because the first
load is 210,000 rows and a model instance for each costs five times the insert.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Context, Decimal

from django.db import connections, transaction

from config.cache import generation
from config.events.outbox import record
from currency import rate_events
from currency.models import ExchangeRate, LatestRate
from history import bars
from ingestor import archive
from ingestor.published import Observation

_STEP = Decimal(1).scaleb(-10)
#: SQLite keeps decimals as binary floats: 15 digits come back, more may not.
_KEPT_DIGITS = Context(prec=15)

_COLUMNS = (
    "source",
    "currency_code",
    "recorded_at",
    "revision",
    "rate_date",
    "deal_base_rate",
    "tts",
    "ttb",
    "published_base",
    "published_quote",
    "published_unit",
    "published_rate",
    "fetched_at",
    "archive_key",
)
_PLACES = ", ".join(["%s"] * len(_COLUMNS))
_INSERT = f"INSERT INTO {ExchangeRate._meta.db_table} ({', '.join(_COLUMNS)}) VALUES ({_PLACES})"  # noqa: S608 - our own names

_Figures = tuple[Decimal, Decimal | None, Decimal | None]
_Fixing = tuple[str, datetime]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an observation comes from: the payload's archive key, and when it was fetched (UTC)."""

    archive_key: str
    fetched_at: datetime


Sourced = tuple[Observation, Origin]


@dataclass(frozen=True, slots=True)
class Correction:
    """A figure that was told and is another one now: KRW for one unit, on `rate_date` in the provider's zone.

    `figure` is deal_base_rate, tts or ttb, the first of them that changed.
    """

    currency_code: str
    rate_date: date
    figure: str
    old: Decimal
    new: Decimal


@dataclass(slots=True)
class Comparison:
    """What is to be written, and how much of it was known."""

    additions: list[tuple[Observation, Origin, int]] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    new: int = 0
    same: int = 0
    revised: int = 0


def is_same(one: Decimal | None, other: Decimal | None) -> bool:
    """Whether two figures are one as far as every database can tell: to 15 digits."""
    if one is None or other is None:
        return one is other
    return one == other or one.normalize(_KEPT_DIGITS) == other.normalize(_KEPT_DIGITS)


def compare(source: str, figures: Iterable[Sourced], *, is_snapshot: bool = False) -> Comparison:
    """What recording these figures of one provider would write. One query.

    `is_snapshot`: the figures come from a file shipped with a package, older than what may be stored.
    They correct only an older package's figures, never a fixing that was fetched, and one that
    equals any stored revision of its fixing is no correction either.
    """
    ordered = sorted(figures, key=lambda sourced: (sourced[0].currency_code, sourced[0].recorded_at))
    found = Comparison()
    if not ordered:
        return found
    stored, fetched = _stored(source, ordered)
    for one, origin in ordered:
        revisions = stored.setdefault((one.currency_code, one.recorded_at), {})
        told = _figures(one)
        in_force = max(revisions, default=-1)
        known = revisions.values() if is_snapshot else [revisions[in_force]] if revisions else []
        is_older = is_snapshot and (one.currency_code, one.recorded_at) in fetched
        if is_older or any(_says_the_same(told, figures) for figures in known):
            found.same += 1
            continue
        if in_force < 0:
            found.new += 1
        else:
            found.revised += 1
            found.corrections += _corrections(one, revisions[in_force], told)
        revisions[in_force + 1] = told
        found.additions.append((one, origin, in_force + 1))
    return found


def _stored(
    source: str, ordered: Sequence[Sourced]
) -> tuple[dict[_Fixing, dict[int, _Figures]], set[_Fixing]]:
    """{fixing: {revision: figures}} of everything stored in the span of these fixings, and which of
    them have a revision that was fetched from the provider, not read from a package's file.
    """
    instants = [one.recorded_at for one, _ in ordered]
    rows = ExchangeRate.objects.filter(
        # The codes lead the index; the span prunes partitions.
        currency_code__in=sorted({one.currency_code for one, _ in ordered}),
        source=source,
        recorded_at__range=(min(instants), max(instants)),
    ).values_list("currency_code", "recorded_at", "revision", "deal_base_rate", "tts", "ttb", "archive_key")
    stored: dict[_Fixing, dict[int, _Figures]] = {}
    fetched: set[_Fixing] = set()
    shipped = archive.shipped_folder(source)
    for code, recorded_at, revision, rate, tts, ttb, key in rows.iterator(chunk_size=5000):
        stored.setdefault((code, recorded_at), {})[revision] = (rate, tts, ttb)
        if not key.startswith(shipped):
            fetched.add((code, recorded_at))
    return stored, fetched


def _says_the_same(told: _Figures, stored: _Figures) -> bool:
    """Whether `told` adds nothing: the same base rate, and no wire rate that is new or another."""
    wire = zip(told[1:], stored[1:], strict=True)
    return is_same(told[0], stored[0]) and all(one is None or is_same(one, other) for one, other in wire)


def _corrections(one: Observation, before: _Figures, told: _Figures) -> list[Correction]:
    """The first figure that readers were told otherwise; none where only something was added."""
    for figure, old, new in zip(("deal_base_rate", "tts", "ttb"), before, told, strict=True):
        if old is not None and new is not None and not is_same(old, new):
            return [Correction(one.currency_code, one.rate_date, figure, old, new)]
    return []


def _rounded(figure: Decimal | None) -> Decimal | None:
    return None if figure is None else figure.quantize(_STEP)


def _figures(one: Observation) -> _Figures:
    return one.deal_base_rate.quantize(_STEP), _rounded(one.tts), _rounded(one.ttb)


def write(source: str, figures: Iterable[Sourced], *, is_snapshot: bool = False) -> Comparison:
    """Record what is new or corrected, with the newest rates, the bars of the days it touches, and its events.

    Call inside a transaction. Raises: IntegrityError when another transaction recorded one of these
    fixings since they were read; start again then (`config.commit.committed` does).
    """
    found = compare(source, figures, is_snapshot=is_snapshot)
    if found.additions:
        _insert(source, found.additions)
        _keep_newest(source, found.additions)
        record(rate_events.recorded(source, map(_told, found.additions)))
        days = [one.rate_date for one, _, _ in found.additions]
        codes = {one.currency_code for one, _, _ in found.additions}
        bars.rebuild(source=source, first=min(days), last=max(days), codes=codes)
        transaction.on_commit(generation.move_on)
    return found


def _insert(source: str, additions: Sequence[tuple[Observation, Origin, int]]) -> None:
    connection = connections["default"]
    as_instant = connection.ops.adapt_datetimefield_value
    # A day's fixings share an instant: thousands of conversions, not hundreds of thousands.
    instants: dict[datetime, str] = {}

    def instant(moment: datetime) -> str:
        if (known := instants.get(moment)) is None:
            known = instants[moment] = str(as_instant(moment))
        return known

    rows: list[list[str | int | None]] = []
    for one, origin, revision in additions:
        rate, tts, ttb = _figures(one)
        published = one.published
        rows.append(
            [
                source,
                one.currency_code,
                instant(one.recorded_at),
                revision,
                one.rate_date.isoformat(),
                f"{rate:f}",
                None if tts is None else f"{tts:f}",
                None if ttb is None else f"{ttb:f}",
                published.base,
                published.quote,
                published.unit,
                published.printed,
                instant(origin.fetched_at),
                origin.archive_key,
            ]
        )
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def _told(addition: tuple[Observation, Origin, int]) -> rate_events.Told:
    one, _, revision = addition
    rate, tts, ttb = _figures(one)
    published = one.published
    return rate_events.Told(
        currency_code=one.currency_code,
        rate_date=one.rate_date,
        recorded_at=one.recorded_at,
        revision=revision,
        deal_base_rate=rate,
        tts=tts,
        ttb=ttb,
        published={
            "base": published.base,
            "quote": published.quote,
            "unit": published.unit,
            "rate": published.printed,
        },
    )


def _keep_newest(source: str, additions: Sequence[tuple[Observation, Origin, int]]) -> None:
    """`LatestRate` after these additions: never older than before, a correction of the newest counts."""
    newest: dict[str, Sourced] = {}
    oldest: dict[str, date] = {}
    for one, origin, _ in additions:
        code = one.currency_code
        if code not in newest or one.recorded_at >= newest[code][0].recorded_at:
            newest[code] = (one, origin)
        oldest[code] = min(one.rate_date, oldest.get(code, one.rate_date))
    rows = LatestRate.objects.filter(source=source, currency_code__in=sorted(newest))
    present = {row.currency_code: row for row in rows}
    missing = []
    for code in sorted(newest):
        one, origin = newest[code]
        rate, tts, ttb = _figures(one)
        values = {
            "recorded_at": one.recorded_at,
            "rate_date": one.rate_date,
            "deal_base_rate": rate,
            "tts": tts,
            "ttb": ttb,
            "fetched_at": origin.fetched_at,
        }
        if code not in present:
            missing.append(LatestRate(source=source, currency_code=code, first_date=oldest[code], **values))
            continue
        # Conditions, not a comparison in Python: an operator may be releasing a value meanwhile.
        row = LatestRate.objects.filter(pk=present[code].pk)
        if one.recorded_at >= present[code].recorded_at:
            row.filter(recorded_at__lte=one.recorded_at).update(**values)
        if oldest[code] < present[code].first_date:
            row.filter(first_date__gt=oldest[code]).update(first_date=oldest[code])
    LatestRate.objects.bulk_create(missing)
