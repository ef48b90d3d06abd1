"""What a provider's module must be able to do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from ingestor.published import Ask, ProviderRefused, PublishedPrice, PublishedRate

#: What one kind of source publishes.
Figure = TypeVar("Figure", PublishedRate, PublishedPrice)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how a provider is reached: the profile's defaults, or what the settings say."""

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None
    timeout: float = 10.0

    def required_key(self) -> str:
        """The API key. Raises: ProviderRefused when there is none."""
        if not self.api_key:
            raise ProviderRefused("no API key is configured")
        return self.api_key


class Adapter(Protocol[Figure]):
    """A module in `ingestor/providers/` or `ingestor/price_sources/`: how to ask one source, and how to
    read its answer.

    It writes nothing, fetches nothing and reads no clock; whatever goes wrong is a `ProviderError`
    that it does not catch.
    """

    def newest(self, today: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
        """Groups of requests, the most wanted first: fetch them until a group holds data.

        All answers of a group belong together. `today` is the date in the provider's zone. The
        groups reach back over at least `LOOK_BACK`: when all are empty, something is wrong.
        """
        ...

    def between(self, first: date, last: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
        """Groups of requests that cover the rate dates from `first` to `last`: fetch them all.

        Answers may reach beyond the range (a full history file does): the caller keeps what it
        asked for. Days known to be without rates may be left out: a Saturday, never a holiday,
        because a calendar is a hint. Raises: NoHistory where there are only the newest figures.
        """
        ...

    def parse(self, payload: bytes, ask: Ask) -> list[Figure]:
        """The figures as printed; an empty list where the provider says there are none that day.

        Pure. Raises: ProviderRefused for the provider's own error, ProviderUnavailable for one
        that waiting heals, ProviderFormatError for anything this provider does not send.
        """
        ...
