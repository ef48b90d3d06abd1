"""From a selection to its place in the ranking, through SQS and a real worker."""

import contextlib
import json
import sqlite3
from datetime import UTC, datetime

from tests.tasks.stage import VISIBILITY, until

RANKING = "ranking-calculation-queue"

RECORD = """
from datetime import UTC, datetime
from ranking.recording import Choice, record
for number in range({users}):
    record(Choice(countries=("JP",), user_id=f"{name}-{{number}}", address="192.0.2.1", agent=""), now=datetime.now(UTC))
"""


def select(stage, name, users):
    """One process that records as the API does."""
    done = stage.manage("shell", "--verbosity", "0", "--command", RECORD.format(name=name, users=users))
    assert done.returncode == 0, done.stderr


def ranked(stage):
    """What the daily ranking has counted: (selections, visitors), or None where there is none yet."""
    rows = stage.rows("SELECT body FROM ranking_results WHERE period = 'daily'")
    totals = json.loads(rows[0][0])["totals"] if rows else None
    return totals and (totals["selections"], totals["visitors"])


def counted(stage):
    [(selections, visitors)] = stage.rows(
        "SELECT SUM(selections), SUM(visitors) FROM destination_daily_counts"
    )
    return selections, visitors


def forget(stage):
    for table in (
        "travel_destination_selections",
        "destination_visits",
        "destination_daily_counts",
        "ranking_results",
    ):
        stage.rows(f"DELETE FROM {table}")  # noqa: S608 - our own names
    until(lambda: sum(stage.waiting(RANKING)) == 0, "no message is left")


def test_a_burst_of_selections_is_ranked_within_ten_seconds_by_a_handful_of_messages(stage):
    worker = stage.worker()
    before = worker.log.read_text().count("rankings_calculated")

    select(stage, "burst", users=120)

    recorded = datetime.now(UTC)
    until(lambda: ranked(stage) == (120, 120), "all of them are ranked", patience=10)
    assert (datetime.now(UTC) - recorded).total_seconds() < 10
    assert worker.log.read_text().count("rankings_calculated") - before <= 3
    forget(stage)


def test_a_calculation_whose_worker_was_killed_is_done_by_another_and_counts_once(stage):
    stage.stop_workers()
    select(stage, "killed", users=5)
    with contextlib.closing(sqlite3.connect(stage.database, isolation_level=None)) as holding:
        # Whoever calculates cannot write while this is held.
        holding.execute("BEGIN IMMEDIATE")
        worker = stage.start()
        until(lambda: worker.said("ranking.recalculate["), "the worker has begun")
        worker.kill()
        holding.execute("ROLLBACK")
    assert ranked(stage) is None

    stage.start()

    until(lambda: ranked(stage) == (5, 5), "another worker has ranked them")
    assert counted(stage) == (5, 5)
    until(lambda: stage.waiting(RANKING) == (0, 0), "the message is gone", patience=20 * VISIBILITY)
    forget(stage)


def test_what_was_not_announced_is_ranked_by_the_sweep(stage, cable):
    stage.worker()
    cable.pull()
    select(stage, "unheard", users=3)
    assert stage.waiting(RANKING) == (0, 0)
    cable.plug()

    # As beat does every five minutes.
    assert stage.send("ranking.recalculate") == "sent"

    until(lambda: ranked(stage) == (3, 3), "the sweep has ranked them")
    forget(stage)
