"""`make test`: the whole suite on SQLite and process memory, then again on MariaDB and Redis.

Where a server does not answer, the second run's tests are skipped with its address as the reason;
with REQUIRE_SERVICES=1 (CI) that is a failure. Addresses: TEST_MARIADB_URL, TEST_REDIS_URL.
"""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
ADDRESSES = {
    "MariaDB": ("TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/currency", 3306),
    "Redis": ("TEST_REDIS_URL", "redis://127.0.0.1:6379/9", 6379),
}


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


def driver() -> str:
    """What keeps us from MariaDB: empty where mysqlclient is there or can be compiled."""
    if _importable():
        return ""
    tools = [["pkg-config", "--exists", name] for name in ("libmariadb", "mysqlclient")]
    tools += [["mariadb_config", "--version"], ["mysql_config", "--version"]]
    if not any(shutil.which(tool[0]) and _quiet(tool) == 0 for tool in tools):
        return "mysqlclient cannot be compiled: the MariaDB client headers (libmariadb-dev) are not installed"
    print("Installing requirements/production.txt for mysqlclient …", flush=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
    ]
    if subprocess.call([*pip, "-r", "requirements/production.txt"], cwd=ROOT) or not _importable():
        return "mysqlclient could not be installed"
    return ""


def _importable() -> bool:
    return _quiet([sys.executable, "-c", "import MySQLdb"]) == 0


def _quiet(command: list[str]) -> int:
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _missing() -> str:
    for name, (variable, default, usual_port) in ADDRESSES.items():
        address = urlsplit(os.environ.get(variable, default))
        host, port = address.hostname or "127.0.0.1", address.port or usual_port
        if not _answers(host, port):
            return f"{name} at {host}:{port} does not answer"
    return driver() or _refused()


def _refused() -> str:
    """What the server says to whoever logs in as the tests would; a port may be open for others only."""
    address = urlsplit(os.environ.get(*ADDRESSES["MariaDB"][:2]))
    attempt = (
        "import MySQLdb, sys\n"
        "host, port, user, password = sys.argv[1:]\n"
        "MySQLdb.connect(host=host, port=int(port), user=user, password=password, connect_timeout=3)\n"
    )
    words = [address.hostname or "127.0.0.1", str(address.port or 3306)]
    login = [*words, address.username or "root", address.password or ""]
    if _quiet([sys.executable, "-c", attempt, *login]) == 0:
        return ""
    return f"MariaDB at {words[0]}:{words[1]} refuses {login[2]} (set TEST_MARIADB_URL)"


def _pytest(title: str, **environment: str) -> int:
    print(f"\n=== {title}", flush=True)
    # Three processes on two cores, since many wait for servers; a file's tests stay together, since some
    # share what is dear to set up, and the files are begun in the order of tests/conftest.py.
    spread = ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", *spread, *sys.argv[1:]]
    # What one process has compiled, its assertions rewritten, the others and the second run take from there.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.call(command, cwd=ROOT, env={**kept, **environment})


def main() -> int:
    missing = _missing()
    if missing and os.environ.get("REQUIRE_SERVICES") == "1":
        print(f"REQUIRE_SERVICES=1, but {missing}.", file=sys.stderr)
        return 1
    embedded = _pytest("SQLite and process memory", TEST_STACK="embedded")
    services = _pytest("MariaDB and Redis", TEST_STACK="services", SERVICES_MISSING=missing)
    return embedded or services


if __name__ == "__main__":
    sys.exit(main())
