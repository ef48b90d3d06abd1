"""Where operators ask for past days: what it would bring, then its progress, to be stopped and taken up again."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from config.evidence import EvidenceAdmin
from config.operators.asking import Reason, ask
from config.operators.audit import note
from ingestor.models import Backfill

_STOPS = ("cancel", "resume")


class _Range(Reason):
    """Which days of which provider. `previewed` names the range whose preview the operator has seen."""

    provider = forms.ChoiceField(label=gettext_lazy("Provider"), widget=UnfoldAdminSelectWidget())
    first = forms.DateField(
        label=gettext_lazy("First day"),
        widget=UnfoldAdminDateWidget(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=UnfoldAdminDateWidget(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    previewed = forms.CharField(required=False, widget=forms.HiddenInput())

    field_order = ("provider", "first", "last", "why")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        from ingestor.backfill import providers

        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [(key, key) for key in providers()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        from ingestor.backfill import NotPossible, refuse_if_impossible

        told: dict[str, Any] = super().clean() or {}
        if {"provider", "first", "last"} <= told.keys():
            try:
                refuse_if_impossible(told["provider"], told["first"], told["last"], now=datetime.now(UTC))
            except NotPossible as exc:
                raise forms.ValidationError(str(exc)) from exc
        return told

    @property
    def asked_for(self) -> str:
        """The range as `previewed` names it."""
        told = self.cleaned_data
        return f"{told['provider']} {told['first']} {told['last']}"


class BackfillAdmin(EvidenceAdmin[Backfill]):
    """A row is made by its own form, and changed by the two buttons of its page alone."""

    list_display = (
        "provider",
        "first_date",
        "last_date",
        "state",
        "progress",
        "new_count",
        "revised_count",
        "asked_by",
        "asked_at",
    )
    list_filter = ("state", "provider")
    search_fields = ("=provider", "asked_by", "why")

    @staticmethod
    def progress(row: Backfill) -> str:
        return f"{row.percent}%"

    progress.short_description = gettext_lazy("done")  # type: ignore[attr-defined]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ingestor.add_backfill")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ingestor.change_backfill")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/progress/", view(self._progress), name="ingestor_backfill_progress"),
            *(
                path(f"<int:pk>/{what}/", view(getattr(self, f"_{what}")), name=f"ingestor_backfill_{what}")
                for what in _STOPS
            ),
            *super().get_urls(),
        ]

    # --- beginning -------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        preview = None
        if request.method == "POST":
            form = _Range(request.POST)
            if form.is_valid():
                if form.cleaned_data["previewed"] == form.asked_for:
                    return self._begin(request, form)
                preview = self._preview(form)
        else:
            form = _Range(initial={name: request.GET.get(name, "") for name in ("provider", "first", "last")})
        return ask(
            request,
            title=_("Backfill past days"),
            form=form,
            submit=_("Start the backfill") if preview else _("Preview"),
            template="ingestor/backfill_ask.html",
            back=reverse("admin:index"),
            preview=preview,
        )

    def _preview(self, form: _Range) -> Any:
        from ingestor import backfill

        told = form.cleaned_data
        found = backfill.preview(told["provider"], told["first"], told["last"], now=datetime.now(UTC))
        form.data = {**form.data.dict(), "previewed": form.asked_for}  # type: ignore[attr-defined]
        return found

    def _begin(self, request: HttpRequest, form: _Range) -> HttpResponse:
        from ingestor import backfill

        told = form.cleaned_data
        try:
            with transaction.atomic():
                row = backfill.begin(
                    told["provider"],
                    told["first"],
                    told["last"],
                    by=request.user.get_username(),
                    why=told["why"],
                    now=datetime.now(UTC),
                )
                note(by=request.user, what="backfill", why=told["why"], about=row)
        except (backfill.UnderWay, backfill.NotPossible) as exc:
            messages.error(request, str(exc))
            return redirect("admin:ingestor_backfill_changelist")
        self._send(request, row)
        return redirect("admin:ingestor_backfill_change", row.pk)

    def _send(self, request: HttpRequest, row: Backfill) -> None:
        from config.celery import QueueUnavailable
        from ingestor import backfill

        if not backfill.has_workers():
            return
        try:
            backfill.send(row)
        except QueueUnavailable as exc:
            messages.error(
                request, _("The queue did not take it: %(reason)s Resume it later.") % {"reason": exc}
            )

    # --- watching --------------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not object_id.isdecimal():
            raise Http404
        row = get_object_or_404(Backfill, pk=object_id)
        told = {**self.admin_site.each_context(request), "title": str(row), "opts": self.opts}
        return TemplateResponse(request, "ingestor/backfill.html", {**told, **self._told(request, row)})

    def _told(self, request: HttpRequest, row: Backfill) -> dict[str, Any]:
        from ingestor import backfill

        now = datetime.now(UTC)
        return {
            "row": row,
            "now": now,
            "may_operate": self.has_operate_permission(request),
            "has_workers": backfill.has_workers(),
            "is_silent": row.is_running and row.again_at is None and now - row.moved_at > backfill.SILENT,
        }

    def _progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the page asks for every two seconds. Posted without workers around, it does the next part."""
        from ingestor import backfill

        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(Backfill, pk=pk)
        if request.method == "POST" and not backfill.has_workers():
            if not self.has_operate_permission(request):
                raise PermissionDenied
            row = backfill.advance(pk, now=datetime.now(UTC))
        if not request.headers.get("HX-Request"):
            return redirect("admin:ingestor_backfill_change", pk)
        return TemplateResponse(request, "ingestor/backfill_progress.html", self._told(request, row))

    # --- stopping and taking up again ------------------------------------------------------------

    def _cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._decide(request, pk, "cancel", _("Cancel this backfill"), _("Cancel the backfill"))

    def _resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._decide(request, pk, "resume", _("Resume this backfill"), _("Resume"))

    def _decide(self, request: HttpRequest, pk: int, what: str, title: str, submit: str) -> HttpResponse:
        from ingestor import backfill

        if not self.has_operate_permission(request):
            raise PermissionDenied
        row = get_object_or_404(Backfill, pk=pk)
        form = Reason(request.POST or None)
        back = reverse("admin:ingestor_backfill_change", args=[pk])
        if request.method != "POST" or not form.is_valid():
            return ask(request, title=f"{title}: {row}", form=form, submit=submit, back=back)
        act = backfill.cancel if what == "cancel" else backfill.resume
        try:
            with transaction.atomic():
                act(pk, now=datetime.now(UTC))
                note(by=request.user, what=f"{what} backfill", why=form.cleaned_data["why"], about=row)
        except (backfill.NotOpen, backfill.UnderWay) as exc:
            messages.error(request, str(exc))
        else:
            if what == "resume":
                row.refresh_from_db()
                self._send(request, row)
        return redirect(back)


def address(provider: str, first: date, last: date) -> str:
    """The form, filled in."""
    return f"{reverse('admin:ingestor_backfill_add')}?provider={provider}&first={first}&last={last}"
