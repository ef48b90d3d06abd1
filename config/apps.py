"""The platform as a Django app: it owns the commands and checks that belong to no other."""

from typing import Any

from django.apps import AppConfig
from django.core import checks

from config.routes import misroutings


def _routes_lead_to_queues(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    return [checks.Error(wrong, id="platform.E001") for wrong in misroutings()]


class PlatformConfig(AppConfig):
    name = "config"
    label = "platform"

    def ready(self) -> None:
        checks.register(_routes_lead_to_queues)
