"""ingestor.lease: one run of a provider at a time."""

import os
import socket
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections

from ingestor import lease
from ingestor.models import Lease
from tests.ingestor.observations import NOW

pytestmark = pytest.mark.django_db

HOST = socket.gethostname()


def holder_is(holder):
    Lease.objects.create(provider="ecb", holder=holder, expires_at=NOW + timedelta(seconds=60))


def test_the_second_run_does_not_get_it_until_the_first_gives_it_back():
    first = lease.take("ecb", NOW)

    assert first is not None
    assert lease.take("ecb", NOW) is None
    assert lease.take("fred", NOW) is not None
    first.give_back()
    assert lease.take("ecb", NOW) is not None


def test_a_lease_that_was_not_renewed_in_time_is_lost():
    silent = lease.take("ecb", NOW)
    later = NOW + lease.LIFE

    assert silent is not None
    assert lease.take("ecb", later - timedelta(seconds=1)) is None
    assert lease.take("ecb", later) is not None
    with pytest.raises(lease.LeaseLost):
        silent.renew(later)


def test_a_renewed_lease_lives_on():
    held = lease.take("ecb", NOW)
    assert held is not None
    held.renew(NOW + timedelta(seconds=150))

    assert lease.take("ecb", NOW + timedelta(seconds=300)) is None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells")
def test_a_killed_process_that_nobody_has_buried_holds_nothing():
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        holder_is(f"{HOST}:{ended.pid}:run")

        assert lease.take("ecb", NOW) is not None


def test_a_lease_outlives_a_request_that_is_tried_until_patience_ends():
    assert lease.take("ecos", NOW) is not None

    # Attempts for 60 s, and a last one that drips for three time-outs of 20 s.
    assert lease.take("ecos", NOW + timedelta(seconds=120)) is None


def test_giving_back_what_another_run_has_taken_over_changes_nothing():
    silent = lease.take("ecb", NOW)
    assert silent is not None
    lease.take("ecb", NOW + lease.LIFE)

    silent.give_back()

    assert lease.take("ecb", NOW + lease.LIFE) is None


def test_a_dead_process_of_this_host_holds_nothing():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    holder_is(f"{HOST}:{child.pid}:abc")

    assert lease.take("ecb", NOW) is not None


def test_a_process_that_is_alive_keeps_its_lease():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        holder_is(f"{HOST}:{child.pid}:abc")
        taken = lease.take("ecb", NOW)
        child.communicate(b"\n")

    assert taken is None


def test_another_hosts_lease_is_waited_for():
    holder_is("another-host:1:abc")

    assert lease.take("ecb", NOW) is None
    assert lease.take("ecb", NOW + timedelta(seconds=60)) is not None


def test_a_restarted_container_has_its_predecessors_host_and_pid():
    held = lease.take("ecb", NOW)
    assert held is not None
    # The same host and pid as ours, but no run of ours.
    Lease.objects.update(holder=held.holder.rpartition(":")[0] + ":0123456789ab")

    assert lease.take("ecb", NOW) is not None


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_it():
    together = threading.Barrier(8)
    taken = []

    def run():
        try:
            together.wait(10)
            taken.append(lease.take("ecb", NOW))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(taken) == 8
    assert sum(one is not None for one in taken) == 1
