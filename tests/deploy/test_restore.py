"""A restore, rehearsed: MariaDB's own servers, its dump and its binary log; and what a restored database is asked."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.storage import storages

from config.preflight import keeping
from config.preflight.finding import Verdict
from deploy.rehearsal.contract import READS
from deploy.restore import mariadb, moment
from deploy.restore.__main__ import main
from deploy.restore.fingerprint import Contents, differing
from deploy.restore.moment import Refused
from deploy.restore.steps import Report

ABSENT = mariadb.missing()


@pytest.fixture(autouse=True, scope="module")
def _mariadb_is_here() -> None:
    if ABSENT and os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"REQUIRE_SERVICES=1, but {ABSENT}")
    if ABSENT:
        pytest.skip(ABSENT)


@pytest.fixture(autouse=True, scope="module")
def _temporary_folders_are_in_memory() -> Iterator[None]:
    """Where there is room: MariaDB makes a file for each month of figures, and a disk waits for each."""
    memory = Path("/dev/shm")  # noqa: S108
    with pytest.MonkeyPatch.context() as patch:
        if memory.is_dir() and shutil.disk_usage(memory).free > 2**30:
            patch.setattr(tempfile, "tempdir", str(memory))
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[mariadb.Server]:
    with tempfile.TemporaryDirectory() as folder, mariadb.running(Path(folder) / "server") as running:
        yield running


def test_a_drill_restores_everything_and_preflight_finds_its_report(capsys):
    """Everything in it is real but Amazon's: servers, schema, published figures, damage."""
    assert main(["drill", "--since", "2026-06-01"]) == 0

    archive = storages["archive"]
    [name] = archive.listdir(keeping.DRILLS)[1]
    with archive.open(f"{keeping.DRILLS}/{name}") as file:
        told = json.load(file)
    archive.delete(f"{keeping.DRILLS}/{name}")
    assert told["passed"] is True
    details = {step["name"]: step["detail"] for step in told["steps"]}
    assert list(details) == [
        "a database in use",
        "base backup",
        "writes after it",
        "the moment",
        "damage",
        "restore",
        "verify",
        "DynamoDB: selections",
        "DynamoDB: beside",
        "DynamoDB: damage",
        "DynamoDB: adopt",
    ]
    assert f"migrated, {len(READS)} addresses answer" in details["verify"]
    # A table that was dropped and one that was emptied; two selections came after the moment, with their counts.
    assert details["damage"].endswith("2 selections came after the moment")
    assert details["DynamoDB: adopt"] == "50 stored and counted, 10 of them since"
    assert 0 < told["rto_seconds"] < told["seconds"]
    assert 0 <= told["rpo_seconds"] < 60
    assert "From damage to answers (RTO)" in capsys.readouterr().out


def test_a_drill_that_breaks_off_is_kept_as_one_that_did_not_pass():
    report = Report(datetime.now(UTC))
    with report.step("one that works"):
        pass
    with pytest.raises(Refused), report.step("one that does not"):
        raise Refused("no such table")

    name = report.keep()

    try:
        finding = keeping.restore_drill(datetime.now(UTC), within=timedelta(days=100))
        assert finding.verdict is Verdict.FAILED
        with storages["archive"].open(name) as file:
            told = json.load(file)
        assert told["steps"][1] == {
            "name": "one that does not",
            "seconds": 0.0,
            "detail": "Refused: no such table",
            "ok": False,
        }
    finally:
        storages["archive"].delete(name)


def test_a_replay_ends_with_the_second_it_is_told(server: mariadb.Server, tmp_path: Path):
    """The server's clock is set, a second after the other, so that nothing has to be waited for."""
    server.run("USE currency; CREATE TABLE figures (told CHAR(9)); INSERT INTO figures VALUES ('backed up')")
    backed_up = server.dump(tmp_path / "dump.sql")
    at = datetime(2027, 3, 1, 12, 0, 0, tzinfo=UTC)
    for seconds, told in ((-1, "before"), (0, "at"), (1, "after")):
        clock = (at + timedelta(seconds=seconds)).timestamp()
        server.run(f"USE currency; SET timestamp = {clock}; INSERT INTO figures VALUES ('{told}')")  # noqa: S608
    logs = server.logs(backed_up)
    server.run("USE currency; DROP TABLE figures")

    server.load(tmp_path / "dump.sql")
    server.replay(logs, since=backed_up, until=at)

    assert server.run("SELECT told FROM currency.figures").split("\n") == ["backed up", "before", ""]


def test_a_database_is_held_against_what_was_kept_of_it(
    server: mariadb.Server, monkeypatch, capsys, tmp_path
):
    monkeypatch.setenv("DATABASE_URL", server.url)
    server.run(
        "USE currency; CREATE TABLE currencies (code CHAR(3) PRIMARY KEY); INSERT INTO currencies VALUES ('USD')"
    )

    assert main(["verify", "--keep", str(tmp_path / "kept")]) == 1
    told = capsys.readouterr().out
    assert "missing: exchange_rate_history" in told
    assert "migrations are missing" in told

    server.run("USE currency; UPDATE currencies SET code = 'JPY'")
    assert main(["verify", "--known", str(tmp_path / "kept")]) == 1
    assert re.findall(
        "^currencies: 1 rows [0-9a-f]{8}, known: 1 rows [0-9a-f]{8}$", capsys.readouterr().out, re.MULTILINE
    )


def test_what_differs_is_told_by_table():
    known = {
        "same": Contents(1, "aa"),
        "shorter": Contents(3, "bb"),
        "other": Contents(2, "cc"),
        "gone": Contents(1, "d"),
    }
    found = {
        "same": Contents(1, "aa"),
        "shorter": Contents(2, "b2"),
        "other": Contents(2, "c2"),
        "gone": None,
    }

    assert differing(known, found) == [
        "gone: missing, known: 1 rows d",
        "other: 2 rows c2, known: 2 rows cc",
        "shorter: 2 rows b2, known: 3 rows bb",
    ]


def test_a_moment_is_read_with_its_zone_and_told_in_utc():
    at = moment.read("2026-11-26T12:00:00+09:00")

    assert (moment.told(at), moment.mark(at)) == ("2026-11-26 03:00:00 UTC", "20261126t030000z")


def test_the_window_is_told_with_what_to_do_where_the_moment_is_too_new():
    latest = datetime(2026, 11, 26, 3, tzinfo=UTC)

    with pytest.raises(
        Refused, match="2026-11-19 03:00:00 UTC to 2026-11-26 03:00:00 UTC: the newest is some"
    ):
        moment.check(
            latest + timedelta(minutes=1), earliest=latest - timedelta(days=7), latest=latest, of="cluster"
        )
