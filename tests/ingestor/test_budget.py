from dataclasses import replace

import pytest

from config.cache import shared
from ingestor import budget
from ingestor.budget import BudgetSpent, spend
from ingestor.published import ProviderUnavailable
from ingestor.registry import Budget, profiles

THREE_A_MINUTE = replace(profiles()["fred"], budget=Budget(calls=3, seconds=60))
NOW = 1_793_347_210.0  # ten seconds into a minute


def spend_three(profile=THREE_A_MINUTE, *, now=NOW):
    for _ in range(3):
        spend(profile, now=now)


@pytest.fixture(autouse=True)
def _nothing_counted():
    budget._own.clear()


@pytest.fixture
def cache_out():
    """The shared cache rests, as after a failure."""
    shared._resting_until = float("inf")
    yield
    shared._resting_until = 0.0


def test_requests_within_the_budget_pass_and_the_next_does_not():
    spend_three()

    with pytest.raises(BudgetSpent, match="budget spent: 3 requests in 60 s; the next window opens in 50 s"):
        spend(THREE_A_MINUTE, now=NOW)


def test_a_spent_budget_is_trouble_that_passes():
    assert issubclass(BudgetSpent, ProviderUnavailable)


def test_the_next_window_has_a_budget_of_its_own():
    spend_three()

    spend_three(now=NOW + 50)
    with pytest.raises(BudgetSpent):
        spend(THREE_A_MINUTE, now=NOW + 109)


def test_providers_do_not_share_a_budget():
    spend_three()

    spend_three(replace(THREE_A_MINUTE, key="ecos"))


def test_without_the_shared_cache_this_process_counts_alone(cache_out):
    spend_three()

    with pytest.raises(BudgetSpent):
        spend(THREE_A_MINUTE, now=NOW)
    spend_three(now=NOW + 60)
