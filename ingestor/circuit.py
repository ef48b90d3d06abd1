"""A provider that fails run after run is left alone for a while, by every process.

The rules are pybreaker's; the state is a database row, so that five failures seen by five workers
are five. Call `guard` outside a transaction: a rollback would take the count back.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pybreaker
from django.db.models import F, Q

from ingestor.budget import BudgetSpent
from ingestor.circuit_state import ProviderCircuit
from ingestor.published import NoHistory, ProviderError, ProviderUnavailable

FAILURES = 5
REST = timedelta(minutes=10)

_T = TypeVar("_T")


class CircuitOpen(ProviderUnavailable):
    """The provider was not asked, because it failed too often just now."""


class _Row(pybreaker.CircuitBreakerStorage):
    """One breaker's state in `ProviderCircuit`; every read asks the database, counting is atomic.

    To pybreaker whatever is no failure is a success. Once `no_verdict` is set, successes are not
    noted down: the count and the state stay as they were.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.no_verdict = False
        ProviderCircuit.objects.get_or_create(key=key)

    def _read(self, column: str) -> Any:
        return ProviderCircuit.objects.values_list(column, flat=True).get(key=self.name)

    def _write(self, **columns: Any) -> None:
        ProviderCircuit.objects.filter(key=self.name).update(**columns)

    @property
    def state(self) -> str:
        return str(self._read("state"))

    @state.setter
    def state(self, state: str) -> None:
        if state == pybreaker.STATE_HALF_OPEN:
            self._write(state=state)
        else:
            self._write(state=state, trial_at=None)

    @property
    def counter(self) -> int:
        return int(self._read("failure_count"))

    def increment_counter(self) -> None:
        self._write(failure_count=F("failure_count") + 1)

    def reset_counter(self) -> None:
        if not self.no_verdict:
            self._write(failure_count=0)

    @property
    def success_counter(self) -> int:
        return int(self._read("success_count"))

    def increment_success_counter(self) -> None:
        if not self.no_verdict:  # without a success counted, pybreaker leaves half-open as it is
            self._write(success_count=F("success_count") + 1)

    def reset_success_counter(self) -> None:
        self._write(success_count=0)

    @property
    def opened_at(self) -> datetime | None:
        moment: datetime | None = self._read("opened_at")
        return moment

    @opened_at.setter
    def opened_at(self, moment: datetime) -> None:
        self._write(opened_at=moment)


class _OneTrial(pybreaker.CircuitBreakerListener):
    """While half-open only one run in all processes goes through; pybreaker alone lets all pass."""

    def __init__(self) -> None:
        self._set_out: datetime | None = None

    def before_call(self, cb: pybreaker.CircuitBreaker, func: Any, *args: Any, **kwargs: Any) -> None:
        now = datetime.now(UTC)
        # A trial whose process was killed gives its place up after as long as the circuit rests.
        free = Q(trial_at=None) | Q(trial_at__lte=now - REST)
        trials = ProviderCircuit.objects.filter(key=cb.name, state=pybreaker.STATE_HALF_OPEN)
        if cb.current_state == pybreaker.STATE_HALF_OPEN and not trials.filter(free).update(trial_at=now):
            raise pybreaker.CircuitBreakerError("a trial run is under way")
        self._set_out = now

    def give_up(self, key: str) -> None:
        """Leave the trial to the next run, if it was ours."""
        ProviderCircuit.objects.filter(key=key, trial_at=self._set_out).update(trial_at=None)


def _says_nothing_of_the_provider(exc: BaseException) -> bool:
    # A budget of our own that is spent is no failure of theirs: nothing was asked. Nor is our asking
    # for a history that there is not.
    return not isinstance(exc, ProviderError) or isinstance(exc, BudgetSpent | NoHistory)


def guard(key: str, run: Callable[[], _T]) -> _T:
    """What `run` returns, unless the circuit of `key` is open.

    Five runs in a row that end in a ProviderError open it for ten minutes; then one run goes
    through, and its outcome closes or opens it again. A run that ends for reasons of our own (a bug,
    the database, a lost lease, a spent budget) changes neither count nor state.
    Raises: CircuitOpen without calling `run`; whatever `run` raises.
    """
    row, trial = _Row(key), _OneTrial()
    breaker = pybreaker.CircuitBreaker(
        fail_max=FAILURES,
        reset_timeout=REST.total_seconds(),
        exclude=[_says_nothing_of_the_provider],
        listeners=[trial],
        state_storage=row,
        name=key,
        throw_new_error_on_trip=False,
    )

    def watched() -> _T:
        try:
            return run()
        except BaseException as exc:
            row.no_verdict = _says_nothing_of_the_provider(exc)
            raise

    try:
        return breaker.call(watched)
    except pybreaker.CircuitBreakerError as exc:
        raise CircuitOpen(f"left alone after {FAILURES} failed runs: {exc}") from exc
    finally:
        if row.no_verdict:
            trial.give_up(key)
