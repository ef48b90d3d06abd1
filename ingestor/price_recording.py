"""Published prices into their table, in the caller's transaction.

Repeatable, by the rule of `recording.py`: a price that is stored already writes nothing, and one that
differs from the one in force is its next revision.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction

from config.cache import generation
from currency.models import PriceObservation
from ingestor import archive
from ingestor.price_screening import PRICE_STEP, RATE_STEP, SourcedPrice
from ingestor.published import PublishedPrice
from ingestor.recording import is_same
from ingestor.registry import PriceProfile
from ingestor.result import Counts

_Figures = tuple[Decimal, str, Decimal | None]
_Place = tuple[str, str, date]


@dataclass(frozen=True, slots=True)
class PriceCorrection:
    """A price that was told and is another one now, in the same money."""

    country_code: str
    item: str
    observed_on: date
    currency_code: str
    old: Decimal
    new: Decimal


@dataclass(slots=True)
class Comparison:
    """Rows to be written, and what became of every price."""

    additions: list[PriceObservation] = field(default_factory=list)
    corrections: list[PriceCorrection] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


def compare(profile: PriceProfile, prices: Iterable[SourcedPrice], *, is_snapshot: bool) -> Comparison:
    """What recording these prices of one source would write. One query.

    `is_snapshot`: they come from a file shipped with the code, and so correct only what another such
    file told, never a price that was fetched.
    """
    sourced = list(prices)
    found = Comparison()
    if not sourced:
        return found
    stored, fetched = _stored(profile, sourced)
    new = same = revised = 0
    for price, origin in sourced:
        place = (price.country, price.item, price.observed_on)
        revisions = stored.setdefault(place, {})
        rate = None if price.usd_rate is None else price.usd_rate.quantize(RATE_STEP)
        told = (price.price.quantize(PRICE_STEP), price.currency_code, rate)
        in_force = max(revisions, default=-1)
        known = revisions.values() if is_snapshot else [revisions[in_force]] if revisions else []
        if (is_snapshot and place in fetched) or any(_says_the_same(told, figures) for figures in known):
            same += 1
            continue
        if in_force >= 0:
            found.corrections += _corrections(price, revisions[in_force], told)
        revisions[in_force + 1] = told
        new, revised = (new + 1, revised) if in_force < 0 else (new, revised + 1)
        found.additions.append(
            PriceObservation(
                country_code=price.country,
                item=price.item,
                price=told[0],
                currency_code=price.currency_code,
                observed_on=price.observed_on,
                usd_rate=rate,
                source=profile.source,
                source_url=profile.source_url,
                revision=in_force + 1,
                fetched_at=origin.fetched_at,
                archive_key=origin.archive_key,
            )
        )
    found.counts = Counts(new=new, same=same, revised=revised)
    return found


def write(profile: PriceProfile, prices: Iterable[SourcedPrice], *, is_snapshot: bool) -> Comparison:
    """Record what is new or corrected.

    Call inside a transaction. Raises: IntegrityError when another transaction recorded one of these
    prices since they were read; start again then (`config.commit.committed` does).
    """
    found = compare(profile, prices, is_snapshot=is_snapshot)
    if found.additions:
        PriceObservation.objects.bulk_create(found.additions, batch_size=500)
        transaction.on_commit(generation.move_on)
    return found


def _stored(
    profile: PriceProfile, sourced: list[SourcedPrice]
) -> tuple[dict[_Place, dict[int, _Figures]], set[_Place]]:
    """{place: {revision: figures}} of what is stored of these days, and which places were ever fetched."""
    days = [price.observed_on for price, _ in sourced]
    rows = PriceObservation.objects.filter(
        item__in={price.item for price, _ in sourced},
        source=profile.source,
        observed_on__range=(min(days), max(days)),
    )
    shipped = archive.shipped_folder(profile.key)
    stored: dict[_Place, dict[int, _Figures]] = {}
    fetched: set[_Place] = set()
    for row in rows.iterator(chunk_size=5000):
        place = (row.country_code, row.item, row.observed_on)
        stored.setdefault(place, {})[row.revision] = (row.price, row.currency_code, row.usd_rate)
        if not row.archive_key.startswith(shipped):
            fetched.add(place)
    return stored, fetched


def _says_the_same(told: _Figures, stored: _Figures) -> bool:
    return is_same(told[0], stored[0]) and told[1] == stored[1] and is_same(told[2], stored[2])


def _corrections(price: PublishedPrice, before: _Figures, told: _Figures) -> list[PriceCorrection]:
    """None where it is the dollar rate beside the price that changed, or the money it is told in."""
    if before[1] != told[1] or is_same(before[0], told[0]):
        return []
    return [
        PriceCorrection(price.country, price.item, price.observed_on, price.currency_code, before[0], told[0])
    ]
