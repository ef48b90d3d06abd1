"""config.api.throttling: nobody gets above the limit, whatever they do at once."""

from concurrent.futures import ThreadPoolExecutor

from django.core.cache import cache

from config.api.throttling import RequestCounter
from config.cache import shared

NOON = 1_795_348_800.0  # 2026-11-22 12:00:00 UTC, the start of an hour


def test_the_limit_is_granted_exactly_and_remaining_counts_down():
    counter = RequestCounter()

    allowances = [counter.take("address:a", 5, NOON) for _ in range(7)]

    assert [allowance.granted for allowance in allowances] == [True] * 5 + [False] * 2
    assert [allowance.remaining for allowance in allowances] == [4, 3, 2, 1, 0, 0, 0]


def test_a_window_ends_on_the_hour_and_a_new_one_starts_full():
    counter = RequestCounter()
    last = [counter.take("address:a", 1, NOON + 3599) for _ in range(2)][-1]

    fresh = counter.take("address:a", 1, NOON + 3600)

    assert (last.granted, last.resets_at) == (False, NOON + 3600)
    assert fresh.granted


def test_callers_do_not_spend_each_others_requests():
    counter = RequestCounter()
    counter.take("address:a", 1, NOON)

    assert counter.take("address:b", 1, NOON).granted


def test_a_thousand_requests_of_parallel_threads_pass_a_limit_of_one_hundred_exactly_one_hundred_times():
    counter = RequestCounter()

    with ThreadPoolExecutor(16) as threads:
        allowances = list(threads.map(lambda _: counter.take("address:a", 100, NOON), range(1000)))

    assert sum(allowance.granted for allowance in allowances) == 100


def test_processes_that_share_a_cache_share_the_limit():
    # Two counters have separate memories, as two processes have; the cache between them is one.
    one, other = RequestCounter(), RequestCounter()

    granted = sum((one, other)[turn % 2].take("key:k", 1000, NOON).granted for turn in range(3000))

    assert granted == 1000


def test_ten_requests_of_a_generous_limit_cost_one_trip_to_the_cache():
    counter = RequestCounter()

    for _ in range(10):
        counter.take("address:a", 1000, NOON)

    assert cache.get(f"requests:address:a:{int(NOON) // 3600}") == 10


def test_while_the_cache_is_out_requests_are_still_counted():
    counter = RequestCounter()
    shared._resting_until = float("inf")  # as after a failure that has just been seen

    allowances = [counter.take("address:a", 3, NOON) for _ in range(4)]

    assert [allowance.granted for allowance in allowances] == [True, True, True, False]
