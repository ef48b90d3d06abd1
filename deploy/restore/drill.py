"""A restore, rehearsed with servers of its own: MariaDB to a moment, then DynamoDB's tables.

The database is real: a base backup and the binary log, as Aurora has them in storage. So is the damage: rows
deleted without a WHERE, a table dropped. DynamoDB is moto's: it copies a table as it is when it is asked to
restore it, so the damage comes after the copy. What a drill here cannot see is how long AWS takes, whether
its window reaches back, and IAM: `drill --aws` restores a cluster there.
"""

import time
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from deploy.restore import examination, mariadb, moment, tables
from deploy.restore.fingerprint import Contents, differing
from deploy.restore.moment import Refused
from deploy.restore.service import Service, working
from deploy.restore.steps import Report, expect
from history.models import DailyRate
from ranking.models import Selection
from ranking.stores import dynamodb_keys as keys
from ranking.stores.dynamodb_calls import plain, typed
from ranking.stores.dynamodb_tables import SELECTIONS

#: Days of figures that are published after the backup was made.
_AFTER = 10
_TRAVELLERS = 20

_BEGIN = date(1999, 1, 4)


def run(report: Report, *, since: date | None) -> None:
    """Everything, step by step; the report tells how far it came. `since`: no older figures than of that day.

    Raises: Refused where a step did not do what it has to; nothing is left behind either way.
    """
    if absent := mariadb.missing():
        raise Refused(f"the drill needs MariaDB: {absent}")
    if find_spec("moto") is None or find_spec("MySQLdb") is None:
        raise Refused("the drill needs a checkout with requirements/development.txt")
    with TemporaryDirectory(prefix="restore-drill-") as scratch:
        folder = Path(scratch)
        archive = f"file://{folder / 'archive'}"
        with ExitStack() as servers:
            restored = _of_the_database(report, folder, servers, archive, since or _BEGIN)
            _of_the_selections(report, restored.url, archive)


# --- the database -------------------------------------------------------------------------------


def _of_the_database(
    report: Report, folder: Path, servers: ExitStack, archive: str, since: date
) -> mariadb.Server:
    """The server with what was restored, which is ended with `servers`."""
    dump = folder / "dump.sql"
    own = {"SELECTION_STORE": "sql", "ARCHIVE_URL": archive}
    with mariadb.running(folder / "damaged") as damaged, working(damaged.url, **own) as service:
        with report.step("a database in use") as done:
            service.ask("prepare")
            newest = date.fromisoformat(service.ask("newest"))
            kept = newest - timedelta(days=_AFTER)
            done(f"{service.ask('record', first=str(since), last=str(kept)):,} figures up to {kept}")
        with report.step("base backup") as done:
            backed_up = damaged.dump(dump)
            done(f"{dump.stat().st_size / 2**20:.1f} MiB at {backed_up.file}:{backed_up.offset}")
        with report.step("writes after it") as done:
            figures = service.ask("record", first=str(kept + timedelta(days=1)), last=str(newest))
            stored = service.ask("select", travellers=_TRAVELLERS)
            expect((figures > 0, len(stored)), (True, 2 * _TRAVELLERS), "figures, and selections of two each")
            done(f"{figures:,} figures, {len(stored)} selections")
        with report.step("the moment") as done:
            known = _contents(service)
            at = _next_second()
            rows = sum(one.rows for one in known.values() if one)
            done(f"{moment.told(at)}: {len(known)} tables, {rows:,} rows")
        with report.step("damage") as done:
            late = service.ask("select", travellers=1)
            hit = f"DELETE FROM {DailyRate._meta.db_table}; DROP TABLE {Selection._meta.db_table}"  # noqa: S608 - our own
            damaged.run(f"USE {mariadb.DATABASE}; {hit}")
            began = time.monotonic()
            report.lost = round((datetime.now(UTC) - at).total_seconds(), 2)
            hurt = differing(known, _contents(service))
            expect(any("missing" in line for line in hurt), True, "a table is missing")
            done(f"{len(hurt)} tables are not what they were; {len(late)} selections came after the moment")
        with report.step("restore") as done:
            logs = damaged.logs(backed_up)
            restored = servers.enter_context(mariadb.running(folder / "restored"))
            restored.load(dump)
            restored.replay(logs, since=backed_up, until=at)
            done(f"the backup, and {sum(log.stat().st_size for log in logs) / 2**20:.1f} MiB of binary log")
    with report.step("verify") as done:
        found = examination.examined(restored.url, **own)
        expect(differing(known, found.tables), [], "tables that differ")
        expect(found.migrated, True, "migrated")
        expect(found.unanswered, {}, "addresses that do not answer")
        done(f"{len(known)} tables equal row by row, migrated, {found.answered} addresses answer")
    report.restored_in = round(time.monotonic() - began, 1)
    return restored


def _contents(service: Service) -> dict[str, Contents | None]:
    told = service.ask("contents")
    return {table: Contents(**one) if one else None for table, one in told.items()}


def _next_second() -> datetime:
    """A binary log tells whole seconds: nothing is written any more until this one has begun."""
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    while (left := (at - datetime.now(UTC)).total_seconds()) > 0:
        time.sleep(left)
    return at


# --- the selections -----------------------------------------------------------------------------


def _of_the_selections(report: Report, database: str, archive: str) -> None:
    from tests import aws_server  # moto is no dependency of the service; the drill is run from a checkout

    with aws_server.running() as address:
        own = {"SELECTION_STORE": "dynamodb", "ARCHIVE_URL": archive, "AWS_ENDPOINT_URL": address}
        own |= {**aws_server.CREDENTIALS, "SELECTION_SHARDS": "2"}
        dynamodb = boto3.client("dynamodb", **_client(address))
        with working(database, **own) as service:
            with report.step("DynamoDB: selections") as done:
                service.ask("tables")
                for table in tables.TABLES:
                    dynamodb.update_continuous_backups(
                        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
                    )
                service.ask("select", travellers=_TRAVELLERS)
                before = service.ask("audited")
                expect(before["differing"], 0, "countries that are not counted right")
                done(f"{len(before['ids'])} stored and counted")
            with report.step("DynamoDB: beside") as done:
                at = datetime.now(UTC)
                service.ask("beside", at=at.isoformat())
                done(", ".join(tables.side_name(table, at) for table in tables.TABLES))
            with report.step("DynamoDB: damage") as done:
                done(_damage(dynamodb))
                since = service.ask("select", travellers=5)
            with report.step("DynamoDB: adopt") as done:
                service.ask("adopt", at=at.isoformat())
                after = service.ask("audited")
                expect(after["differing"], 0, "countries that are not counted right")
                expect(after["ids"], sorted([*before["ids"], *since]), "selections")
                expect(after["visitors"], before["visitors"] + len(since), "visitors")
                done(f"{len(after['ids'])} stored and counted, {len(since)} of them since")


def _client(address: str) -> dict[str, Any]:
    return {
        "endpoint_url": address,
        "region_name": "ap-northeast-2",
        "aws_access_key_id": "drill",
        "aws_secret_access_key": "drill",
    }


def _damage(dynamodb: Any) -> str:
    """Two thirds of everything goes, whatever it is: selections, counters and who has been counted."""
    items = [plain(item) for item in dynamodb.scan(TableName=SELECTIONS)["Items"]]
    gone = [item for number, item in enumerate(items) if number % 3]
    for item in gone:
        dynamodb.delete_item(TableName=SELECTIONS, Key=typed(keys.key_of(item)))
    return f"{len(gone)} of {len(items)} items deleted"
