"""The stream of events: where Kafka is, and where events wait for it."""

import re

from config.environment import Environment, refuse

_env = Environment()

# Empty: nobody is told of anything, and nothing is written. Everything that changes rates or selections has to
# know it, the web tier as well; only workers speak to Kafka.
KAFKA_BOOTSTRAP_SERVERS = ",".join(_env.words("KAFKA_BOOTSTRAP_SERVERS", []))
if not all(
    re.fullmatch(r"[^:,/\s]+:\d+", place) for place in filter(None, KAFKA_BOOTSTRAP_SERVERS.split(","))
):
    refuse("KAFKA_BOOTSTRAP_SERVERS", "expected host:port, comma-separated")
# MSK's own way in: TLS, and this process's AWS role. Else plaintext, for a laptop.
KAFKA_IAM_AUTH = _env.flag("KAFKA_IAM_AUTH", False)
# Besides the database: functions that give an outbox, or None (config/events/outbox.py).
EVENT_OUTBOXES = ("ranking.stores.outbox",)
