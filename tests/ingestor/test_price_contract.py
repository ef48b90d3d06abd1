"""What every source of prices promises, whichever it is."""

import pkgutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from currency.catalog import is_country
from ingestor import price_sources
from ingestor.published import ProviderError, ProviderFormatError
from ingestor.registry import adapter, price_profiles, profiles
from tests.ingestor.provider_server import PAYLOADS, payload_bytes
from tests.ingestor.samples import ENDPOINT, TODAY

KEYS = sorted(price_profiles())
#: The most wanted group of requests, each with a good answer.
SAMPLES = {
    "bigmac": ("bigmac/index.csv", "bigmac/members.csv"),
    "worldbank": ("worldbank/2026-10-30.json",),
}
every_answer = pytest.mark.parametrize(
    ("key", "number"), [(key, number) for key in KEYS for number in range(len(SAMPLES[key]))]
)


def sample(key, number):
    group = next(adapter(key).newest(TODAY, ENDPOINT))
    assert len(group) == len(SAMPLES[key])
    return group[number], payload_bytes(SAMPLES[key][number])


def test_every_module_has_a_data_file_and_payloads_and_no_providers_name():
    modules = sorted(module.name for module in pkgutil.iter_modules(price_sources.__path__))

    assert modules == KEYS == sorted(SAMPLES)
    assert {folder.name for folder in PAYLOADS.iterdir() if folder.is_dir()} >= set(KEYS)
    assert not set(KEYS) & set(profiles())


@pytest.mark.parametrize("key", KEYS)
def test_every_profile_names_its_source_and_asks_with_measure(key):
    profile = price_profiles()[key]

    assert profile.base_url.startswith("https://")
    assert profile.source
    assert profile.source_url.startswith("https://")
    assert "CC BY 4.0" in profile.attribution
    assert 1 <= profile.ask_every_days <= 31
    assert 0 < profile.budget.calls <= 1000
    # A request whose attempts fail for 60 s and whose last one drips for three time-outs fits a lease.
    assert 60 + 3 * profile.timeout_seconds <= 180


@every_answer
def test_a_good_answer_holds_prices_of_countries(key, number):
    ask, body = sample(key, number)
    prices = adapter(key).parse(body, ask)

    assert sum(is_country(price.country) for price in prices) >= 5
    assert all(price.price > 0 and price.observed_on <= TODAY for price in prices)


@every_answer
@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\xef\xbb\xbf", payload_bytes("maintenance.html")])
def test_nothing_and_a_page_of_html_are_no_answers(key, number, body):
    with pytest.raises(ProviderFormatError):
        adapter(key).parse(body, sample(key, number)[0])


@every_answer
@pytest.mark.parametrize("tenths", range(1, 10))
def test_an_answer_that_was_cut_off_is_no_answer(key, number, tenths):
    ask, body = sample(key, number)
    cut = body[: len(body) * tenths // 10].rstrip(b"\n")

    with pytest.raises(ProviderFormatError):
        adapter(key).parse(cut, ask)


@every_answer
def test_another_encoding_is_no_answer_and_a_byte_order_mark_changes_nothing(key, number):
    ask, body = sample(key, number)

    assert adapter(key).parse(b"\xef\xbb\xbf" + body, ask) == adapter(key).parse(body, ask)
    with pytest.raises(ProviderFormatError):
        adapter(key).parse(body.decode().encode("utf-16"), ask)


@every_answer
@settings(deadline=None)
@given(body=st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_with_a_reason(key, number, body):
    with pytest.raises(ProviderError):
        adapter(key).parse(body + b"\x00", sample(key, number)[0])


@every_answer
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_good_bytes_with_a_spoilt_stretch_give_prices_or_a_reason(key, number, data):
    ask, body = sample(key, number)
    start = data.draw(st.integers(0, len(body) - 1))
    spoilt = body[:start] + data.draw(st.binary(max_size=6)) + body[start + data.draw(st.integers(0, 6)) :]

    try:
        prices = adapter(key).parse(spoilt, ask)
    except ProviderError as refusal:
        reason = str(refusal)
    else:
        reason = "prices"
        assert all(price.price.is_finite() for price in prices)
    assert reason
