"""`python -m deploy.restore.examination`: what is in DATABASE_URL, and whether the service can live on it.

A process of its own: settings are read once, and the database that is looked at is not the one that whoever
asks lives on. One JSON object on standard output.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.rehearsal.contract import READS
from deploy.restore.fingerprint import Contents
from deploy.restore.moment import Refused

ROOT = Path(__file__).resolve().parent.parent.parent
#: What is answered has to come from this database: no cache that others fill, no reader of another one.
_ALONE = {
    "CACHE_URL": "locmem://",
    "DATABASE_REPLICA_URL": "",
    "CELERY_BROKER_URL": "",
    "KAFKA_BOOTSTRAP_SERVERS": "",
    "DJANGO_SETTINGS_MODULE": "config.settings.local",
    "PARAMETER_PATH": "",
    "LOG_LEVEL": "ERROR",
    "ACCESS_LOG": "false",
    "PYTHONWARNINGS": "ignore",
}


@dataclass(frozen=True)
class Findings:
    """`migrated`: nothing is left to be migrated. `unanswered`: addresses of the contract, with their status."""

    tables: dict[str, Contents | None]
    migrated: bool
    answered: int
    unanswered: dict[str, int]

    @property
    def missing(self) -> list[str]:
        return [table for table, contents in self.tables.items() if contents is None]

    @property
    def rows(self) -> int:
        return sum(contents.rows for contents in self.tables.values() if contents)


def environment(database: str, **others: str) -> dict[str, str]:
    """Of a process that lives on this database, and on nothing else of the service's."""
    return {**os.environ, **_ALONE, "DATABASE_URL": database, **others}


def examined(database: str, **others: str) -> Findings:
    """Raises: Refused, with its last line, where the database cannot be looked at."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.restore.examination"],
        cwd=ROOT,
        env=environment(database, **others),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused((done.stderr.strip().splitlines() or ["no answer"])[-1])
    return from_json(json.loads(done.stdout))


def from_json(told: Mapping[str, Any]) -> Findings:
    found = {name: Contents(**one) if one else None for name, one in told["tables"].items()}
    return Findings(found, told["migrated"], told["answered"], told["unanswered"])


def as_json(findings: Findings) -> str:
    return json.dumps(asdict(findings), indent=1)


# --- the other process --------------------------------------------------------------------------


def _look() -> Findings:
    from deploy.restore import fingerprint

    tables = dict(fingerprint.taken())
    # Afterwards: a page may write what it has computed.
    migrated = _is_migrated()
    answers = dict(_answers()) if migrated else {}
    wrong = {address: status for address, status in answers.items() if status != 200}
    return Findings(tables, migrated, len(answers) - len(wrong), wrong)


def _is_migrated() -> bool:
    from django.core.management import call_command

    try:
        call_command("migrate", check_unapplied=True, plan=True, stdout=io.StringIO())
    except SystemExit:
        return False
    return True


def _answers() -> Iterator[tuple[str, int]]:
    import httpx

    from config.wsgi import application

    with httpx.Client(
        transport=httpx.WSGITransport(app=application, raise_app_exceptions=False),
        base_url="http://localhost",
        headers={"Accept-Language": "en"},
    ) as client:
        for path, query in READS:
            address = f"{path}?{query}" if query else path
            yield address, client.get(address).status_code


def main() -> None:
    import django

    django.setup()
    # What the service logs is not the answer.
    answer, sys.stdout = sys.stdout, sys.stderr
    try:
        findings = _look()
    except Refused as exc:
        sys.exit(str(exc))
    answer.write(as_json(findings))


if __name__ == "__main__":
    main()
