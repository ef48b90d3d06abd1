"""One run of a provider at a time, in all processes of all machines; by a row in the database."""

import os
import socket
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Q

from ingestor.models import Lease

#: Renewed between steps; a step is one request or one transaction, and takes seconds. The longest is
#: a request whose attempts fail for 60 s, and whose last one drips for three time-outs of 20 s.
LIFE = timedelta(seconds=180)

_lock = threading.Lock()
#: Holders of this process: whoever else has its host and pid is a process that is gone.
_ours: set[str] = set()


class LeaseLost(Exception):
    """Another run took over, because this one was silent for too long."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease that is ours."""

    provider: str
    holder: str

    def renew(self, now: datetime) -> None:
        """Keep it for another `LIFE`. In a transaction nobody can take over before its end.

        Raises: LeaseLost when somebody already has.
        """
        mine = Lease.objects.filter(provider=self.provider, holder=self.holder)
        if not mine.update(expires_at=now + LIFE):
            raise LeaseLost(f"another run of {self.provider} took over")

    def give_back(self) -> None:
        """Free it at once; nothing happens when it is not ours any more."""
        with _lock:
            _ours.discard(self.holder)
        Lease.objects.filter(provider=self.provider, holder=self.holder).update(holder="")


def take(provider: str, now: datetime) -> Held | None:
    """The lease, or None while somebody else holds it.

    Taken over: one that has expired, and at once one whose process on this host is gone.
    """
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    with _lock:
        _ours.add(holder)
    row, _ = Lease.objects.get_or_create(provider=provider, defaults={"expires_at": now})
    lease = Lease.objects.filter(provider=provider)
    mine = {"holder": holder, "expires_at": now + LIFE}
    if lease.filter(Q(holder="") | Q(expires_at__lte=now)).update(**mine):
        return Held(provider, holder)
    # The condition names the holder that was looked at: two runs cannot both bury the same one.
    if _is_gone(row.holder) and lease.filter(holder=row.holder).update(**mine):
        return Held(provider, holder)
    with _lock:
        _ours.discard(holder)
    return None


def _is_gone(holder: str) -> bool:
    """Whether this holder was a process of this host that has ended."""
    host, _, rest = holder.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    if int(pid) == os.getpid():
        # A restarted container has its predecessor's host name and, as a rule, its pid.
        with _lock:
            return holder not in _ours
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(pid)


def _is_zombie(pid: str) -> bool:
    """Whether it was killed and nobody has asked how it ended: in a container without init nobody will."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # gone meanwhile, or no Linux
        return False
    return told.rpartition(")")[2].split()[0] == "Z"
