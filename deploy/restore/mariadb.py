"""A MariaDB of one's own in a folder: with a binary log, so that any moment can be restored, and gone afterwards.

It never touches a server that is there: it has its own folder, socket and port, and reads no configuration.
"""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.restore.moment import Refused

DATABASE = "currency"

_PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb", "mariadb-dump", "mariadb-binlog")
_WHERE = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
_HOW = "Debian: apt-get install mariadb-server-core mariadb-client; macOS: brew install mariadb"
#: What a drill writes need not outlive a power failure.
_QUICK = (
    "--innodb-log-file-size=16M",
    "--loose-innodb-flush-method=nosync",
    "--innodb-flush-log-at-trx-commit=0",
)
_OPTIONS = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--server-id=1",
    "--binlog-format=ROW",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--default-time-zone=+00:00",
    "--innodb-buffer-pool-size=64M",
    "--sync-binlog=0",
    # One file instead of one for each month of figures: a disk waits for every file.
    "--loose-innodb-file-per-table=OFF",
    "--performance-schema=OFF",
    *_QUICK,
)
_POSITION = re.compile(r"MASTER_LOG_FILE='([^']+)', MASTER_LOG_POS=(\d+)")


@dataclass(frozen=True)
class Position:
    """Up to where in the binary log a dump goes."""

    file: str
    offset: int


def missing() -> str:
    """Which of MariaDB's programs is not on this machine, and how it gets there; empty where all are."""
    absent = [name for name in _PROGRAMS if shutil.which(name, path=_WHERE) is None]
    return f"{', '.join(absent)}: not on this machine ({_HOW})" if absent else ""


def _program(name: str) -> str:
    found = shutil.which(name, path=_WHERE)
    if found is None:
        raise Refused(missing())
    return found


@dataclass(frozen=True)
class Server:
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/{DATABASE}"

    def _client(self, name: str) -> list[str]:
        return [_program(name), "--no-defaults", f"--socket={self.folder / 's'}", "--user=root"]

    def run(self, statement: str) -> str:
        """What the statements print, a row a line. Raises: Refused with what the server says."""
        command = [*self._client("mariadb"), "--batch", "--skip-column-names", f"--execute={statement}"]
        return _checked(subprocess.run(command, capture_output=True, text=True, check=False))

    def dump(self, place: Path) -> Position:
        """Everything in the database, as of one instant, while it is in use; and which instant."""
        command = [*self._client("mariadb-dump"), "--single-transaction", "--master-data=2", "--routines"]
        command += [f"--result-file={place}", "--databases", DATABASE]
        _checked(subprocess.run(command, capture_output=True, text=True, check=False))
        with place.open(encoding="utf-8") as dump:
            for line in dump:
                if found := _POSITION.search(line):
                    return Position(found[1], int(found[2]))
        raise Refused(f"{place.name} does not tell its place in the binary log")

    def load(self, place: Path) -> None:
        with place.open("rb") as dump:
            done = subprocess.run(self._client("mariadb"), stdin=dump, capture_output=True, check=False)
        if done.returncode:
            raise Refused(done.stderr.decode().strip())

    def logs(self, since: Position) -> list[Path]:
        """The binary log from the file of this position on, closed so that all of it can be read."""
        self.run("FLUSH BINARY LOGS")
        return [file for file in sorted(self.folder.glob("data/bin.[0-9]*")) if file.name >= since.file]

    def replay(self, logs: list[Path], *, since: Position, until: datetime) -> None:
        """What the logs say happened after the position, and before `until`, to the second."""
        command = [_program("mariadb-binlog"), "--no-defaults", f"--start-position={since.offset}"]
        command += [f"--stop-datetime={until.astimezone(UTC):%Y-%m-%d %H:%M:%S}", *map(str, logs)]
        # It takes the time in the zone of its process.
        zone = {**os.environ, "TZ": "UTC"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=zone) as read:
            done = subprocess.run(
                self._client("mariadb"), stdin=read.stdout, capture_output=True, check=False
            )
            said = read.stderr.read() if read.stderr else b""
        if read.returncode or done.returncode:
            raise Refused((said + done.stderr).decode().strip())


def _checked(done: "subprocess.CompletedProcess[str]") -> str:
    if done.returncode:
        raise Refused(done.stderr.strip())
    return done.stdout


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """An empty server with the service's database, ready; ended and left behind in `folder`.

    Raises: Refused where MariaDB is not on this machine, or does not start.
    """
    folder.mkdir()
    data = folder / "data"
    install = [_program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    install += ["--auth-root-authentication-method=normal", *_QUICK, *_user()]
    _checked(subprocess.run(install, capture_output=True, text=True, check=False))
    server = Server(folder, _free_port())
    command = [_program("mariadbd"), "--no-defaults", *_OPTIONS, *_user(), f"--datadir={data}"]
    command += [f"--socket={folder / 's'}", f"--port={server.port}", f"--log-bin={data / 'bin'}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait(server, process)
        server.run(f"CREATE DATABASE {DATABASE}")
        yield server
    finally:
        process.terminate()
        process.wait(60)


def _user() -> list[str]:
    # As root it refuses to run unless it is told to.
    return ["--user=root"] if os.geteuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(server: Server, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    last = (server.folder / "log").read_text(errors="replace").strip().splitlines()[-1:]
    raise Refused(f"MariaDB does not start: {' '.join(last)}")
