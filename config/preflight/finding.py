"""What a check found, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """`skipped` is no pass: what could not be looked at here is somebody else's to look at."""

    OK = "ok"
    WATCH = "watch"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """`said` is what was seen, with figures; `then` is what a person does next, empty when nothing."""

    verdict: Verdict
    said: str
    then: str = ""


def ok(said: str) -> Finding:
    return Finding(Verdict.OK, said)


def watch(said: str, then: str) -> Finding:
    return Finding(Verdict.WATCH, said, then)


def failed(said: str, then: str) -> Finding:
    return Finding(Verdict.FAILED, said, then)


def skipped(said: str, then: str = "") -> Finding:
    return Finding(Verdict.SKIPPED, said, then)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a checklist. `look` may raise: that the look failed is then what was found."""

    name: str
    look: Callable[[], Finding]


def found_by(check: Check) -> Finding:
    try:
        return check.look()
    except Exception as exc:  # noqa: BLE001 - the rest of the list is gone through all the same
        return failed(
            f"could not look: {type(exc).__name__}: {exc}", "mend what is in the way, then look again"
        )
