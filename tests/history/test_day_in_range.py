"""A day asked alone is the same day inside a range: as /convert?date= and /history tell it."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from currency.quotes import close_on
from currency.schedule import LOOK_BACK
from history.closes import closes
from history.series import daily
from ingestor.published import Observation, PublishedRate
from ingestor.recording import Origin, write
from tests.factories import make_provider

FIRST, NOW = date(2026, 9, 14), datetime(2026, 10, 9, 12, 0, tzinfo=UTC)
#: Chuseok closes 24 and 25 September in Seoul; week-ends are there for the provider that repeats itself.
DAYS = [FIRST + timedelta(days=step) for step in range(26)]
ORIGIN = Origin("", NOW)

#: Up to forty figures written and read three ways each; the arithmetic is not the database's.
EXAMPLES = 60 if django_settings.TEST_STACK == "embedded" else 20

prices = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(5000), places=6)
fixings = st.tuples(
    st.sampled_from(["ecb", "ecos", "exchangerate_api"]),
    st.sampled_from(["USD", "VND"]),
    st.sampled_from(DAYS),
    st.sampled_from([8, 11]),  # two fixings of a day make a bar of two
    prices,
)


def observed(code: str, day: date, hour: int, price: Decimal) -> Observation:
    published = PublishedRate(base=code, quote="KRW", unit=1, rate=price, printed=str(price), rate_date=day)
    return Observation(code, datetime.combine(day, time(hour), UTC), day, price, None, None, published)


@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    published=st.lists(fixings, min_size=1, max_size=40),
    pair=st.sampled_from([("USD", "KRW"), ("KRW", "VND"), ("USD", "VND")]),
)
def test_every_day_of_a_range_says_what_the_day_alone_says(published, pair):
    code, base = pair
    with transaction.atomic():
        for source in ("ecb", "ecos", "exchangerate_api"):
            make_provider(source)
            # A fixing told again with another price is a correction: the later one is in force.
            for _, currency, day, hour, price in (one for one in published if one[0] == source):
                write(source, [(observed(currency, day, hour, price), ORIGIN)])

        inside = daily(code=code, base=base, period="max", now=NOW)
        arrays = closes(code=code, base=base, period="max", now=NOW)
        alone = {day: close_on(code, base, day, NOW) for day in DAYS}
        transaction.set_rollback(True)

    if inside is None:
        assert not any(alone.values())
        return
    points = {point.at: point.close for point in inside.points}
    assert arrays.days == list(points)
    assert arrays.prices == pytest.approx([float(close) for close in points.values()], rel=1e-12)
    for day, quote in alone.items():
        if quote is None:
            assert not any(day - LOOK_BACK <= other <= day for other in points)
        elif quote.source == inside.source:
            known = max(other for other in points if other <= day)
            assert (quote.rate_date, quote.rate) == (known, points[known])
            assert (quote.freshness.state == "fresh") == (known == day)
