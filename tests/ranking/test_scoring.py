import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.scoring import rank, ranks, summed
from ranking.selection import Count

CODES = st.text("ABCDEFGH", min_size=2, max_size=2)
SCORES = st.dictionaries(CODES, st.integers(0, 50), max_size=40)


def test_equal_scores_share_a_rank_and_the_next_one_is_skipped():
    places = rank({"JP": 9, "VN": 5, "TH": 5, "US": 2}, {})

    assert [(place.rank, place.country_code) for place in places] == [
        (1, "JP"),
        (2, "TH"),
        (2, "VN"),
        (4, "US"),
    ]


def test_ties_are_listed_in_the_order_of_their_codes():
    places = rank({"VN": 3, "JP": 3, "CN": 3}, {})

    assert [place.country_code for place in places] == ["CN", "JP", "VN"]


def test_movement_is_the_previous_rank_less_the_rank():
    places = rank({"JP": 9, "VN": 8, "TH": 7, "US": 6}, {"VN": 4, "JP": 3, "TH": 2})

    told = {place.country_code: (place.change, place.change_value, place.previous_rank) for place in places}
    assert told == {
        "JP": ("UP", 1, 2),
        "VN": ("DOWN", -1, 1),
        "TH": ("SAME", 0, 3),
        "US": ("NEW", None, None),
    }


def test_previous_ranks_are_shared_by_ties_too():
    [place] = rank({"JP": 1}, {"CN": 4, "JP": 4, "VN": 9})

    assert (place.previous_rank, place.change, place.change_value) == (2, "UP", 1)


def test_a_country_nobody_chose_has_no_place():
    assert [place.country_code for place in rank({"JP": 1, "US": 0}, {"US": 7})] == ["JP"]


def test_nothing_selected_is_an_empty_ranking():
    assert rank({}, {"JP": 3}) == []


def test_percentages_are_of_all_scores_with_two_decimals():
    places = rank({"JP": 2, "US": 1}, {})

    assert [place.percentage for place in places] == [66.67, 33.33]


@pytest.mark.parametrize("days", [[{"JP": Count(3, 2)}, {"JP": Count(4, 1), "US": Count(1, 1)}]])
def test_a_window_adds_the_counts_of_its_days(days):
    assert summed(days) == {"JP": Count(7, 3), "US": Count(1, 1)}


@given(SCORES, SCORES)
def test_percentages_add_up_to_a_hundred_within_rounding(scores, previous):
    places = rank(scores, previous)

    if places:
        assert abs(sum(place.percentage for place in places) - 100) <= 0.005 * len(places) + 1e-9


@given(SCORES)
def test_a_rank_is_one_more_than_the_number_of_better_countries(scores):
    for country, placed in ranks(scores).items():
        assert placed == 1 + sum(other > scores[country] for other in scores.values())


@given(SCORES, CODES)
def test_one_more_selection_never_lowers_a_country(scores, country):
    before = ranks({**scores, country: scores.get(country, 0) or 1})

    after = ranks({**scores, country: (scores.get(country, 0) or 1) + 1})

    assert after[country] <= before[country]
