"""What operators see first: a panel for each thing that has to be well, supplied by whoever knows it.

A panel is an object of an app, named as text in CONTROL_ROOM_PANELS, so that the platform imports no
app. One that fails says so in its own place, and the others stand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString

#: `watch`: somebody should look today. `ill`: somebody should act now.
State = Literal["well", "watch", "ill"]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What a panel's template shows, and how well it is."""

    facts: Mapping[str, Any]
    state: State = "well"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """`tell(now)` may raise whatever it meets. Who has not `permission` does not see the panel."""

    title: Any
    template: str
    tell: Callable[[datetime], Told]
    permission: str
    is_wide: bool = False


def panels(request: HttpRequest, now: datetime) -> list[SafeString]:
    """Every panel this operator may see, drawn, in the order of the settings."""
    drawn = (_drawn(place, request, now) for place in settings.CONTROL_ROOM_PANELS)
    return [panel for panel in drawn if panel is not None]


def _drawn(place: str, request: HttpRequest, now: datetime) -> SafeString | None:
    frame: dict[str, Any] = {"name": place.split(".")[-1], "title": place}
    try:
        panel: Panel = import_string(place)
        if not request.user.has_perm(panel.permission):
            return None
        frame |= {"title": panel.title, "is_wide": panel.is_wide}
        told = panel.tell(now)
        body = render_to_string(panel.template, {**told.facts, "now": now}, request=request)
        frame |= {"state": told.state, "body": body}
    except Exception as exc:  # whatever a part raises is what its panel has to say
        log.error("panel_failed", panel=place, error=type(exc).__name__, exc_info=exc)
        frame |= {"state": "ill", "failure": type(exc).__name__}
    return render_to_string("operators/panel.html", frame)


def refreshed(request: HttpRequest) -> HttpResponse:
    """The panels alone: what the page asks for every half a minute."""
    now = datetime.now(UTC)
    return TemplateResponse(request, "operators/panels.html", {"panels": panels(request, now), "now": now})
