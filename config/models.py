"""What the platform's pages need of the database without a table of their own: permissions."""

from django.db import models


class DeadLetter(models.Model):
    """A message that failed as often as its queue allows. Kept by the queue: config/dead_letters.py."""

    class Meta:
        managed = False
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return "dead letters"
