"""What a release is doing, kept in S3 so that another machine can go on with it; and whose turn it is.

One object for each stage. Every write names the version of the object it has read (If-Match), so of
two writers one is refused: the object is the lock as well. A lock has an end, because its holder may
be killed; the holder puts it off for as long as it lives.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from deploy.release.outcome import Held

# What a release can be doing. Written before it is done, so that who goes on knows what was meant.
GREEN = "green"
CHECKED = "checked"
SHIFTING = "shifting"
LIVE = "live"
ROLLING_BACK = "rolling back"
ROLLED_BACK = "rolled back"

_LOST = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}


@dataclass(frozen=True)
class Release:
    """One commit on its way. `previous` is the version that had all traffic before it; "" for the first.

    `watched` is the share of traffic, in percent, that it has had for a whole watch without a failure.
    """

    commit: str
    version: str
    previous: str
    state: str
    watched: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Journal:
    """`migrations`: every migration that the database had after the last `migrate`."""

    release: Release | None = None
    migrations: tuple[str, ...] = ()
    holder: str = ""
    held_until: float = 0.0


def to_json(journal: Journal) -> bytes:
    return json.dumps(asdict(journal), indent=1, sort_keys=True).encode()


def from_json(content: bytes) -> Journal:
    told = json.loads(content)
    release = Release(**told["release"]) if told["release"] else None
    return Journal(release, tuple(told["migrations"]), told["holder"], told["held_until"])


class Book:
    """The journal of one stage. Only who has it `held` may write."""

    def __init__(self, s3: Any, *, bucket: str, stage: str, who: str, lease: float) -> None:
        """`lease` in seconds: for how long a holder that was killed is waited for."""
        self._s3, self._bucket, self._key = s3, bucket, f"releases/{stage}.json"
        self._who, self._lease = who, lease
        self._etag = ""
        self.journal = Journal()

    @property
    def release(self) -> Release | None:
        return self.journal.release

    def read(self) -> Journal:
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=self._key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "NoSuchKey":
                raise
            self._etag, self.journal = "", Journal()
        else:
            self._etag, self.journal = found["ETag"], from_json(found["Body"].read())
        return self.journal

    @contextmanager
    def held(self, *, at_once: bool = False) -> Iterator["Book"]:
        """Nobody else writes meanwhile. `at_once` takes the lock from whoever has it.

        Raises: Held if somebody has it, here and in every later write if somebody has taken it.
        """
        while not self._taken(at_once=at_once):
            pass  # its holder has written in between; once it is taken, every write of theirs is refused
        try:
            yield self
        finally:
            # Lost: it is somebody else's, and stays so.
            if self.read().holder == self._who:
                self._put(replace(self.journal, holder="", held_until=0.0))

    def _taken(self, *, at_once: bool) -> bool:
        journal = self.read()
        left = journal.held_until - time.time()
        if journal.holder and left > 0 and not at_once:
            raise Held(f"{journal.holder} is at it; unless it goes on, its lock ends in {left:.0f} s")
        try:
            self._write(journal)
        except Held:
            if not at_once:
                raise
            return False
        return True

    def write(self, **changes: Any) -> None:
        self._write(replace(self.journal, **changes))

    def write_release(self, **changes: Any) -> Release:
        if self.journal.release is None:
            raise ValueError("there is no release to write about")
        release = replace(self.journal.release, **changes)
        self.write(release=release)
        return release

    def still_held(self) -> None:
        """Put the end of the lock off once half of its time is over. Raises: Held if it is lost."""
        if self.journal.held_until - time.time() < self._lease / 2:
            self._write(self.journal)

    def _write(self, journal: Journal) -> None:
        self._put(replace(journal, holder=self._who, held_until=time.time() + self._lease))

    def _put(self, journal: Journal) -> None:
        content = to_json(journal)
        condition = {"IfMatch": self._etag} if self._etag else {"IfNoneMatch": "*"}
        try:
            answer = self._s3.put_object(Bucket=self._bucket, Key=self._key, Body=content, **condition)
        except ClientError as exc:
            if exc.response["Error"]["Code"] not in _LOST:
                raise
            # A write whose answer was lost is sent again, and then refused by itself.
            if self.read() != journal:
                raise Held(f"{self.journal.holder or 'somebody else'} has taken the lock") from exc
        else:
            self._etag, self.journal = answer["ETag"], journal
