"""`python -m deploy.restore`: see `--help`, and "Restoring" in docs/operations.md."""

import argparse
import json
import os
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import boto3.session
from botocore.exceptions import BotoCoreError, ClientError

from deploy.release import screen
from deploy.restore import moment
from deploy.restore.moment import Refused

_EXAMPLES = """examples:
  python -m deploy.restore aurora --at 2026-11-26T03:00:00Z              a cluster beside the one that runs
  python -m deploy.restore verify --cluster currency-service-restored-20261126t030000z
  python -m deploy.restore aurora --at 2026-11-26T03:00:00Z --adopt      in its place
  python -m deploy.restore dynamodb --at 2026-11-26T03:00:00Z --adopt    what is missing, put back and counted
  python -m deploy.restore drill                                         all of it, with servers of its own

Every command looks at what is there first: stopped or killed, the same words go on.
"""


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.restore",
        description="Aurora and DynamoDB as they were at a moment of the past.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def restoring(name: str, text: str, adopting: str) -> None:
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument(
            "--at",
            type=moment.read,
            required=True,
            metavar="TIME",
            help="with its zone: 2026-11-26T03:00:00Z",
        )
        command.add_argument("--adopt", action="store_true", help=adopting)

    restoring(
        "aurora",
        "the database at a moment, as a cluster beside the one that runs",
        "then put it in that one's place: nothing can be written for some minutes",
    )
    restoring(
        "dynamodb",
        "selections and rankings at a moment, as tables beside the ones that are used",
        "then put what is missing back into those, and count every day again",
    )
    verify = commands.add_parser(
        "verify", help="is all of it there, and does the service answer from it?", description=_VERIFY
    )
    verify.add_argument("--cluster", metavar="NAME", help="as its master user; default: DATABASE_URL")
    verify.add_argument("--known", type=Path, metavar="FILE", help="what another database held (--keep)")
    verify.add_argument("--keep", type=Path, metavar="FILE", help="write what this one holds")
    drill = commands.add_parser("drill", help="a restore, rehearsed", description="A restore, rehearsed.")
    drill.add_argument(
        "--since",
        type=date.fromisoformat,
        metavar="DAY",
        help="with no older figures (default: all of them; a forecast needs some months)",
    )
    drill.add_argument(
        "--aws", action="store_true", help="with a cluster in this account, removed afterwards"
    )
    return parser


_VERIFY = """Count and checksum every table of a database, see that nothing is left to be migrated, and ask
every address of the contract from it. Run it where the database can be reached."""


def _aws(service: str) -> Any:
    return boto3.session.Session(region_name=os.environ.get("AWS_REGION", "ap-northeast-2")).client(service)


def _django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()


def _aurora(asked: argparse.Namespace) -> None:
    from deploy.restore import aurora, succession

    rds = _aws("rds")
    name = aurora.restored_name(asked.at)
    if asked.adopt:
        screen.say(succession.adopt(rds, asked.at))
        return
    cluster = aurora.beside(rds, asked.at, name=name)
    screen.say(f"{name} is available: {cluster['Endpoint']}")
    screen.say(f"Look at it:        python -m deploy.restore verify --cluster {name}")
    screen.say(f"Put it in place:   python -m deploy.restore aurora --at {asked.at.isoformat()} --adopt")


def _dynamodb(asked: argparse.Namespace) -> None:
    _django()
    from deploy.restore import selections, tables
    from ranking.stores import StoreUnavailable

    dynamodb = _aws("dynamodb")
    for table in tables.TABLES:
        screen.say(f"{tables.beside(dynamodb, table, asked.at)} is there")
    if not asked.adopt:
        screen.say(
            f"Put back what is missing:  python -m deploy.restore dynamodb --at {asked.at.isoformat()} --adopt"
        )
        return
    try:
        done = selections.adopt(asked.at, now=datetime.now(UTC))
    except StoreUnavailable as exc:
        raise Refused(f"DynamoDB: {exc}; the same words go on") from None
    screen.table(
        "Put back", ("kind", "items"), [(kind, f"{count:,}") for kind, count in done.returned.items()]
    )
    screen.say(f"{done.corrected:,} counters corrected.")
    if done.differing:
        days = ", ".join(map(str, done.differing))
        raise Refused(
            f"stored and counted differ on {days}: run this again; manage.py audit_selections tells more"
        )
    screen.say(selections.afterwards(asked.at))


def _verify(asked: argparse.Namespace) -> None:
    from deploy.restore import access, examination, fingerprint

    database, others = os.environ.get("DATABASE_URL", ""), dict[str, str]()
    if asked.cluster:
        database, others = access.as_master(_aws("rds"), _aws("secretsmanager"), asked.cluster)
    if not database:
        raise Refused("which database? Give --cluster, or set DATABASE_URL")
    known = examination.from_json(json.loads(asked.known.read_text())).tables if asked.known else {}
    found = examination.examined(database, **others)
    rows = []
    for table, contents in found.tables.items():
        told = (f"{contents.rows:,}", contents.sha256[:12]) if contents else ("missing", "")
        same = "ok" if known.get(table) == contents else "FAILED"
        rows.append((table, *told, same if known else ""))
    screen.table("Tables", ("table", "rows", "checksum", "as known" if known else ""), rows)
    if asked.keep:
        asked.keep.write_text(examination.as_json(found))
    wrong = [f"missing: {table}" for table in found.missing]
    wrong += [] if found.migrated else ["migrations are missing: manage.py migrate --plan"]
    wrong += [f"{status} {address}" for address, status in found.unanswered.items()]
    wrong += fingerprint.differing(known, found.tables) if known else []
    if wrong:
        raise Refused("\n".join(wrong))
    screen.say(
        f"{len(found.tables)} tables, {found.rows:,} rows, migrated; {found.answered} addresses answer."
    )


def _drill(asked: argparse.Namespace) -> None:
    _django()
    from deploy.restore import drill, drill_aws
    from deploy.restore.steps import Report

    report = Report(datetime.now(UTC))
    try:
        if asked.aws:
            drill_aws.run(report, _aws("rds"), _aws("secretsmanager"))
        else:
            drill.run(report, since=asked.since)
    finally:
        if report.steps:
            report.show()
            screen.say(f"kept in the archive: {report.keep()}")


_DO = {"aurora": _aurora, "dynamodb": _dynamodb, "verify": _verify, "drill": _drill}


def main(words: list[str] | None = None) -> int:
    asked = _arguments().parse_args(words)
    try:
        _DO[asked.command](asked)
    except Refused as refusal:
        screen.say(str(refusal), style="bold red")
        return 1
    except (BotoCoreError, ClientError) as refusal:
        screen.say(f"AWS: {refusal}", style="bold red")
        return 1
    except KeyboardInterrupt:
        screen.say("stopped; the same words go on", style="bold red")
        return 130
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    # Servers of a drill are ended, and a cluster of one is removed, before this process is.
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(main())
