"""What the admin's theme asks for at every page: where this is, and what there is to go to.

Tables are found in the admin's own registry, so that a new one appears by itself under its app; the
order and the pictures are told here for those that are known.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

#: {environment: the theme's colour of its badge}; production alone is red.
_BADGES = {"production": "danger", "staging": "warning", "local": "info", "test": "info"}

#: Pictures of Material Symbols, by table; others get the last.
_PICTURES = {
    "currency.currency": "paid",
    "currency.destination": "flight_takeoff",
    "currency.exchangerate": "monitoring",
    "currency.latestrate": "bolt",
    "currency.paymentchannel": "credit_card",
    "currency.channelterms": "contract",
    "currency.priceobservation": "lunch_dining",
    "currency.provider": "account_balance",
    "currency.rateoverride": "edit_note",
    "history.dailyrate": "candlestick_chart",
    "history.forecastbacktest": "fact_check",
    "ingestor.collectionlog": "receipt_long",
    "ingestor.quarantinedrate": "front_hand",
    "ingestor.lease": "lock_clock",
    "ingestor.backfill": "playlist_add",
    "ingestor.notice": "campaign",
    "ingestor.providercircuit": "electrical_services",
    "ranking.selection": "ads_click",
    "ranking.dailycount": "calendar_month",
    "ranking.rankingexclusion": "filter_alt_off",
    "ranking.rankingresult": "leaderboard",
    "api.apikey": "key",
    "auth.user": "person",
    "auth.group": "groups",
    "otp_totp.totpdevice": "phonelink_lock",
    "axes.accessattempt": "lock",
    "admin.logentry": "history",
    "platform.deadletter": "move_to_inbox",
    "django_celery_beat.periodictask": "schedule",
}
_PICTURE = "table_rows"


def environment(request: HttpRequest) -> list[str]:
    """The badge beside the title."""
    names = {"production": _("Production"), "staging": _("Staging"), "local": _("Laptop"), "test": _("Test")}
    return [names.get(settings.ENVIRONMENT, settings.ENVIRONMENT), _BADGES.get(settings.ENVIRONMENT, "info")]


def icon(request: HttpRequest) -> str:
    return static("site/icons/icon.svg")


def styles(request: HttpRequest) -> str:
    return static("operators/operators.css")


def scripts(request: HttpRequest) -> str:
    return static("operators/theme.js")


def account(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu under the operator's name."""
    return [
        {"title": _("Change password"), "link": reverse("admin:password_change")},
        {"title": _("Second factor"), "link": reverse("admin:second-factor")},
    ]


def _groups() -> Iterator[tuple[str, tuple[str, ...]]]:
    """(title, apps or tables in their order) of each group."""
    yield (
        _("Currencies and rates"),
        (
            "currency.exchangerate",
            "currency.latestrate",
            "history.dailyrate",
            "currency.currency",
            "currency.destination",
            "currency.paymentchannel",
            "currency.channelterms",
            "currency.priceobservation",
            "currency",
            "history",
        ),
    )
    yield (
        _("Collection"),
        (
            "currency.provider",
            "ingestor.quarantinedrate",
            "ingestor.collectionlog",
            "ingestor",
            "platform.deadletter",
            "django_celery_beat.periodictask",
            "django_celery_beat",
        ),
    )
    yield _("Rankings"), ("ranking",)
    yield _("API"), ("api",)
    yield _("People and access"), ("auth.user", "auth.group", "otp_totp", "axes", "admin.logentry")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """What this operator may see, by domain; the theme drops groups without an entry."""
    left = {
        model._meta.label_lower: (model, each)
        for model, each in admin.site._registry.items()
        if each.has_view_permission(request) and each.has_module_permission(request)
    }
    groups: dict[str, list[str]] = {}
    placed: set[str] = set()
    told = list(_groups())
    # Tables that are named come first to their group, and only then whole apps take what is left.
    named = {name for _title, names in told for name in names if "." in name}
    for title, names in told:
        for name in names:
            found = [name] if "." in name else [each for each in left if each.split(".")[0] == name]
            for label in sorted(found):
                if label in left and label not in placed and ("." in name or label not in named):
                    placed.add(label)
                    groups.setdefault(title, []).append(label)
    if others := sorted(set(left) - placed):
        groups[_("More")] = others
    home = {"title": _("Control room"), "icon": "speed", "link": reverse("admin:index")}
    return [
        {"items": [home]},
        *(
            {"title": title, "separator": True, "items": [_entry(label, left[label][0]) for label in labels]}
            for title, labels in groups.items()
        ),
    ]


def _entry(label: str, model: Any) -> dict[str, Any]:
    return {
        "title": str(model._meta.verbose_name_plural),
        "icon": _PICTURES.get(label, _PICTURE),
        "link": reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
    }
