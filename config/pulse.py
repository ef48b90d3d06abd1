"""Is this worker alive? A file whose modification time is the instant by which it must show life again.

The time is moved by what only a working worker does: its broker's answers to polls, and tasks that
start. So a worker that has stopped asking, and looks healthy otherwise, is found out. A probe needs
no Python: `test -n "$(find var/worker.pulse -newermt now)"`. Beat has a file of its own beside it,
moved by each look at the schedule.
"""

import fcntl
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from django.conf import settings

#: Seconds within which an idle worker hears from its broker: a long poll and its time-out fit in.
IDLE = 60
#: Seconds that a task may take beyond its hard time limit, until the worker asks for the next one.
BUSY = 30


#: Whose pulse it is; on a laptop the two live in one folder.
Whose = Literal["worker", "beat"]


def _file(of: Whose = "worker") -> Path:
    worker = Path(settings.WORKER_PULSE_FILE)
    return worker if of == "worker" else worker.with_name("beat.pulse")


def begin(of: Whose = "worker") -> None:
    """It starts, and may take `IDLE` seconds to; what an earlier one left says nothing of it."""
    file = _file(of)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    until = time.time() + IDLE
    os.utime(file, (until, until))


def expect_by(seconds: float, of: Whose = "worker") -> None:
    """The next sign of life comes within `seconds`; an instant farther off than that stays."""
    until = time.time() + seconds
    # The worker and its children all write: without the lock an idle sign could undo a busy one.
    with _file(of).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_mtime < until:
            os.utime(file.fileno(), (until, until))


def complaint(now: datetime) -> str | None:
    """Why the worker of this machine does not count as alive; None while it does."""
    try:
        until = datetime.fromtimestamp(_file().stat().st_mtime, UTC)
    except FileNotFoundError:
        return f"No worker has started here: there is no {_file()}."
    if now < until:
        return None
    return f"No sign of life: expected by {until:%Y-%m-%d %H:%M:%S} UTC, {(now - until).total_seconds():.0f} s ago."
