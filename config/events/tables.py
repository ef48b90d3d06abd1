"""Where events wait until Kafka has them: written by the transaction that makes the change they tell of."""

from django.db import models


class _Told(models.Model):
    """An event as it is published, from its creation on; the JSON included, digit for digit."""

    event_id = models.CharField(max_length=36, unique=True, help_text="A UUID that begins with the time")
    type = models.CharField(max_length=40)
    schema_version = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=100, help_text="Events of one key are published in their order")
    occurred_at = models.DateTimeField()
    body = models.TextField(help_text="JSON")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.type} {self.key} {self.event_id}"


class WaitingEvent(_Told):
    """One that Kafka has not acknowledged yet; deleted once it has. The primary key is the order."""

    class Meta(_Told.Meta):
        db_table = "waiting_events"


class RefusedEvent(_Told):
    """One that Kafka will never take as it is, set aside so that those behind it go on."""

    reason = models.CharField(max_length=200)
    refused_at = models.DateTimeField()

    class Meta(_Told.Meta):
        db_table = "refused_events"
