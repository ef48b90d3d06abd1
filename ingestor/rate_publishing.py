"""Rates of one provider: converted to won, screened, held back or recorded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import structlog

from currency.schedule import LOOK_BACK
from ingestor import neighbours, notices, quarantine, recording
from ingestor.conversion import NO_KRW_RATE, Rejected, to_krw
from ingestor.published import Observation, ProviderFormatError
from ingestor.publishing import Item
from ingestor.recording import Origin, Sourced
from ingestor.registry import ProviderProfile
from ingestor.result import Counts
from ingestor.screening import AHEAD, Screened, screen

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RatePublisher:
    """`is_live`: the newest figures, not history: only those are screened for jumps.

    `is_snapshot`: the figures come from a file shipped with a package.
    """

    profile: ProviderProfile
    is_live: bool
    is_snapshot: bool

    @property
    def nothing(self) -> str:
        # No holiday is that long: it was a wrong table or series that answered so politely.
        return f"no rates in {LOOK_BACK.days} days"

    def screened(self, items: Sequence[Item], now: datetime) -> "RatePublication":
        origins = {id(rate): origin for rate, origin in items}
        observations, unconverted = to_krw([rate for rate, _ in items], self.profile)
        beside: Mapping[str, Any] = {}
        if self.is_live:
            beside = neighbours.around(self.profile.key, observations)
            found = screen(observations, now=now, neighbours=beside)
            self._refuse_half_a_table(found, observations, unconverted, now)
        else:
            found = screen(observations, now=now)
        rejected = Counter(
            chain(
                (f"{rate.base}/{rate.quote}: {reason}" for rate, reason in unconverted),
                (f"{one.currency_code}: {reason}" for one, reason in found.rejected),
            )
        )
        return RatePublication(
            source=self.profile.key,
            is_snapshot=self.is_snapshot,
            good=[(one, origins[id(one.published)]) for one in found.good],
            held=[
                (one, origins[id(one.published)], reason, neighbours.as_told(one, beside[one.currency_code]))
                for one, reason in found.quarantined
            ],
            settled=Counts(quarantined=len(found.quarantined), rejected=rejected.total(), reasons=rejected),
        )

    def _refuse_half_a_table(
        self, screened: Screened, observations: list[Observation], unconverted: Rejected, now: datetime
    ) -> None:
        """A live answer stands by its newest day: whole days before it say nothing of that one.

        A day that only lacks its price in won (FRED's series may end a day apart) is not its newest,
        and neither is a misprinted one in the future.
        """
        latest_allowed = now + AHEAD
        days = [one.rate_date for one in observations if one.recorded_at <= latest_allowed]
        days += [rate.rate_date for rate, reason in unconverted if reason != NO_KRW_RATE]
        if not days:
            return  # nothing is published, and the run says why
        newest = max(days)
        usable = chain(screened.good, (one for one, _ in screened.quarantined))
        codes = {one.currency_code for one in usable if one.rate_date == newest}
        usual = self.profile.expected_currencies
        if len(codes) * 2 < usual:
            raise ProviderFormatError(f"{len(codes)} usable currencies on {newest}, usually {usual}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePublication:
    """Observations to record, values to hold back, and the count of the others."""

    source: str
    is_snapshot: bool
    good: list[Sourced]
    held: list[tuple[Observation, Origin, str, dict[str, Any]]]
    settled: Counts

    def compare(self) -> Counts:
        return _counted(recording.compare(self.source, self.good, is_snapshot=self.is_snapshot))

    def write(self, now: datetime) -> Counts:
        found = recording.write(self.source, self.good, is_snapshot=self.is_snapshot)
        quarantine.hold(self.source, self.held, now=now)
        if not self.is_snapshot:
            notices.recorded(self.source, found, now=now)
        return _counted(found)

    def tell(self) -> None:
        for one, _, reason, _ in self.held:
            log.warning("rate_held", currency=one.currency_code, rate_date=str(one.rate_date), reason=reason)


def _counted(found: recording.Comparison) -> Counts:
    return Counts(new=found.new, same=found.same, revised=found.revised)
