import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection

from ingestor.budget import BudgetSpent
from ingestor.circuit import CircuitOpen, guard
from ingestor.circuit_state import ProviderCircuit
from ingestor.lease import LeaseLost
from ingestor.published import NoHistory, ProviderFormatError, ProviderRefused, ProviderUnavailable

pytestmark = pytest.mark.django_db


class Run:
    """A collection run: counts how often it was let through, ends as it is told."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        if self.failure:
            raise self.failure
        return "data"


def fail(times: int, failure: Exception | None = None, key: str = "ecos") -> None:
    failure = failure or ProviderUnavailable("status 503")
    for _ in range(times):
        with pytest.raises(type(failure)) as caught:
            guard(key, Run(failure))
        assert caught.value is failure


def rest(minutes: float, key: str = "ecos") -> None:
    """As if the circuit had opened so many minutes ago."""
    ProviderCircuit.objects.filter(key=key).update(opened_at=datetime.now(UTC) - timedelta(minutes=minutes))


def state(key: str = "ecos") -> tuple[str, int]:
    return ProviderCircuit.objects.values_list("state", "failure_count").get(key=key)


def test_a_good_run_gives_its_result_and_leaves_the_circuit_closed():
    assert guard("ecos", Run()) == "data"
    assert state() == ("closed", 0)


def test_four_failed_runs_leave_the_circuit_closed_and_the_fifth_opens_it():
    fail(4)
    assert state() == ("closed", 4)

    fail(1)
    assert state() == ("open", 5)


@pytest.mark.parametrize(
    "failure", [ProviderUnavailable("503"), ProviderRefused("key"), ProviderFormatError("html")]
)
def test_every_kind_of_provider_error_counts(failure):
    fail(5, failure)

    assert state()[0] == "open"


def test_an_open_circuit_asks_nobody():
    fail(5)
    run = Run()

    with pytest.raises(CircuitOpen, match="left alone after 5 failed runs"):
        guard("ecos", run)

    assert run.times == 0


def test_a_good_run_in_between_starts_the_count_again():
    fail(4)
    guard("ecos", Run())
    fail(4)

    assert state() == ("closed", 4)


def test_an_error_of_our_own_says_nothing_of_the_provider():
    for _ in range(6):
        with pytest.raises(ZeroDivisionError):
            guard("ecos", Run(ZeroDivisionError()))

    assert state() == ("closed", 0)


def test_a_budget_of_our_own_that_is_spent_says_nothing_of_the_provider():
    fail(5, BudgetSpent("budget spent"))

    assert state() == ("closed", 0)


#: How a run ends without a word of the provider's.
OURS = [
    BudgetSpent("budget spent"),
    NoHistory("has no history"),
    LeaseLost("another run took over"),
    OperationalError("gone away"),
    ZeroDivisionError(),
]


@pytest.mark.parametrize("ours", OURS, ids=lambda exc: type(exc).__name__)
def test_what_says_nothing_of_the_provider_leaves_the_count_as_it_was(ours):
    fail(4)
    fail(1, ours)
    assert state() == ("closed", 4)

    fail(1)
    assert state() == ("open", 5)


@pytest.mark.parametrize("ours", OURS, ids=lambda exc: type(exc).__name__)
def test_a_trial_that_says_nothing_of_the_provider_is_left_to_the_next_run(ours):
    fail(5)
    rest(10.1)

    fail(1, ours)
    assert state() == ("half-open", 5)

    fail(1)
    assert state()[0] == "open"
    rest(10.1)
    fail(1, ours)
    assert guard("ecos", Run()) == "data"
    assert state() == ("closed", 0)


def test_a_run_from_before_does_not_give_anothers_trial_away():
    def long_run() -> str:
        fail(5)
        rest(10.1)

        def trial() -> str:
            raise ZeroDivisionError

        # Another process is on its trial when this run ends with a bug of ours.
        ProviderCircuit.objects.filter(key="ecos").update(state="half-open", trial_at=datetime.now(UTC))
        return trial()

    with pytest.raises(ZeroDivisionError):
        guard("ecos", long_run)

    with pytest.raises(CircuitOpen, match="a trial run is under way"):
        guard("ecos", Run())


def test_one_provider_does_not_open_anothers_circuit():
    fail(5)

    assert guard("ecb", Run()) == "data"


def test_the_circuit_stays_open_for_ten_minutes():
    fail(5)
    rest(9.9)

    with pytest.raises(CircuitOpen):
        guard("ecos", Run())


def test_after_ten_minutes_a_good_trial_closes_it():
    fail(5)
    rest(10.1)

    assert guard("ecos", Run()) == "data"
    assert state() == ("closed", 0)
    fail(4)
    assert state()[0] == "closed"


def test_after_ten_minutes_a_failed_trial_opens_it_for_ten_more():
    fail(5)
    rest(10.1)
    fail(1)

    assert state()[0] == "open"
    with pytest.raises(CircuitOpen):
        guard("ecos", Run())
    rest(10.1)
    assert guard("ecos", Run()) == "data"


def test_while_a_trial_is_under_way_nobody_else_is_let_through():
    fail(5)
    rest(10.1)
    second = Run()

    def trial() -> str:
        with pytest.raises(CircuitOpen, match="a trial run is under way"):
            guard("ecos", second)
        return "data"

    assert guard("ecos", trial) == "data"
    assert second.times == 0


def test_a_trial_whose_process_was_killed_gives_its_place_up_after_ten_minutes():
    fail(5)
    ProviderCircuit.objects.filter(key="ecos").update(state="half-open", trial_at=datetime.now(UTC))
    with pytest.raises(CircuitOpen):
        guard("ecos", Run())

    ProviderCircuit.objects.filter(key="ecos").update(trial_at=datetime.now(UTC) - timedelta(minutes=10))

    assert guard("ecos", Run()) == "data"
    assert state() == ("closed", 0)


@pytest.mark.django_db(transaction=True)
def test_failures_seen_by_several_workers_add_up():
    def worker() -> None:
        try:
            with pytest.raises(ProviderUnavailable):
                guard("ecos", Run(ProviderUnavailable("503")))
        finally:
            connection.close()

    guard("ecos", Run())  # the row is there
    workers = [threading.Thread(target=worker) for _ in range(5)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    assert state() == ("open", 5)


def test_the_table_knows_three_states():
    with pytest.raises(IntegrityError):
        ProviderCircuit.objects.create(key="ecos", state="ajar")
