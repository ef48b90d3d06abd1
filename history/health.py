"""Whether there is history to tell."""

from datetime import datetime
from typing import Any

from history.models import DailyRate


def summary(now: datetime) -> dict[str, Any]:
    """`healthy` as soon as there are bars. One query."""
    return {"status": "healthy" if DailyRate.objects.exists() else "degraded"}
