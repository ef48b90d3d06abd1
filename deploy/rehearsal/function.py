"""A function that is invoked: one warm container, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from deploy.rehearsal.events import Answer, Event, passed_on

_INVOKER = Path(__file__).with_name("invoker.py")


class Function:
    """Started by `started`; not for threads, as a container answers one event at a time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._events, self._answers = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
        self._process = process
        told = self._read()
        #: Seconds of the cold start, by the clock and of the processor.
        self.start, self.start_of_processor = told["seconds"], told["processor"]
        #: Seconds that the last event took.
        self.took = 0.0

    def answer(self, event: Event) -> Answer:
        return passed_on(self.call(event))

    def call(self, event: Event) -> Any:
        """What the handler returns, for events of no gateway as well."""
        self._write(event)
        told = self._read()
        self.took = told["seconds"]
        return told["answer"]

    def modules(self) -> set[str]:
        """What it has imported so far."""
        self._write(None)
        return set(self._read()["modules"])

    def sockets(self) -> set[str]:
        """Its open sockets; one that was closed and opened again is another."""
        links = Path(f"/proc/{self._process.pid}/fd").iterdir()
        return {place for link in links if (place := str(link.readlink())).startswith("socket:")}

    def _write(self, event: Event | None) -> None:
        self._events.write(json.dumps(event) + "\n")
        self._events.flush()

    def _read(self) -> dict[str, Any]:
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"The function ended with exit code {self._process.wait(10)}; see its log.")
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def started(
    module: str,
    folders: Sequence[Path],
    environment: Mapping[str, str],
    *,
    log: IO[bytes],
    python: Sequence[str] = (sys.executable,),
) -> Iterator[Function]:
    """The function of `module`, found in `folders`; `environment` is all that it is told."""
    command = [*python, str(_INVOKER), module, *map(str, folders)]
    with subprocess.Popen(
        command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
    ) as process:
        try:
            yield Function(process)
        finally:
            process.terminate()
