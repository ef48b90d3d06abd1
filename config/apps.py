"""The platform as a Django app: it owns the commands and checks that belong to no other."""

from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate

from config.routes import misroutings


def _routes_lead_to_queues(app_configs: Any, **_: Any) -> list[checks.CheckMessage]:
    return [checks.Error(wrong, id="platform.E001") for wrong in misroutings()]


class PlatformConfig(AppConfig):
    name = "config"
    label = "platform"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from config.operators import roles, session, words

        checks.register(_routes_lead_to_queues)
        user_logged_in.connect(session.begin)
        post_migrate.connect(roles.fill)
        words.name_tables()
