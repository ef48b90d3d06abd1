"""config.pulse and manage.py worker_health: is this machine's worker alive?"""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from config import pulse


@pytest.fixture
def file(settings, tmp_path):
    settings.WORKER_PULSE_FILE = str(tmp_path / "var" / "worker.pulse")
    return tmp_path / "var" / "worker.pulse"


def test_where_no_worker_has_started_none_is_alive(file):
    with pytest.raises(CommandError, match="No worker has started here"):
        call_command("worker_health")


def test_a_worker_that_starts_is_given_a_minute(file, capsys):
    file.parent.mkdir()
    file.touch()
    os.utime(file, (4e9, 4e9))  # left behind by an earlier worker
    pulse.begin()
    started = file.stat().st_mtime

    call_command("worker_health")

    assert capsys.readouterr().out == "alive\n"
    assert started < 4e9
    assert pulse.complaint(datetime.fromtimestamp(started - 1, UTC)) is None
    assert pulse.complaint(datetime.fromtimestamp(started + 1, UTC)) is not None


def test_a_worker_that_was_silent_for_too_long_is_not_alive(file):
    pulse.begin()
    os.utime(file, (1_800_000_000, 1_800_000_000))

    told = pulse.complaint(datetime.fromtimestamp(1_800_000_090, UTC))

    assert told == "No sign of life: expected by 2027-01-15 08:00:00 UTC, 90 s ago."


def test_an_answered_poll_does_not_shorten_the_time_of_a_long_task(file):
    pulse.begin()
    pulse.expect_by(330)
    busy = file.stat().st_mtime

    pulse.expect_by(60)

    assert file.stat().st_mtime == busy
    assert pulse.complaint(datetime.now(UTC) + timedelta(seconds=300)) is None
