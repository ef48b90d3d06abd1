from datetime import UTC, date, datetime, timedelta

import pytest

from ranking.models import DailyCount
from ranking.statistics import DayLine, country_statistics

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SUNDAY = date(2026, 11, 22)


def counted(days_ago, visitors, country="JP"):
    DailyCount.objects.create(
        selection_date=SUNDAY - timedelta(days=days_ago),
        country_code=country,
        shard=0,
        selections=visitors * 2,
        visitors=visitors,
    )


def test_every_day_is_listed_newest_first_with_its_rank_that_day():
    counted(0, 3)
    counted(0, 9, "US")
    counted(2, 4)

    told = country_statistics("JP", 7, now=NOON)

    assert told.breakdown == [
        DayLine(date(2026, 11, 22), 3, 2),
        DayLine(date(2026, 11, 21), 0, None),
        DayLine(date(2026, 11, 20), 4, 1),
        DayLine(date(2026, 11, 19), 0, None),
        DayLine(date(2026, 11, 18), 0, None),
        DayLine(date(2026, 11, 17), 0, None),
        DayLine(date(2026, 11, 16), 0, None),
    ]


def test_totals_average_peak_and_growth_are_of_the_window_and_the_one_before():
    counted(0, 3)
    counted(6, 7)
    counted(7, 4)
    counted(13, 4)
    counted(14, 100)

    told = country_statistics("JP", 7, now=NOON)

    assert (told.total_selections, told.daily_average) == (10, 1.43)
    assert (told.peak_day, told.peak_selections) == (date(2026, 11, 16), 7)
    assert told.growth_rate == 25.0


def test_growth_from_nothing_is_unknown():
    counted(0, 3)

    assert country_statistics("JP", 30, now=NOON).growth_rate is None


def test_a_country_nobody_chose_has_zeros_and_no_peak():
    told = country_statistics("JP", 90, now=NOON)

    assert (told.total_selections, told.daily_average, told.peak_day, told.peak_selections) == (0, 0, None, 0)
    assert len(told.breakdown) == 90


def test_of_two_equal_peaks_the_newer_is_told():
    counted(1, 5)
    counted(4, 5)

    assert country_statistics("JP", 7, now=NOON).peak_day == date(2026, 11, 21)
