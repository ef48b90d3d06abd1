"""One process at a time, of all processes of all machines: whoever holds the row of that name."""

import os
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models


class Lease(models.Model):
    """Who may do a thing at present. An empty `holder` is nobody; one who is silent is taken over."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=120, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "platform_leases"

    def __str__(self) -> str:
        return f"{self.name} {self.holder}"


class LeaseLost(Exception):
    """Another process took over, because this one was silent for too long."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease that is ours."""

    name: str
    holder: str
    life: timedelta

    def renew(self, now: datetime) -> None:
        """Keep it for another `life`. Raises: LeaseLost when somebody else has it."""
        mine = Lease.objects.filter(name=self.name, holder=self.holder)
        if not mine.update(expires_at=now + self.life):
            raise LeaseLost(self.name)

    def give_back(self) -> None:
        """Free it at once; nothing happens when it is not ours any more."""
        Lease.objects.filter(name=self.name, holder=self.holder).update(holder="")


def take(name: str, *, life: timedelta, now: datetime) -> Held | None:
    """The lease for `life`, or None while somebody else holds it."""
    held = Held(name, f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:12]}", life)
    Lease.objects.get_or_create(name=name, defaults={"expires_at": now})
    free = Lease.objects.filter(models.Q(holder="") | models.Q(expires_at__lte=now), name=name)
    return held if free.update(holder=held.holder, expires_at=now + life) else None
