"""What every adapter promises, whichever provider it reads."""

import copy
import json
import pkgutil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestor import providers
from ingestor.published import ProviderError, ProviderFormatError
from ingestor.registry import adapter, profiles
from tests.ingestor.provider_server import PAYLOADS, payload_bytes
from tests.ingestor.samples import ENDPOINT, TODAY, parsed, sample

KEYS = sorted(profiles())
every_provider = pytest.mark.parametrize("key", KEYS)


def test_every_module_has_a_data_file_and_every_data_file_a_module_and_payloads():
    modules = sorted(module.name for module in pkgutil.iter_modules(providers.__path__))

    assert modules == KEYS
    assert {folder.name for folder in PAYLOADS.iterdir() if folder.is_dir()} >= set(KEYS)
    assert len(KEYS) >= 5


@every_provider
def test_a_good_answer_holds_the_usual_number_of_currencies(key):
    rates = parsed(key)

    # One more or less over the years; half of them would be a changed page.
    assert abs(len(rates) - profiles()[key].expected_currencies) <= 2
    assert all(rate.printed and rate.rate > 0 and rate.rate_date <= TODAY for rate in rates.values())


@every_provider
def test_every_request_is_below_the_base_address_and_asks_again_the_same_way(key):
    groups = [list(adapter(key).newest(TODAY, ENDPOINT)) for _ in range(2)]

    assert groups[0] == groups[1]
    assert groups[0]
    assert all(ask.path.startswith("/") for group in groups[0] for ask in group)


@every_provider
@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\xef\xbb\xbf"])
def test_an_empty_body_is_no_answer(key, body):
    [(ask, _), *_] = sample(key)

    with pytest.raises(ProviderFormatError):
        adapter(key).parse(body, ask)


@every_provider
def test_a_page_of_html_is_no_answer(key):
    [(ask, _), *_] = sample(key)

    with pytest.raises(ProviderFormatError):
        adapter(key).parse(payload_bytes("maintenance.html"), ask)


@every_provider
@pytest.mark.parametrize("tenths", range(1, 10))
def test_an_answer_that_was_cut_off_is_no_answer(key, tenths):
    [(ask, body), *_] = sample(key)

    with pytest.raises(ProviderFormatError):
        adapter(key).parse(body[: len(body) * tenths // 10], ask)


@every_provider
def test_another_encoding_is_no_answer(key):
    [(ask, body), *_] = sample(key)

    with pytest.raises(ProviderFormatError):
        adapter(key).parse(body.decode().encode("utf-16"), ask)


@every_provider
def test_a_byte_order_mark_changes_nothing(key):
    [(ask, body), *_] = sample(key)

    assert adapter(key).parse(b"\xef\xbb\xbf" + body, ask) == adapter(key).parse(body, ask)


@every_provider
@settings(deadline=None)
@given(body=st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_with_a_reason(key, body):
    [(ask, _), *_] = sample(key)

    with pytest.raises(ProviderError):
        adapter(key).parse(body + b"\x00", ask)


@every_provider
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_good_bytes_with_a_spoilt_stretch_give_rates_or_a_reason(key, data):
    [(ask, body), *_] = sample(key)
    start = data.draw(st.integers(0, len(body) - 1))
    spoilt = body[:start] + data.draw(st.binary(max_size=6)) + body[start + data.draw(st.integers(0, 6)) :]

    _gives_rates_or_a_reason(key, spoilt, ask)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("key", [key for key in KEYS if key != "ecb"])  # which sends no JSON
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_document_with_something_else_in_one_place_gives_rates_or_a_reason(key, data):
    [(ask, body), *_] = sample(key)
    document = copy.deepcopy(json.loads(body))

    _gives_rates_or_a_reason(key, json.dumps(_replaced(document, data)).encode(), ask)


def _replaced(node: Any, data: st.DataObject) -> Any:
    if not node or not isinstance(node, dict | list) or data.draw(st.integers(0, 3)) == 0:
        return data.draw(_JSON)
    place = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
    node[place] = _replaced(node[place], data)
    return node


def _gives_rates_or_a_reason(key: str, body: bytes, ask: Any) -> None:
    try:
        rates = adapter(key).parse(body, ask)
    except ProviderError as refusal:
        reason = str(refusal)
    else:
        reason = "rates"
        assert all(rate.rate.is_finite() and len(rate.printed) <= 32 for rate in rates)
    assert reason
