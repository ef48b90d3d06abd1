"""A drill's steps: what each did and how long it took, shown as they end, and kept for preflight to read."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from config.preflight.keeping import DRILLS
from deploy.release import screen
from deploy.restore.moment import Refused


@dataclass(frozen=True)
class Step:
    name: str
    seconds: float
    detail: str
    ok: bool


@dataclass
class Report:
    """`restored_in`: seconds from the damage to a service that answers again. `lost`: seconds of writes.

    None where the drill did not come so far.
    """

    at: datetime
    steps: list[Step] = field(default_factory=list)
    restored_in: float | None = None
    lost: float | None = None

    @property
    def passed(self) -> bool:
        return bool(self.steps) and all(step.ok for step in self.steps)

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], None]]:
        """Give what it yields the words to show. What is raised ends the drill, and is the step's detail."""
        words: list[str] = []
        began = time.monotonic()
        try:
            with screen.waiting() as tell:
                tell(f"{name} …")
                yield words.append
        except BaseException as exc:
            self._add(name, began, f"{type(exc).__name__}: {exc}", ok=False)
            raise
        self._add(name, began, words[-1] if words else "", ok=True)

    def _add(self, name: str, began: float, detail: str, *, ok: bool) -> None:
        self.steps.append(Step(name, round(time.monotonic() - began, 1), detail, ok))
        screen.say(f"{'✓' if ok else '✗'} {name}, {self.steps[-1].seconds} s: {detail}")

    def show(self) -> None:
        rows = [
            (step.name, "ok" if step.ok else "FAILED", f"{step.seconds:.1f}", step.detail)
            for step in self.steps
        ]
        screen.table("Restore drill", ("step", "", "seconds", "what"), rows)
        if self.restored_in is not None:
            screen.say(
                f"From damage to answers (RTO): {self.restored_in:.1f} s. Writes lost (RPO): {self.lost:.2f} s."
            )

    def keep(self) -> str:
        """Its name in the archive, where `manage.py preflight --stage quarterly` looks for it."""
        told = {
            "at": self.at.isoformat(),
            "passed": self.passed,
            "seconds": round(self.seconds, 1),
            "rto_seconds": self.restored_in,
            "rpo_seconds": self.lost,
            "steps": [asdict(step) for step in self.steps],
        }
        name = f"{DRILLS}/{self.at:%Y%m%dT%H%M%SZ}.json"
        return storages["archive"].save(name, ContentFile(json.dumps(told, indent=1).encode()))


def expect(found: object, wanted: object, what: str) -> None:
    """Raises: Refused with both where they differ."""
    if found != wanted:
        raise Refused(f"{what}: {found!r}, expected {wanted!r}")
