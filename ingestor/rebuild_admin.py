"""Bars built again for a source and a range: an operator's page does one year after another."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from config.operators.asking import Reason, ask
from config.operators.audit import note
from history import rebuilding

PERMISSION = "history.change_dailyrate"


class _Range(forms.Form):
    """Whose bars, of which days; an empty day is the oldest or the newest there is."""

    source = forms.ChoiceField(label=gettext_lazy("Provider"), widget=UnfoldAdminSelectWidget())
    first = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        help_text=gettext_lazy("Empty: the oldest."),
        widget=UnfoldAdminDateWidget(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Empty: the newest."),
        widget=UnfoldAdminDateWidget(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [(key, key) for key in rebuilding.sources()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("first") and told.get("last") and told["first"] > told["last"]:
            raise forms.ValidationError(_("The first day is after the last one."))
        return told


class _Asked(_Range, Reason):
    field_order = ("source", "first", "last", "why")


class _Progress(_Range):
    """Where a rebuild is; the page itself carries it, so that a lost page loses nothing but its place."""

    next = forms.DateField()
    changed = forms.IntegerField(min_value=0)


@dataclass(frozen=True, slots=True)
class At:
    """How far it is: `next` is the first day that is not done, `changed` how many bars differed."""

    source: str
    first: date
    last: date
    next: date
    changed: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def done(self) -> int:
        return min(self.days, (self.next - self.first).days)

    @property
    def percent(self) -> int:
        return 100 * self.done // self.days

    @property
    def is_over(self) -> bool:
        return self.next > self.last

    @property
    def query(self) -> str:
        told = {
            "source": self.source,
            "first": str(self.first),
            "last": str(self.last),
            "next": str(self.next),
            "changed": str(self.changed),
        }
        return urlencode(told)


def begin(request: HttpRequest) -> HttpResponse:
    """The page that asks what and why. Raises: PermissionDenied."""
    _refuse(request)
    form = _Asked(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        found = rebuilding.coverages([told["source"]], told["first"], told["last"])
        if found:
            at = At(told["source"], found[0].first, found[0].last, found[0].first, 0)
            subject = f"{at.source} {at.first} – {at.last}"
            note(by=request.user, what="rebuild bars", why=told["why"], subject=subject)
            return redirect(f"{reverse('admin:ingestor_rebuild_progress')}?{at.query}")
        form.add_error(None, _("No observations in that time: nothing to do."))
    return ask(
        request,
        title=_("Rebuild daily bars"),
        form=form,
        submit=_("Rebuild"),
        template="ingestor/rebuild_ask.html",
        back=reverse("admin:index"),
    )


def progress(request: HttpRequest) -> HttpResponse:
    """A year for every POST; repeatable: bars that are right are not written. Raises: PermissionDenied."""
    _refuse(request)
    form = _Progress(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid() or not (form.cleaned_data["first"] and form.cleaned_data["last"]):
        return redirect("admin:ingestor_rebuild_bars")
    told = form.cleaned_data
    at = At(told["source"], told["first"], told["last"], told["next"], told["changed"])
    if request.method == "POST":
        at = _one_year(at)
        if not request.headers.get("HX-Request"):
            return redirect(f"{reverse('admin:ingestor_rebuild_progress')}?{at.query}")
    is_part = bool(request.headers.get("HX-Request"))
    context = (
        {"at": at}
        if is_part
        else {**admin.site.each_context(request), "title": _("Rebuild daily bars"), "at": at}
    )
    template = "ingestor/rebuild_progress.html" if is_part else "ingestor/rebuild.html"
    return TemplateResponse(request, template, context)


def _one_year(at: At) -> At:
    if at.is_over:
        return at
    end = min(date(at.next.year, 12, 31), at.last)
    found = rebuilding.coverages([at.source], at.next, end)
    changed = sum(count for coverage in found for _, count in rebuilding.rebuild(coverage))
    return At(at.source, at.first, at.last, end + timedelta(days=1), at.changed + changed)


def _refuse(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
