"""Prices of one source: screened and recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ingestor import notices, price_recording
from ingestor.price_screening import SourcedPrice, screen
from ingestor.published import ProviderFormatError
from ingestor.publishing import Item
from ingestor.registry import PriceProfile
from ingestor.result import Counts


@dataclass(frozen=True, slots=True)
class PricePublisher:
    """`is_live`: all that the source has now, so that half of it is a broken answer.

    `is_snapshot`: the prices come from a file shipped with the code.
    """

    profile: PriceProfile
    is_live: bool
    is_snapshot: bool

    @property
    def nothing(self) -> str:
        return "not a single price"

    def screened(self, items: Sequence[Item], now: datetime) -> "PricePublication":
        found = screen(items, today=now.astimezone(ZoneInfo(self.profile.time_zone)).date())
        if self.is_live:
            self._refuse_half_an_answer(found.good)
        settled = Counts(rejected=found.rejected.total(), reasons=found.rejected)
        return PricePublication(self.profile, self.is_snapshot, found.good, settled)

    def _refuse_half_an_answer(self, prices: list[SourcedPrice]) -> None:
        """Of all days together: a source that adds to its newest release day by day is no broken one."""
        countries = {price.country for price, _ in prices}
        usual = self.profile.expected_countries
        if prices and len(countries) * 2 < usual:
            raise ProviderFormatError(f"prices of {len(countries)} countries, usually {usual}")


@dataclass(frozen=True, slots=True)
class PricePublication:
    """Prices to record, and the count of the others."""

    profile: PriceProfile
    is_snapshot: bool
    good: list[SourcedPrice]
    settled: Counts

    def compare(self) -> Counts:
        return price_recording.compare(self.profile, self.good, is_snapshot=self.is_snapshot).counts

    def write(self, now: datetime) -> Counts:
        found = price_recording.write(self.profile, self.good, is_snapshot=self.is_snapshot)
        if not self.is_snapshot:
            notices.prices_recorded(self.profile.key, found.corrections, now=now)
        return found.counts

    def tell(self) -> None:
        """Nothing is held back."""
