"""`{% control_room %}`: the panels of the operators' first page."""

from datetime import UTC, datetime
from typing import Any

from django import template

from config.operators.control_room import panels

register = template.Library()


@register.inclusion_tag("operators/panels.html", takes_context=True)
def control_room(context: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"panels": panels(context["request"], now), "now": now}
