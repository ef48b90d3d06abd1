"""What a provider's answer is made of: what was asked, what came back, what it says."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Ask:
    """One HTTP GET: `path` below the provider's base address, and its query parameters.

    `rate_date` is the day asked for, where the answer itself carries none; `item` names a series
    or a file where an answer does not say which it is; `media` is the form expected: json, csv, xml or zip.
    """

    path: str
    parameters: dict[str, str] = field(default_factory=dict)
    rate_date: date | None = None
    item: str = ""
    media: str = "json"


@dataclass(frozen=True, slots=True)
class RawPayload:
    """The bytes as they came, with the address they came from, without its key; UTC."""

    body: bytes
    url: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """One figure as printed: `rate` units of `quote` for `unit` units of `base`.

    `rate_date` is a calendar day in the provider's zone. `fixed_at` (UTC) is set only where the
    provider itself tells the instant; otherwise the provider's schedule does. `tts` and `ttb` are
    per `unit` as well, in the same quote. `held_as` is the code we keep it under where that is
    not the printed one: Eximbank's CNH is kept as CNY.
    """

    base: str
    quote: str
    unit: int
    rate: Decimal
    printed: str
    rate_date: date
    fixed_at: datetime | None = None
    tts: Decimal | None = None
    ttb: Decimal | None = None
    held_as: str = ""

    @property
    def day(self) -> date:
        return self.rate_date


@dataclass(frozen=True, slots=True)
class PublishedPrice:
    """What one `item` costs in one country, as printed: `price` units of `currency_code`.

    `country` is an ISO 3166-1 alpha-2 code or EU; where the source names something else, its own
    word for it. `observed_on` is the day the source puts on the price. `usd_rate`: units of the
    currency for one US dollar, where the source prints them beside the price.
    """

    country: str
    item: str
    price: Decimal
    currency_code: str
    observed_on: date
    usd_rate: Decimal | None = None

    @property
    def day(self) -> date:
        return self.observed_on


@dataclass(frozen=True, slots=True)
class Observation:
    """KRW for one unit of `currency_code`, computed from one provider's own figures."""

    currency_code: str
    recorded_at: datetime
    rate_date: date
    deal_base_rate: Decimal
    tts: Decimal | None
    ttb: Decimal | None
    published: PublishedRate


class ProviderError(Exception):
    """The run failed; the text says why, without keys."""


class ProviderUnavailable(ProviderError):
    """No usable answer: network, time-out, 5xx, 429. Waiting may heal it."""


class ProviderRefused(ProviderError):
    """The provider answered with its own error: bad key, spent quota, unknown request."""


class NoHistory(ProviderError):
    """This provider serves its newest figures only; a range was asked of it. Nothing was sent."""


class ProviderFormatError(ProviderError):
    """The answer is not what this provider sends: HTML, cut off, another unit, half the currencies."""
