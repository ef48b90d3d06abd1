"""history.statistics: level, range, movement and lean of a series of closes."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from history.statistics import percent_changes, summarise, trend

closes_strategy = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=60)


def test_a_series_is_summarised_as_by_hand():
    # Changes of 100, 110, 99: +10 % and -10 %; around their mean of 0 the deviations are 10 and -10,
    # so the sample variance is (100 + 100) / 1 and the volatility √200 = 14.1421356…
    told = summarise([100.0, 110.0, 99.0])

    assert told.average == pytest.approx(103.0)  # 309 / 3
    assert (told.min, told.max, told.data_points) == (99.0, 110.0, 3)
    assert told.volatility == pytest.approx(14.142135623730951)
    assert told.trend == "stable"


def test_one_change_has_no_deviation_and_one_close_no_change():
    assert summarise([100.0, 110.0]).volatility is None
    assert summarise([100.0]).volatility is None
    assert summarise([100.0]).average == 100.0


def test_nothing_has_no_statistics():
    with pytest.raises(ValueError, match="no closes"):
        summarise([])


@given(closes_strategy)
def test_level_range_and_movement_agree_with_the_standard_library(closes):
    told = summarise(closes)

    assert told.average == pytest.approx(statistics.mean(closes))
    lowest, *_, highest = [*sorted(closes), max(closes)]
    assert (told.min, told.max) == (lowest, highest)
    changes = [(closes[i + 1] - closes[i]) / closes[i] * 100 for i in range(len(closes) - 1)]
    if len(changes) > 1:
        assert told.volatility == pytest.approx(
            statistics.pstdev(changes) * (len(changes) / (len(changes) - 1)) ** 0.5
        )
    else:
        assert told.volatility is None


def test_changes_are_told_in_percent_of_the_close_before():
    assert percent_changes([200.0, 210.0, 105.0]) == pytest.approx([5.0, -50.0])


# --- trend ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closes", "lean"),
    [
        ([1000 * 1.001**day for day in range(60)], "upward"),
        ([1000 * 0.999**day for day in range(60)], "downward"),
        ([1335.27] * 60, "stable"),
        ([0.0531] * 250, "stable"),
        ([1000.0, 1010.0] * 30, "stable"),
        ([100.0, 101.0], "stable"),  # two closes always lie on a line
        ([100.0], "stable"),
    ],
)
def test_a_line_leans_and_a_flat_or_swinging_series_does_not(closes, lean):
    assert trend(closes).direction == lean


# Logarithms of the closes 0, 1, 0, 1 (times a small step h) over t = 0, 1, 2, 3, by hand:
# mean of t 1.5, Σ(t - 1.5)² = 2.25 + 0.25 + 0.25 + 2.25 = 5
# Σ(t - 1.5)(y - ȳ) = h·(-1.5·-0.5 + -0.5·0.5 + 0.5·-0.5 + 1.5·0.5) = h, so the slope is h / 5
# Σ(y - ȳ)² = 4 · 0.25 h² = h²; what the slope explains is h² / 5, the residual 0.8 h²
# standard error √(0.8 h² / 2 / 5) = 0.2828 h; t = 0.2 / 0.2828 = 0.7071: chance.
def test_a_slope_below_twice_its_error_is_stable_by_hand():
    step = 1.01

    assert trend([100, 100 * step, 100, 100 * step]).direction == "stable"


# Logarithms 0, 1, 2, 3 but for a last one of 3 - d over t = 0, 1, 2, 3 (times h):
# slope = (5 - 1.5 d) / 5 = 1 - 0.3 d. The residual is that of a lone bump d at the end:
# d² · (1 - 1/4 - 1.5² / 5) = 0.3 d²; error √(0.3 d² / 2 / 5) = 0.17321 d.
# t = (1 - 0.3 d) / (0.17321 d) reaches 2 at d = 1 / (0.3 + 0.34641) = 1.5470.
@pytest.mark.parametrize(
    ("bump", "lean"), [(1.50, "upward"), (1.54, "upward"), (1.55, "stable"), (1.60, "stable")]
)
def test_a_slope_counts_from_twice_its_error_on_by_hand(bump, lean):
    logarithms = [0.0, 0.01, 0.02, 0.01 * (3 - bump)]

    assert trend([100 * 2.718281828459045**each for each in logarithms]).direction == lean
    mirrored = [100 * 2.718281828459045**-each for each in logarithms]
    assert trend(mirrored).direction == {"upward": "downward"}.get(lean, lean)


@given(st.lists(st.floats(900, 1100), min_size=3, max_size=40), st.sampled_from([1e-4, 1e-2, 1e3]))
def test_a_lean_does_not_depend_on_the_size_of_the_unit(closes, unit):
    assert trend([close * unit for close in closes]).direction == trend(closes).direction
