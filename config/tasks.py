"""Celery's entry points of the platform; each may run twice, or twice at once."""

from datetime import UTC, datetime
from typing import Any

from config import heartbeat as heartbeats
from config.celery import app
from config.events import relay
from config.observability.measure import Measure
from config.observability.metrics import are_told, tell, tell_ages


@app.task(name="config.relay_events", soft_time_limit=50, time_limit=60)
def relay_events() -> None:
    """What waits goes to Kafka; one relay at a time."""
    relay.run(now=datetime.now(UTC))


@app.task(name="config.heartbeat", bind=True, soft_time_limit=20, time_limit=30)
def heartbeat(self: Any) -> None:
    """Taken down as of when beat sent it. One that an operator sends says nothing of beat, and is none."""
    if sent_at := (self.request.headers or {}).get("sent_at"):
        heartbeats.take_down(datetime.fromisoformat(sent_at))
        tell(Measure("BeatHeartbeat", 1))


@app.task(name="config.measure", soft_time_limit=20, time_limit=30)
def measure() -> None:
    """What only asking tells, to whoever this installation tells of measurements."""
    if are_told():
        tell_ages()
