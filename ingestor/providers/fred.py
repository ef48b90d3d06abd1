"""FRED: how to ask for the exchange-rate series of the H.10 release and read them.

One series is one pair. Four of them are told in US dollars for 1 unit, all others the other way
round, and an answer does not say which series it is: the request does.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from ingestor import reading
from ingestor.adapter import Endpoint
from ingestor.published import Ask, ProviderFormatError, ProviderRefused, ProviderUnavailable, PublishedRate

#: {series: (base, quote)}, a rate being units of `quote` for 1 unit of `base`. DEXxxUS is foreign
#: currency for 1 USD, DEXUSxx is USD for 1 unit of foreign currency.
SERIES = {
    "DEXKOUS": ("USD", "KRW"),
    "DEXJPUS": ("USD", "JPY"),  # for 1 USD; not per 100 yen
    "DEXCHUS": ("USD", "CNY"),
    "DEXHKUS": ("USD", "HKD"),
    "DEXTAUS": ("USD", "TWD"),
    "DEXTHUS": ("USD", "THB"),
    "DEXSIUS": ("USD", "SGD"),
    "DEXMAUS": ("USD", "MYR"),
    "DEXINUS": ("USD", "INR"),
    "DEXSLUS": ("USD", "LKR"),
    "DEXCAUS": ("USD", "CAD"),
    "DEXMXUS": ("USD", "MXN"),
    "DEXBZUS": ("USD", "BRL"),
    "DEXSFUS": ("USD", "ZAR"),
    "DEXSZUS": ("USD", "CHF"),
    "DEXSDUS": ("USD", "SEK"),
    "DEXNOUS": ("USD", "NOK"),
    "DEXDNUS": ("USD", "DKK"),
    "DEXUSEU": ("EUR", "USD"),
    "DEXUSUK": ("GBP", "USD"),
    "DEXUSAL": ("AUD", "USD"),
    "DEXUSNZ": ("NZD", "USD"),
}
#: Weekly, so 3 to 10 days behind; with a closed week in between still inside.
_NEWEST_DAYS = timedelta(days=21)
_MISSING = "."


def newest(today: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    yield from between(today - _NEWEST_DAYS, today, endpoint)


def between(first: date, last: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    # One group: no series has a price in won without DEXKOUS of the same day.
    yield [_ask(series, first, last, endpoint) for series in SERIES]


def _ask(series: str, first: date, last: date, endpoint: Endpoint) -> Ask:
    parameters = {
        "series_id": series,
        "api_key": endpoint.required_key(),
        "file_type": "json",  # the default is XML
        "observation_start": first.isoformat(),
        "observation_end": last.isoformat(),
    }
    return Ask("/fred/series/observations", parameters, item=series)


def parse(payload: bytes, ask: Ask) -> list[PublishedRate]:
    """One series in its own direction, dated by the answer (New York's day).

    A day marked "." is a US holiday and has no rate.
    Raises: ProviderRefused, ProviderUnavailable (429), ProviderFormatError.
    """
    base, quote = SERIES[ask.item]
    document = reading.mapping(reading.json_document(payload), "the answer")
    if (code := document.get("error_code")) is not None:
        reason = f"error {code}: {document.get('error_message')}"[:300]
        raise (ProviderUnavailable if code == "429" else ProviderRefused)(reason)
    if document.get("units") != "lin":
        raise ProviderFormatError(
            f"units are {str(document.get('units'))[:20]!r}, expected lin (as published)"
        )
    observations = reading.sequence(document.get("observations"), "observations")
    if (total := reading.whole_number(document.get("count"))) > len(observations):
        raise ProviderFormatError(f"{len(observations)} of {total} observations")
    rates: list[PublishedRate] = []
    for observation in observations:
        told = reading.mapping(observation, "an observation")
        printed, rate_date = told.get("value"), reading.day(told.get("date"))
        if printed != _MISSING:
            rates.append(PublishedRate(base, quote, 1, reading.figure(printed), str(printed), rate_date))
    return rates
