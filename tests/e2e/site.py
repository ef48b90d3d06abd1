"""The service as a visitor meets it: a real server of its own, with the rates that ship with it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from django.core.files import locks

ROOT = Path(__file__).resolve().parent.parent.parent
_READY = 60.0


@dataclass(frozen=True, slots=True)
class Site:
    """A running service; `folder` holds its database, archive, static files and log."""

    address: str
    folder: Path
    environment: dict[str, str]

    def manage(self, *words: str) -> str:
        """What `manage.py` prints, against this site's database. Raises: CalledProcessError with it."""
        return _manage(self.environment, *words)

    def log(self) -> str:
        return (self.folder / "server.log").read_text()


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A laptop's settings, every file in `folder`; nothing of the machine's own."""
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SSL_CERT_FILE") if name in os.environ
    }
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": "tests.e2e.settings",
        "E2E_STATIC": str(folder.parent / "static"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "ARCHIVE_URL": f"file://{folder / 'archive'}",
        "CACHE_URL": "locmem://",
        "LOG_LEVEL": "WARNING",
        "ACCESS_LOG": "false",
        "LIMIT_ANONYMOUS": "100000",
        **more,
    }


def prepared(folder: Path) -> Path:
    """`folder` with a database of real rates since 1999 and the shipped prices, and static files.

    Made once, however many processes ask; sites are served from folders inside of it.
    """
    with (folder / "lock").open("w") as turn:
        locks.lock(turn, locks.LOCK_EX)
        made = folder / "prepared.sqlite3"
        if not made.exists():
            draft = folder / "draft"
            draft.mkdir()
            told = environment(draft)
            _manage(told, "collectstatic", "--noinput", "--verbosity", "0")
            _manage(told, "migrate", "--verbosity", "0")
            _manage(told, "ingest", "--bundled")
            _checkpoint(draft / "db.sqlite3")
            (draft / "db.sqlite3").rename(made)
    return folder


@contextmanager
def served(prepared: Path, *, static_elsewhere: bool = False, **more: str) -> Iterator[Site]:
    """A server over a copy of the prepared database, until the end of the block.

    With `static_elsewhere` its static files come from another origin, as from a CDN.
    """
    folder = Path(tempfile.mkdtemp(prefix="site-", dir=prepared))
    shutil.copy(prepared / "prepared.sqlite3", folder / "db.sqlite3")
    told = environment(folder, **more)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if static_elsewhere:
        told["E2E_STATIC_URL"] = f"http://127.0.0.1:{port}/static/"  # pages are of localhost
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command = [sys.executable, "-m", "granian", *words, "--blocking-threads", "4", "config.wsgi:application"]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=log, stderr=subprocess.STDOUT)
        try:
            site = Site(f"http://localhost:{port}", folder, told)
            _wait_for(site, process)
            yield site
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(site: Site, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _READY
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{site.address}/health/live", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"the site did not start: {site.log()[-2000:]}")


def _manage(told: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=told, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(words)}: {done.stdout[-1000:]}{done.stderr[-2000:]}")
    return done.stdout


def _checkpoint(database: Path) -> None:
    """Everything into the one file, so that a copy of it is whole."""
    import sqlite3

    connection = sqlite3.connect(database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
