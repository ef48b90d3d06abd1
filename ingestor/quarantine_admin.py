"""Where operators decide about rates that were held back: one by one beside what they are judged by, or many at once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.evidence import EvidenceAdmin
from config.operators.asking import Reason, ask
from config.operators.audit import note
from config.templatetags.cldr import rate, signed
from ingestor import quarantine
from ingestor.held_rate import Value, beside, drawn
from ingestor.models import QuarantinedRate, State

_ACTS = {"release": quarantine.release, "drop": quarantine.drop}


class _Chosen(Reason):
    """The reason for many at once, with what was chosen, as Django's list of actions posts it."""

    def __init__(self, *args: Any, chosen: Sequence[int], act: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["action"] = forms.CharField(initial=act, widget=forms.HiddenInput())
        self.fields["_selected_action"] = forms.MultipleChoiceField(
            choices=[(str(pk), str(pk)) for pk in chosen],
            initial=[str(pk) for pk in chosen],
            widget=forms.MultipleHiddenInput(),
        )
        self.fields["decided"] = forms.CharField(initial="1", widget=forms.HiddenInput())


def _apart(one: Value) -> str:
    return f"{signed(one.apart, 1)}%"


class QuarantinedRateAdmin(EvidenceAdmin[QuarantinedRate]):
    """Nothing is edited here; the two actions decide, under the operator's name and with a reason."""

    list_display = (
        "currency_code",
        "source",
        "rate_date",
        "told_rate",
        "from_previous",
        "from_others",
        "state",
        "held_at",
        "why_held",
    )
    list_filter = ("state", "source")
    search_fields = ("=currency_code", "=source", "reason")
    actions = ("release", "drop")
    # What it is judged by is shown above the form, as a table and a picture.
    exclude = ("neighbours",)

    class Media:
        css: ClassVar = {"all": ("operators/control-room.css",)}

    # --- the list --------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("KRW for one unit"), ordering="deal_base_rate")
    def told_rate(self, row: QuarantinedRate) -> str:
        return rate(row.deal_base_rate)

    @admin.display(description=gettext_lazy("from the previous value"))
    def from_previous(self, row: QuarantinedRate) -> str:
        found = beside(row).recent
        return _apart(found[-1]) if found else "–"

    @admin.display(description=gettext_lazy("from other providers"))
    def from_others(self, row: QuarantinedRate) -> str:
        told = (f"{one.who} {_apart(one)}" for one in beside(row).others)
        return ", ".join(told) or "–"

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why_held(self, row: QuarantinedRate) -> str:
        return format_html('<span class="cr-reason">{}</span>', row.reason)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ingestor.change_quarantinedrate")

    @admin.action(description=gettext_lazy("Release: publish the selected values"), permissions=["decide"])
    def release(self, request: HttpRequest, chosen: QuerySet[QuarantinedRate]) -> HttpResponse | None:
        return self._ask_and_decide(request, chosen, "release")

    @admin.action(description=gettext_lazy("Drop: never publish the selected values"), permissions=["decide"])
    def drop(self, request: HttpRequest, chosen: QuerySet[QuarantinedRate]) -> HttpResponse | None:
        return self._ask_and_decide(request, chosen, "drop")

    def _ask_and_decide(
        self, request: HttpRequest, chosen: QuerySet[QuarantinedRate], act: str
    ) -> HttpResponse | None:
        rows = list(chosen.order_by("recorded_at", "pk"))
        pks = [row.pk for row in rows]
        form = _Chosen(request.POST if "decided" in request.POST else None, chosen=pks, act=act)
        if form.is_bound and form.is_valid():
            self._decide(request, rows, act, form.cleaned_data["why"])
            return None
        title = (
            ngettext("Release %(count)d rate", "Release %(count)d rates", len(rows))
            if act == "release"
            else ngettext("Drop %(count)d rate", "Drop %(count)d rates", len(rows))
        )
        return ask(
            request,
            title=title % {"count": len(rows)},
            form=form,
            submit=_("Release") if act == "release" else _("Drop"),
            template="ingestor/quarantine_ask.html",
            back=reverse("admin:ingestor_quarantinedrate_changelist"),
            rows=[(row, beside(row)) for row in rows],
        )

    def _decide(self, request: HttpRequest, rows: Sequence[QuarantinedRate], act: str, why: str) -> None:
        """Each on its own: one that cannot be released any more does not keep the others back."""
        done = 0

        def noted(row: QuarantinedRate) -> None:
            note(by=request.user, what=f"{act} held rate", why=why, about=row)

        by = request.user.get_username()
        for row in rows:
            try:
                _ACTS[act](row.pk, by=by, note=why, now=datetime.now(UTC), along=noted)
            except (quarantine.AlreadyDecided, quarantine.Superseded) as exc:
                self.message_user(request, f"{row}: {exc}", messages.WARNING)
            else:
                done += 1
        if done:
            told = (
                ngettext("%(count)d rate released.", "%(count)d rates released.", done)
                if act == "release"
                else ngettext("%(count)d rate dropped.", "%(count)d rates dropped.", done)
            )
            self.message_user(request, told % {"count": done}, messages.SUCCESS)

    # --- one of them -----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(self._decision)
        return [
            *(
                path(f"<int:pk>/{act}/", decide, {"act": act}, name=f"ingestor_quarantinedrate_{act}")
                for act in _ACTS
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = QuarantinedRate.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        told = {} if row is None else self._beside(request, row)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})

    change_form_template = "ingestor/quarantine_change.html"

    def _beside(self, request: HttpRequest, row: QuarantinedRate) -> dict[str, Any]:
        found = beside(row)
        return {
            "row": row,
            "beside": found,
            "picture": drawn(
                row.deal_base_rate,
                [one.rate for one in found.recent],
                [one.rate for one in found.others],
                label=_("The values before, the held one as a dot, other providers' as dashed lines"),
            ),
            "may_decide": row.state == State.WAITING and self.has_decide_permission(request),
        }

    def _decision(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Its own page for one: what it is judged by, the reason, and the decision."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        row = get_object_or_404(QuarantinedRate, pk=pk)
        form = Reason(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._decide(request, [row], act, form.cleaned_data["why"])
            return redirect("admin:ingestor_quarantinedrate_changelist")
        return ask(
            request,
            title=_("Release this rate") if act == "release" else _("Drop this rate"),
            form=form,
            submit=_("Release") if act == "release" else _("Drop"),
            template="ingestor/quarantine_decide.html",
            back=reverse("admin:ingestor_quarantinedrate_change", args=[pk]),
            **self._beside(request, row),
        )
