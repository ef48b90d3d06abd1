"""One granian worker with one blocking thread, started and stopped; and wrk against it."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 4
CONNECTIONS = 32


@dataclass(frozen=True)
class Load:
    """What wrk saw: requests a second, median and 99th percentile in milliseconds, bad answers."""

    rate: float
    p50: float
    p99: float
    errors: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(entry: str, **environment: str) -> Iterator[str]:
    """The address of `tests.bench.entry:<entry>` under granian."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "1", "--log-level", "error", f"tests.bench.entry:{entry}"),
    ]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    ) as server:
        try:
            wait(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("The server did not start within 30 s.")


def load(url: str, script: Path | None = None) -> Load:
    """`CONNECTIONS` kept-alive connections for `SECONDS`, after a short warm-up."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "--latency", *(["-s", str(script)] if script else []), url]
    subprocess.run([*command, "-d1s"], check=True, capture_output=True)
    told = subprocess.run([*command, f"-d{SECONDS}s"], check=True, capture_output=True, text=True).stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    return Load(
        rate=float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]),  # type: ignore[index]
        p50=_milliseconds(told, "50%"),
        p99=_milliseconds(told, "99%"),
        errors=int(errors[1]) if errors else 0,
    )


def _milliseconds(told: str, percentile: str) -> float:
    value, unit = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s)", told).groups()
    return float(value) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]
