"""`python -m deploy.restore.service`: the service at work in a drill, told what to do in lines of JSON.

A process of its own, for a database of its own (`working`). What it does, it does through the service's
own functions: figures are recorded and selections are stored as if providers and travellers had come.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from tempfile import TemporaryFile
from typing import IO, Any

from deploy.restore.examination import ROOT, environment
from deploy.restore.moment import Refused

_SOURCE = "ecb"
#: Figures a transaction, as the ingestor has it.
_AT_ONCE = 20_000
_COUNTRIES = ("JP", "VN", "TH", "US", "TW")


class Service:
    """The other process, asked one thing after the other."""

    def __init__(self, process: "subprocess.Popen[str]", log: IO[str]) -> None:
        self._process = process
        self._log = log

    def ask(self, what: str, **given: Any) -> Any:
        """What `what` of the functions below says. Raises: Refused, with its last line, where it broke."""
        if self._process.stdin is None or self._process.stdout is None:
            raise Refused("the service has no pipes")
        try:
            self._process.stdin.write(json.dumps([what, given]) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and says why below
        if not (line := self._process.stdout.readline()):
            self._process.wait(60)
            self._log.seek(0)
            raise Refused(f"{what}: {(self._log.read().strip().splitlines() or ['no answer'])[-1]}")
        return json.loads(line)


@contextmanager
def working(database: str, **others: str) -> Iterator[Service]:
    with (
        TemporaryFile("w+") as log,
        subprocess.Popen(
            [sys.executable, "-m", "deploy.restore.service"],
            cwd=ROOT,
            env=environment(database, **others),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            yield Service(process, log)
        finally:
            if process.stdin:
                process.stdin.close()


# --- the other process --------------------------------------------------------------------------


def prepare() -> None:
    """The schema, and what is sold where: the prices that ship with the code."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("ingest", "bigmac", bundled=True, stdout=sys.stderr)


def record(first: str, last: str) -> int:
    """The ECB's published figures from `first` to `last` (its own days, ISO): how many."""
    from django.db import transaction

    from ingestor import archive, registry
    from ingestor.conversion import to_krw
    from ingestor.recording import Origin, write

    span = range(date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal() + 1)
    published = [one for one in _published() if one.rate_date.toordinal() in span]
    observations, _ = to_krw(published, registry.profiles()[_SOURCE])
    origin = Origin(f"{archive.shipped_folder(_SOURCE)}drill", datetime.now(UTC))
    for start in range(0, len(observations), _AT_ONCE):
        with transaction.atomic():
            write(
                _SOURCE, [(one, origin) for one in observations[start : start + _AT_ONCE]], is_snapshot=True
            )
    return len(observations)


def newest() -> str:
    """The newest of those days."""
    return str(max(one.rate_date for one in _published()))


@cache
def _published() -> list[Any]:
    """The bank's figures, as they ship with the code."""
    from ingestor import registry
    from ingestor.bundled import bundled

    ask, payload = bundled(_SOURCE)
    return registry.adapter(_SOURCE).parse(payload, ask)


def select(travellers: int) -> list[str]:
    """So many travellers choose two countries each; the ids of what is stored."""
    from ranking.recording import Choice
    from ranking.recording import record as stored

    now, ids = datetime.now(UTC), list[str]()
    for number in range(travellers):
        countries = (_COUNTRIES[number % 5], _COUNTRIES[(number + 1) % 5])
        who = f"drill-{now.timestamp()}-{number}"
        choice = Choice(countries=countries, user_id=who, address="192.0.2.1", agent="drill")
        ids += stored(choice, now=now + timedelta(milliseconds=number)).selection_ids
    return ids


def tables() -> None:
    from django.core.management import call_command

    call_command("create_tables", stdout=sys.stderr)


def audited() -> dict[str, Any]:
    """The ids stored in the last two Seoul days, and how many countries are not counted right."""
    from ranking.audit import audit
    from ranking.stores import store
    from ranking.window import last_days, seoul_day

    days = list(last_days(2, seoul_day(datetime.now(UTC))).days())
    found = list(audit(store(), days))
    return {
        "ids": sorted(one.selection_id for day in days for one in store().selections(day)),
        "counted": sum(day.counted for day in found),
        "differing": sum(len(day.differing) for day in found),
        "visitors": sum(
            count.visitors for counts in store().counts(days).values() for count in counts.values()
        ),
    }


def beside(at: str) -> None:
    from config.aws import client
    from deploy.restore import tables as restored

    for table in restored.TABLES:
        restored.beside(client("dynamodb"), table, datetime.fromisoformat(at))


def adopt(at: str) -> None:
    from deploy.restore import selections

    selections.adopt(datetime.fromisoformat(at), now=datetime.now(UTC))


def contents() -> dict[str, Any]:
    """Every table's count and checksum."""
    from dataclasses import asdict

    from deploy.restore.fingerprint import taken

    return {table: asdict(found) if found else None for table, found in taken()}


_DOES: Sequence[Callable[..., Any]] = (
    prepare,
    record,
    newest,
    select,
    tables,
    audited,
    beside,
    adopt,
    contents,
)


def main() -> None:
    import django

    django.setup()
    # What the service logs is no answer.
    answers, sys.stdout = sys.stdout, sys.stderr
    does = {function.__name__: function for function in _DOES}
    for line in sys.stdin:
        what, given = json.loads(line)
        answers.write(json.dumps(does[what](**given)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
