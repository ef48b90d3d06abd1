"""An event: something that has happened, in the form in which others are told of it."""

import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

RATES, SELECTIONS, RANKINGS = "currency.rates", "currency.selections", "currency.rankings"
#: {type: (topic, version of its schema)}. Types of one topic and key are published in their order. The
#: schemas are beside this file, <type>.<version>.json; a field may be added, another change is a new version.
TYPES = {
    "rates.published": (RATES, 1),
    "rates.corrected": (RATES, 1),
    "rates.overridden": (RATES, 1),
    "selection.recorded": (SELECTIONS, 1),
    "ranking.computed": (RANKINGS, 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`body` is JSON by the schema of its type and version. Nothing in an event names a person.

    `id` is a UUID: who has seen it has seen the event. `occurred_at` is when it was noted down, UTC.
    """

    id: str
    type: str
    schema_version: int
    key: str
    occurred_at: datetime
    body: str

    @property
    def topic(self) -> str:
        return TYPES[self.type][0]


def event(kind: str, *, key: str, data: Mapping[str, Any]) -> Event:
    """A new one, of this moment. `data` is plain JSON; decimals are texts, so that no digit is lost."""
    now = timezone.now()
    return Event(
        id=_new_id(now),
        type=kind,
        schema_version=TYPES[kind][1],
        key=key,
        occurred_at=now,
        body=json.dumps(data, ensure_ascii=False, separators=(",", ":")),
    )


def _new_id(now: datetime) -> str:
    """A UUID of version 7 (RFC 9562): it begins with the time, so that ids sort by it."""
    bits = int(now.timestamp() * 1000) << 80 | 7 << 76 | secrets.randbits(12) << 64
    return str(uuid.UUID(int=bits | 0b10 << 62 | secrets.randbits(62)))
