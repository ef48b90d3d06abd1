"""manage.py rebuild_bars."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from config.cache import generation
from currency.models import ExchangeRate
from history import bars
from history.models import DailyRate
from tests.factories import FRIDAY, make_latest, make_observation

pytestmark = pytest.mark.django_db

NEW_YEARS_EVE, NEW_YEAR = date(2025, 12, 31), date(2026, 1, 2)


def rebuild(**options) -> list[str]:
    told = io.StringIO()
    call_command("rebuild_bars", stdout=told, **options)
    return told.getvalue().splitlines()


@pytest.fixture
def _two_sources():
    """Dollars and yen over a turn of the year by one source, dollars by another; bars as recorded."""
    for day, usd, jpy in (
        (NEW_YEARS_EVE, "1310.5", "8.4"),
        (NEW_YEAR, "1320.1", "8.5"),
        (FRIDAY, "1335.27", "8.6"),
    ):
        make_observation(rate_date=day, deal_base_rate=usd)
        make_observation(rate_date=day, currency_code="JPY", deal_base_rate=jpy)
        make_observation(rate_date=day, source="ecos", deal_base_rate=usd)
    make_latest(first_date=NEW_YEARS_EVE)
    make_latest(currency_code="JPY", first_date=NEW_YEARS_EVE)
    make_latest(source="ecos", first_date=NEW_YEARS_EVE)
    for source in ("ecb", "ecos"):
        bars.rebuild(source=source, first=NEW_YEARS_EVE, last=FRIDAY)


def all_bars() -> list[tuple[object, ...]]:
    return sorted(DailyRate.objects.values_list(*[f.name for f in DailyRate._meta.fields if f.name != "id"]))


@pytest.mark.usefixtures("_two_sources")
def test_right_bars_stay_as_they_are():
    before = all_bars()

    told = rebuild()

    assert told == [
        "ecb: 0 bars changed, 2025-12-31 to 2026-10-30",
        "ecos: 0 bars changed, 2025-12-31 to 2026-10-30",
    ]
    assert len(before) == 9
    assert all_bars() == before


@pytest.mark.usefixtures("_two_sources")
def test_damaged_lost_and_orphaned_bars_are_put_right():
    original = all_bars()
    bars_of_ecb = DailyRate.objects.filter(source="ecb")
    bars_of_ecb.filter(currency_code="USD", rate_date=NEW_YEARS_EVE).update(high=9999, close=1311)
    bars_of_ecb.filter(currency_code="JPY", rate_date=NEW_YEAR).update(volatility=0.5)
    bars_of_ecb.filter(currency_code="JPY", rate_date=FRIDAY).delete()
    orphan = DailyRate.objects.get(source="ecos", rate_date=FRIDAY)
    orphan.pk, orphan.rate_date = None, date(2026, 10, 28)
    orphan.save()

    told = rebuild()

    assert told == [
        "ecb: 3 bars changed, 2025-12-31 to 2026-10-30",
        "ecos: 1 bars changed, 2025-12-31 to 2026-10-30",
    ]
    assert all_bars() == original


@pytest.mark.usefixtures("_two_sources")
def test_one_source_and_a_span_of_days_can_be_named():
    DailyRate.objects.update(volatility=0.5)

    told = rebuild(source="ecb", first="2026-01-01", last="2026-06-30")

    assert told == ["ecb: 2 bars changed, 2026-01-01 to 2026-06-30"]
    repaired = DailyRate.objects.filter(volatility=0).values_list("source", "rate_date").distinct()
    assert list(repaired) == [("ecb", NEW_YEAR)]


@pytest.mark.usefixtures("_two_sources")
def test_stored_answers_are_old_only_when_something_changed():
    generation.move_on()
    before = generation.current()

    rebuild()
    assert generation.current() == before
    DailyRate.objects.filter(source="ecb", rate_date=FRIDAY).update(volatility=0.5)
    rebuild()

    assert generation.current() > before


@pytest.mark.usefixtures("_two_sources")
def test_bars_outlive_observations_that_were_dropped_by_age():
    before = all_bars()
    ExchangeRate.objects.filter(rate_date__lt=FRIDAY).delete()

    # Friday is the oldest day left, and may have lost its first hours: nothing is certain of it.
    assert rebuild() == ["No observations in that time: nothing to do."]
    make_observation(rate_date=date(2026, 10, 29), deal_base_rate="1330")

    assert rebuild() == ["ecb: 0 bars changed, 2026-10-30 to 2026-10-30"]
    assert all_bars() == before


def test_an_unknown_source_is_refused_with_those_there_are():
    make_latest()
    make_latest(source="ecos")

    with pytest.raises(CommandError, match=r"^bok: no source with rates; accepted: ecb, ecos\.$"):
        rebuild(source="bok")


def test_before_anything_was_collected_there_is_nothing_to_do():
    assert rebuild() == ["No observations in that time: nothing to do."]
    with pytest.raises(CommandError, match="nothing has been collected yet"):
        rebuild(source="ecb")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"first": "2026-13-01"}, "--from: '2026-13-01' is no date; expected YYYY-MM-DD"),
        ({"last": "20261030"}, "--to: '20261030' is no date"),
        ({"first": "2026-10-30", "last": "2026-10-29"}, "--from 2026-10-30 is after --to 2026-10-29"),
    ],
)
def test_days_that_make_no_sense_are_refused(options, reason):
    with pytest.raises(CommandError, match=reason):
        rebuild(**options)
