"""ingestor.recording: observations, corrections, newest rates and bars, in one transaction."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, connections, transaction

from config.cache import generation
from config.commit import committed
from currency.models import ExchangeRate, LatestRate
from history.models import DailyRate
from ingestor.recording import Origin, compare, is_same, write
from tests.ingestor.observations import FRIDAY, MONDAY, NOW, fixed_on, observation, sourced, stored

pytestmark = pytest.mark.django_db

THURSDAY = FRIDAY - timedelta(days=1)


def record(*observations, source="ecos", **options):
    found = write(source, sourced(*observations), **options)
    return found.new, found.same, found.revised


def test_an_observation_is_stored_with_what_was_printed_and_where_it_is_kept():
    assert record(observation("8.8357", code="JPY", tts="8.9232", ttb="8.7482")) == (1, 0, 0)

    [row] = ExchangeRate.objects.values()
    assert {name: value for name, value in row.items() if name != "id"} == {
        "source": "ecos",
        "currency_code": "JPY",
        "recorded_at": fixed_on(FRIDAY),
        "revision": 0,
        "rate_date": FRIDAY,
        "deal_base_rate": Decimal("8.8357"),
        "tts": Decimal("8.9232"),
        "ttb": Decimal("8.7482"),
        "published_base": "JPY",
        "published_quote": "KRW",
        "published_unit": 1,
        "published_rate": "8.8357",
        "fetched_at": sourced(observation())[0][1].fetched_at,
        "archive_key": "raw/ecos/2026/10/30/003000-0123456789ab.json.gz",
    }


def test_the_same_again_writes_nothing(django_assert_num_queries):
    record(observation("1336.1"), observation("8.8357", code="JPY"))

    with django_assert_num_queries(1):
        assert record(observation("1336.1000"), observation("8.8357", code="JPY")) == (0, 2, 0)


def test_ten_decimals_come_back_as_the_same_figure():
    figures = [observation("4317.1234567891", code="KWD"), observation("0.0480000001", code="VND")]
    record(*figures)

    assert record(*figures) == (0, 2, 0)


def test_a_correction_is_kept_beside_what_it_corrects():
    record(observation("1336.1"))

    assert record(observation("1336.7")) == (0, 0, 1)

    assert stored(ExchangeRate, "revision", "deal_base_rate") == [
        (0, Decimal("1336.1")),
        (1, Decimal("1336.7")),
    ]
    assert stored(LatestRate, "deal_base_rate") == [(Decimal("1336.7"),)]
    assert stored(DailyRate, "close", "observation_count") == [(Decimal("1336.7"), 1)]


def test_a_correction_taken_back_is_another_correction():
    record(observation("1336.1"))
    record(observation("1336.7"))

    assert record(observation("1336.1")) == (0, 0, 1)
    assert record(observation("1336.1")) == (0, 1, 0)
    assert [revision for revision, _ in stored(ExchangeRate, "revision", "deal_base_rate")] == [0, 1, 2]


def ship(rate, *, package="9f86d081884c7d659a2feaa0"):
    """Load one figure from the file of a package."""
    origin = Origin(f"raw/ecos/bundled/{package}.zip.gz", NOW)
    found = write("ecos", [(observation(rate), origin)], is_snapshot=True)
    return found.new, found.same, found.revised


def test_an_old_file_does_not_take_a_correction_back():
    assert ship("1336.1") == (1, 0, 0)
    record(observation("1336.7"))

    assert ship("1336.1") == (0, 1, 0)
    # Nor does one that is older than a live correction of a figure it never held.
    assert ship("1336.9", package="60303ae22b998861bce3b28f") == (0, 1, 0)
    assert stored(LatestRate, "deal_base_rate") == [(Decimal("1336.7"),)]


def test_a_file_does_not_revise_what_was_fetched():
    record(observation("1336.1"))

    assert ship("1336.9") == (0, 1, 0)
    assert stored(ExchangeRate, "revision", "deal_base_rate") == [(0, Decimal("1336.1"))]


def test_a_newer_package_corrects_an_older_ones_figure_and_the_older_does_not_take_it_back():
    ship("1336.1")

    assert ship("1336.9", package="60303ae22b998861bce3b28f") == (0, 0, 1)
    assert ship("1336.1") == (0, 1, 0)
    assert stored(LatestRate, "deal_base_rate") == [(Decimal("1336.9"),)]


def test_wire_rates_that_appear_later_are_a_correction():
    record(observation("1336.1"))

    assert record(observation("1336.1", tts="1349.4", ttb="1322.8")) == (0, 0, 1)
    assert stored(LatestRate, "tts", "ttb") == [(Decimal("1349.4"), Decimal("1322.8"))]


def test_wire_rates_that_vanish_beside_the_same_base_rate_are_kept():
    record(observation("1336.1", tts="1349.4", ttb="1322.8"))

    assert record(observation("1336.1")) == (0, 1, 0)
    assert record(observation("1336.1", tts="1349.4")) == (0, 1, 0)
    assert stored(LatestRate, "tts", "ttb") == [(Decimal("1349.4"), Decimal("1322.8"))]


def test_wire_rates_that_change_are_a_correction():
    record(observation("1336.1", tts="1349.4", ttb="1322.8"))

    assert record(observation("1336.1", tts="1349.5", ttb="1322.8")) == (0, 0, 1)
    assert record(observation("1336.1", tts="1349.5", ttb="1322.7")) == (0, 0, 1)


def test_a_new_base_rate_without_wire_rates_is_a_correction_without_them():
    record(observation("1336.1", tts="1349.4", ttb="1322.8"))

    assert record(observation("1336.7")) == (0, 0, 1)
    assert stored(LatestRate, "tts", "ttb") == [(None, None)]


def test_two_providers_do_not_correct_each_other():
    record(observation("1336.1"), source="ecos")

    assert record(observation("1336.2"), source="eximbank") == (1, 0, 0)
    assert stored(LatestRate, "source") == [("ecos",), ("eximbank",)]


def test_the_newest_rate_never_goes_back():
    record(observation("1336.1", day=FRIDAY))
    record(observation("1320.0", day=THURSDAY))

    assert stored(LatestRate, "rate_date", "deal_base_rate", "first_date") == [
        (FRIDAY, Decimal("1336.1"), THURSDAY)
    ]


def test_a_correction_of_an_older_day_leaves_the_newest_rate():
    record(observation("1320.0", day=THURSDAY), observation("1336.1", day=FRIDAY))
    record(observation("1321.0", day=THURSDAY))

    assert stored(LatestRate, "rate_date", "deal_base_rate") == [(FRIDAY, Decimal("1336.1"))]
    assert stored(DailyRate, "rate_date", "close") == [(THURSDAY, Decimal(1321)), (FRIDAY, Decimal("1336.1"))]


def test_a_newer_rate_moves_the_newest_and_keeps_the_first_day():
    record(observation("1320.0", day=THURSDAY))
    record(observation("1340.0", day=MONDAY))

    assert stored(LatestRate, "rate_date", "recorded_at", "first_date") == [
        (MONDAY, fixed_on(MONDAY), THURSDAY)
    ]


def test_bars_are_built_for_the_days_that_changed():
    at = fixed_on(FRIDAY)
    record(
        *(
            observation(rate, at=at + timedelta(hours=hour))
            for hour, rate in enumerate(["1336", "1330", "1340"])
        )
    )

    [bar] = DailyRate.objects.all()
    assert (bar.open, bar.high, bar.low, bar.close, bar.observation_count) == (
        *(Decimal(price) for price in (1336, 1340, 1330, 1340)),
        3,
    )


def test_comparing_alone_writes_nothing():
    found = compare("ecos", sourced(observation()))

    assert (found.new, ExchangeRate.objects.count()) == (1, 0)


def test_readers_are_told_after_commit_and_only_when_something_changed(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as first:
        record(observation())
    told = generation.current()
    with django_capture_on_commit_callbacks(execute=True) as second:
        record(observation())

    assert (len(first), len(second)) == (1, 0)
    assert told > 0
    assert generation.current() == told


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1336.1", "1336.1000000000", True),
        ("1336.1", "1336.1000000001", False),
        ("123456789.1234567891", "123456789.1234567892", True),  # the 17th digit: SQLite has none
        ("123456789.12345", "123456789.12346", False),
        (None, "1", False),
        ("1", None, False),
        (None, None, True),
    ],
)
def test_figures_are_compared_to_fifteen_digits(one, other, same):
    assert is_same(one and Decimal(one), other and Decimal(other)) is same


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_fixing_end_with_one_observation_and_one_correction():
    rates = ["1336.1", "1336.7", "1337.3", "1337.9"]
    together = threading.Barrier(len(rates))
    failures = []

    def writer(rate):
        try:
            together.wait(10)
            committed(lambda: write("ecos", sourced(observation(rate), observation(rate, code="EUR"))))
        except Exception as exc:  # noqa: BLE001 - shown below
            failures.append(exc)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=writer, args=(rate,)) for rate in rates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    for code in ("USD", "EUR"):
        rows = ExchangeRate.objects.filter(currency_code=code).order_by("revision")
        assert [row.revision for row in rows] == [0, 1, 2, 3]
        assert sorted(row.published_rate for row in rows) == rates
        last = rows[3].deal_base_rate
        assert LatestRate.objects.get(currency_code=code).deal_base_rate == last
        assert DailyRate.objects.get(currency_code=code).close == last


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has no connection to lose")
def test_a_lost_connection_is_replaced_and_the_transaction_done_again():
    tries = []

    def work():
        tries.append(connection.connection.thread_id())
        found = write("ecos", sourced(observation()))
        if len(tries) == 1:
            killer = connections.create_connection("default")
            with killer.cursor() as cursor:
                cursor.execute("KILL %s", tries)
            killer.close()
        assert LatestRate.objects.count() == 1
        return found.new

    assert committed(work) == 1
    assert len(set(tries)) == 2
    assert ExchangeRate.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_wrong_for_good_is_not_tried_again():
    tries = []

    def wrong():
        tries.append(1)
        ExchangeRate.objects.create(
            source="ecos",
            currency_code="USD",
            recorded_at=fixed_on(FRIDAY),
            rate_date=date(2026, 10, 30),
            deal_base_rate=-1,
            fetched_at=fixed_on(FRIDAY),
        )

    with pytest.raises(IntegrityError):
        committed(wrong)

    assert len(tries) == 1


@pytest.mark.django_db(transaction=True)
def test_a_failure_half_way_leaves_nothing_of_the_transaction():
    class Stopped(Exception):
        pass

    def work():
        write("ecos", sourced(observation()))
        raise Stopped

    with pytest.raises(Stopped):
        committed(work)

    assert (ExchangeRate.objects.count(), LatestRate.objects.count(), DailyRate.objects.count()) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_retry_is_not_hidden_in_an_outer_transaction():
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        committed(lambda: None)
    assert not connection.in_atomic_block


def test_the_newest_rate_says_when_it_was_fetched():
    record(observation("1336.1"))
    later = Origin("raw/ecos/2026/10/30/023000-0123456789ab.json.gz", NOW + timedelta(hours=2))

    write("ecos", [(observation("1336.1"), later)])  # told again, nothing new
    assert stored(LatestRate, "fetched_at") == [(NOW,)]
    write("ecos", [(observation("1336.7"), later)])
    assert stored(LatestRate, "fetched_at") == [(NOW + timedelta(hours=2),)]
