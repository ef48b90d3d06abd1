"""The platform's tables, and what its pages need of the database without one: permissions."""

from django.db import models

from config.events.tables import RefusedEvent, WaitingEvent
from config.heartbeat import Heartbeat
from config.lease import Lease

__all__ = ["DeadLetter", "Heartbeat", "Lease", "RefusedEvent", "WaitingEvent"]


class DeadLetter(models.Model):
    """A message that failed as often as its queue allows. Kept by the queue: config/dead_letters.py."""

    class Meta:
        managed = False
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return "dead letters"
