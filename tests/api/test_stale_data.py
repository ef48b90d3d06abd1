"""Who would rather have no answer than an old one is refused with 409."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from tests.factories import make_bar, make_latest, make_observation
from tests.ranking.outage import database_out

# The newest rate is of Friday, 30 October 2026.
SATURDAY = datetime(2026, 10, 31, 3, 0, tzinfo=UTC)
MONDAY_MORNING = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)  # 10:00 in Frankfurt
WEDNESDAY = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)  # Monday's and Tuesday's did not come

ADDRESSES = [
    "/api/v1/currencies/latest?symbols=USD",
    "/api/v1/currencies/USD?",
    "/api/v1/currencies/convert?from=USD&to=KRW&amount=1",
    "/api/v1/currencies/convert?from=KRW&to=USD&amount=1",
    "/api/v1/history?target=USD&period=1w",
]


@pytest.fixture
def _dollars(db):
    make_latest()
    make_observation()
    make_bar()


def ask(api, address, more=""):
    return api.get(f"{address}{more}", headers={"Accept-Language": "en"})


@pytest.mark.usefixtures("_dollars")
@pytest.mark.parametrize("address", ADDRESSES)
def test_strict_refuses_a_late_rate_and_names_it(api, address):
    with time_machine.travel(WEDNESDAY, tick=False):
        told, refused = ask(api, address), ask(api, address, "&strict=true")

    assert told.status_code == 200
    assert refused.status_code == 409
    assert refused.headers["Cache-Control"] == "no-store"
    error = refused.json()["error"]
    assert (error["code"], error["details"]["parameter"]) == ("STALE_DATA", "strict")
    assert error["details"]["stale"]["USD"] == {
        "observed_on": "2026-10-30",
        "as_of": "2026-10-30T13:15:00Z",
        "fetched_at": "2026-10-30T16:00:00Z",
        "next_expected_at": "2026-11-04T15:00:00Z",
        "age_days": 3,
        "state": "late",
    }


@pytest.mark.usefixtures("_dollars")
@pytest.mark.parametrize("address", ADDRESSES)
def test_strict_takes_a_rate_that_is_carried_over_the_week_end(api, address):
    with time_machine.travel(SATURDAY, tick=False):
        assert ask(api, address, "&strict=true").status_code == 200


@pytest.mark.usefixtures("_dollars")
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("now", "most", "status"),
    [(SATURDAY, 0, 200), (MONDAY_MORNING, 0, 409), (MONDAY_MORNING, 1, 200), (WEDNESDAY, 2, 409)],
)
def test_the_age_is_counted_in_days_of_publication(api, address, now, most, status):
    with time_machine.travel(now, tick=False):
        assert ask(api, address, f"&max_age_days={most}").status_code == status


@pytest.mark.usefixtures("_dollars")
def test_a_refusal_says_what_would_be_taken(api):
    with time_machine.travel(MONDAY_MORNING, tick=False):
        error = ask(api, ADDRESSES[0], "&max_age_days=0").json()["error"]

    assert error["message"] == (
        "What we hold is older than you will take: USD 2026-10-30; expected rates at most 0 business days old."
    )


@pytest.mark.parametrize(
    "wrong", ["max_age_days=-1", "max_age_days=x", "max_age_days=3651", "strict=perhaps"]
)
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_wrong_limit_is_refused_by_name(api, address, wrong):
    error = ask(api, address, f"&{wrong}").json()["error"]

    assert (error["code"], error["details"]["parameter"]) == ("INVALID_PARAMETER", wrong.split("=")[0])


@pytest.mark.usefixtures("transactional_db", "_dollars")
def test_while_the_database_is_out_the_strict_are_not_told_a_past_answer(api):
    with time_machine.travel(SATURDAY, tick=False) as clock:
        for more in ("", "&strict=true"):
            assert ask(api, ADDRESSES[0], more).status_code == 200
        clock.shift(120)
        with database_out():
            lenient, strict = ask(api, ADDRESSES[0]), ask(api, ADDRESSES[0], "&strict=true")

    assert (lenient.status_code, strict.status_code) == (200, 503)


def test_a_past_day_is_as_fresh_as_it_was_then(api):
    make_observation(rate_date=date(2026, 10, 22), deal_base_rate="1300")
    make_observation(rate_date=date(2026, 10, 23), deal_base_rate="1310")
    convert = "/api/v1/currencies/convert?from=USD&to=KRW&amount=1&strict=true&date="

    with time_machine.travel(WEDNESDAY, tick=False):
        thursday, sunday = (ask(api, convert, day).json()["data"] for day in ("2026-10-22", "2026-10-25"))

    assert [thursday[key] for key in ("requested_date", "date", "carried", "rate")] == [
        "2026-10-22",
        "2026-10-22",
        False,
        1300.0,
    ]
    assert [sunday[key] for key in ("requested_date", "date", "carried", "rate")] == [
        "2026-10-25",
        "2026-10-23",
        True,
        1310.0,
    ]
    assert (thursday["freshness"]["state"], sunday["freshness"]["state"]) == ("fresh", "carried")
