"""API keys: issued, expired, re-tiered and revoked by operators; the key itself is shown once."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework_api_key.models import APIKey
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from config.api.key_use import use_of
from config.api.models import ApiKey, Tier
from config.evidence import OperatorsAdmin
from config.operators.asking import Reason
from config.operators.reasoned import asked, each_noted

# The library registers a model of its own, which this service does not ask.
admin.site.unregister(APIKey)

_USE: Any = gettext_lazy("Used this hour")
_STATE: Any = gettext_lazy("State")
_STATES: dict[str, Any] = {
    "valid": gettext_lazy("valid"),
    "expired": gettext_lazy("expired"),
    "revoked": gettext_lazy("revoked"),
}
_COLOURS: Any = {
    _STATES["valid"]: "success",
    _STATES["expired"]: "warning",
    _STATES["revoked"]: "danger",
}


class Expiry(Reason):
    hours = forms.TypedChoiceField(
        label=gettext_lazy("Ends by itself after"),
        coerce=int,
        choices=lambda: [
            (0, _("now")),
            (24, _("one day")),
            (24 * 7, _("one week")),
            (24 * 30, _("30 days")),
            (24 * 365, _("one year")),
        ],
        initial=24 * 30,
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ("hours", "why")


class NewTier(Reason):
    tier = forms.ChoiceField(label=gettext_lazy("Tier"), choices=Tier.choices, widget=UnfoldAdminSelectWidget)
    field_order = ("tier", "why")


class _Used(ChangeList):
    """The keys of a page with what they have used, in one trip to the shared cache."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        uses = use_of(self.result_list, now=timezone.now())
        for key in self.result_list:
            key.use = uses[key.prefix]


@admin.register(ApiKey)
class ApiKeyAdmin(OperatorsAdmin[ApiKey]):
    """What a key may do is set when it is issued, and changed by the actions of the list, with a reason."""

    list_display = ("name", "prefix", "tier", "may_operate", "used", "created", "expiry_date", "state")
    list_filter = ("tier", "revoked", "may_operate")
    search_fields = ("name", "prefix")
    actions = ("expire", "move", "revoke")
    never_exported = ("id", "hashed_key")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return _Used

    @display(description=_USE)
    def used(self, key: Any) -> str:
        return f"{key.use.used:,} / {key.use.limit:,}"

    @display(description=_STATE, label=_COLOURS)
    def state(self, key: ApiKey) -> Any:
        if key.revoked:
            return _STATES["revoked"]
        return _STATES["expired"] if key.has_expired else _STATES["valid"]

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        shown = ["name", "tier", "expiry_date"]
        if obj is not None:
            return ["prefix", *shown, "may_operate", "revoked", "created"]
        return [*shown, "may_operate"] if request.user.has_perm("api.issue_operating_key") else shown

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return [] if obj is None else self.get_fields(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False  # a revoked key stays, so that what it did can be told

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        request.issued_key = ApiKey.objects.assign_key(obj)  # type: ignore[attr-defined]
        obj.save()

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The key, in this answer alone: neither a session nor a cookie keeps it."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("New API key"),
            "opts": self.opts,
            "key": request.issued_key,  # type: ignore[attr-defined]
            "about": obj,
        }
        return TemplateResponse(
            request, "operators/new_key.html", context, headers={"Cache-Control": "no-store"}
        )

    @admin.action(description=gettext_lazy("Let them expire"), permissions=["change"])
    def expire(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> HttpResponse | None:
        told = asked(request, chosen, title=_("Let API keys expire"), submit=_("Set the expiry"), form=Expiry)
        if isinstance(told, HttpResponse):
            return told
        at = timezone.now() + timedelta(hours=told.cleaned_data["hours"])

        def do(key: ApiKey) -> None:
            key.expiry_date = at
            key.save(update_fields=["expiry_date"])

        return self._each(
            request, chosen, do, what=_("Expires at %(at)s") % {"at": f"{at:%Y-%m-%d %H:%M} UTC"}, why=told
        )

    @admin.action(description=gettext_lazy("Move to another tier"), permissions=["change"])
    def move(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> HttpResponse | None:
        told = asked(
            request, chosen, title=_("Move API keys to another tier"), submit=_("Move"), form=NewTier
        )
        if isinstance(told, HttpResponse):
            return told
        tier = told.cleaned_data["tier"]

        def do(key: ApiKey) -> None:
            key.tier = tier
            key.save(update_fields=["tier"])

        return self._each(request, chosen, do, what=_("Tier is %(tier)s now") % {"tier": tier}, why=told)

    @admin.action(description=gettext_lazy("Revoke for good"), permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> HttpResponse | None:
        told = asked(request, chosen, title=_("Revoke API keys for good"), submit=_("Revoke"))
        if isinstance(told, HttpResponse):
            return told

        def do(key: ApiKey) -> None:
            key.revoked = True
            key.save(update_fields=["revoked"])

        return self._each(request, chosen, do, what=_("Revoked"), why=told)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[ApiKey], do: Any, *, what: str, why: Reason
    ) -> HttpResponse | None:
        rows: Any = chosen.filter(revoked=False)
        if not request.user.has_perm("api.issue_operating_key"):
            # Whoever may not issue such a key decides nothing about one either.
            rows = rows.filter(may_operate=False)
        rows = list(rows)
        done = each_noted(request, rows, what=what, why=why.cleaned_data["why"], do=do)
        told = _("Done for %(count)d keys; in force everywhere within half a minute.")
        self.message_user(request, told % {"count": done}, messages.SUCCESS if done else messages.WARNING)
        return None
