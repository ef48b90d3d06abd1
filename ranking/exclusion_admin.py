"""Where operators look at a day by the hour, leave a burst out of the rankings, and take that back."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from config.evidence import EvidenceAdmin
from config.operators.asking import Reason, ask
from config.templatetags.cldr import moment
from currency.admin_search import FoundByName
from currency.catalog import country_name
from currency.models import Destination
from currency.schedule import SEOUL
from ranking import exclusion
from ranking.burst import Span, by_hour, span_of
from ranking.exclusion import SelectionsGone, UndoneAlready
from ranking.hour_picture import drawn
from ranking.models import RankingExclusion
from ranking.stores import StoreUnavailable, store
from ranking.window import seoul_day

_STANDING, _UNDONE = gettext_lazy("left out"), gettext_lazy("counted again")
# The theme's decorator is typed as if no text were ever translated.
_COUNTRY: Any = gettext_lazy("country")
_STATE: Any = gettext_lazy("state")
_MADE: Any = gettext_lazy("Left out by")
_COLOURS: Any = {_STANDING: "warning", _UNDONE: "info"}


def _countries() -> list[tuple[str, str]]:
    language = get_language() or "ko"
    codes = Destination.objects.values_list("country_code", flat=True)
    return [(code, f"{code} · {country_name(code, language)}") for code in codes]


def _today() -> date:
    return seoul_day(timezone.now())


class DayForm(forms.Form):
    """A country on a Seoul day."""

    country = forms.ChoiceField(label=gettext_lazy("Country"), widget=UnfoldAdminSelectWidget)
    day = forms.DateField(
        label=gettext_lazy("Day (Seoul)"),
        initial=_today,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast(forms.ChoiceField, self.fields["country"]).choices = _countries()

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > _today():
            raise forms.ValidationError(_("That day has not begun."))
        return day


class BurstForm(DayForm, Reason):
    """A stretch of that day. `seen` names what was shown with its consequences."""

    begins = forms.TimeField(
        label=gettext_lazy("From (Seoul)"), widget=UnfoldAdminTextInputWidget(attrs={"type": "time"})
    )
    ends = forms.TimeField(
        label=gettext_lazy("Until before (Seoul)"),
        help_text=gettext_lazy("00:00 is the end of the day."),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "time"}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("country", "day", "begins", "ends", "why", "seen")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["why"].widget.attrs.pop("autofocus", None)

    def clean(self) -> dict[str, Any] | None:
        told = super().clean() or self.cleaned_data
        begins, ends = told.get("begins"), told.get("ends")
        if begins is not None and ends is not None and ends != time() and begins >= ends:
            self.add_error("ends", _("It ends before it begins."))
        return told

    def span(self) -> Span:
        told = self.cleaned_data
        return span_of(told["day"], told["begins"], told["ends"])


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("standing", _STANDING), ("undone", _UNDONE)]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RankingExclusion]
    ) -> QuerySet[RankingExclusion] | None:
        if self.value() not in {"standing", "undone"}:
            return None
        return queryset.filter(undone_at__isnull=self.value() == "standing")


@admin.register(RankingExclusion)
class RankingExclusionAdmin(FoundByName[RankingExclusion], EvidenceAdmin[RankingExclusion]):
    """The record of what was left out. Rows are made and undone on pages of their own, never edited."""

    list_display = ("burst", "state", "selections", "visitors", "reason", "was_made", "was_undone", "undoing")
    list_filter = (StateFilter, "day")
    search_codes = {"country_code": "country"}
    search_fields = ("reason", "=made_by")
    paginator = cast(Any, Paginator)  # they are few: counted, as people expect
    list_before_template = "ranking/exclusions_before.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ranking.add_rankingexclusion")

    def get_urls(self) -> list[URLPattern]:
        own = (
            ("hours/", self.hours, "hours"),
            ("<int:exclusion_id>/undo/", self.undo, "undo"),
        )
        return [
            path(address, self.admin_site.admin_view(view), name=f"ranking_rankingexclusion_{name}")
            for address, view, name in own
        ] + super().get_urls()

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        may_undo = request.user.has_perm("ranking.change_rankingexclusion")
        return self.list_display if may_undo else self.list_display[:-1]

    # --- the list -----------------------------------------------------------------------------

    @display(description=_COUNTRY, ordering="country_code", header=True)
    def burst(self, row: RankingExclusion) -> tuple[str, str]:
        name = country_name(row.country_code, get_language() or "ko")
        return f"{row.country_code} · {name}", _hours(row)

    @display(description=_STATE, label=_COLOURS)
    def state(self, row: RankingExclusion) -> Any:
        return _STANDING if row.undone_at is None else _UNDONE

    @display(description=_MADE, ordering="made_at", header=True)
    def was_made(self, row: RankingExclusion) -> tuple[str, str]:
        return row.made_by, moment(row.made_at)

    @admin.display(description=gettext_lazy("Counted again by"), empty_value="–")
    def was_undone(self, row: RankingExclusion) -> str | None:
        return f"{row.undone_by}: {row.undone_why}" if row.undone_at else None

    @admin.display(description="")
    def undoing(self, row: RankingExclusion) -> str | SafeString:
        if row.undone_at is not None:
            return ""
        address = reverse("admin:ranking_rankingexclusion_undo", args=[row.pk])
        link = '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>'
        return format_html(link, address, _("Count again"))

    # --- looking ------------------------------------------------------------------------------

    def hours(self, request: HttpRequest) -> HttpResponse:
        """A country's day by the hour, and every country of that day beside it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = DayForm(request.GET or None)
        told: dict[str, Any] = {}
        if form.is_valid():
            try:
                told = _looked_at(form.cleaned_data["country"], form.cleaned_data["day"])
            except StoreUnavailable:
                self.message_user(request, _("The selections cannot be read at the moment."), messages.ERROR)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Selections by the hour"),
            "opts": self.opts,
            "form": form,
            "may_exclude": self.has_add_permission(request),
            **told,
        }
        return TemplateResponse(request, "ranking/hours.html", context)

    # --- leaving out --------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, show what it would take out, and leave out what has been seen so."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = BurstForm(request.POST or None, initial=request.GET.dict())
        if request.method != "POST" or not form.is_valid():
            return self._asked(request, form)
        told, span = form.cleaned_data, form.span()
        seen = f"{told['country']} {span.begins_at} {span.ends_at}"
        try:
            if told["seen"] == seen:
                made = exclusion.exclude(
                    told["country"], span, why=told["why"], by=request.user, now=timezone.now()
                )
                done = _("Left out: {selections} selections, {visitors} visitors. Rankings are made anew.")
                self.message_user(
                    request, done.format(selections=made.selections, visitors=made.visitors), messages.SUCCESS
                )
                return redirect("admin:ranking_rankingexclusion_changelist")
            preview = exclusion.span_taken(told["country"], span, now=timezone.now())
        except SelectionsGone:
            form.add_error(
                "day", _("The selections of that day have expired: nothing can be left out of it.")
            )
            return self._asked(request, form)
        except StoreUnavailable:
            form.add_error(None, _("The selections cannot be read at the moment."))
            return self._asked(request, form)
        form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        form.data["seen"] = seen  # type: ignore[index]
        return self._asked(
            request,
            form,
            taken=preview.would_take,
            counted=preview.counted,
            left=preview.counted.without(preview.would_take),
            **_looked_at(told["country"], told["day"], span),
        )

    def _asked(self, request: HttpRequest, form: BurstForm, **preview: Any) -> HttpResponse:
        return ask(
            request,
            title=_("Leave a burst out of the rankings"),
            form=form,
            submit=_("Leave it out") if preview else _("See what it takes out"),
            template="ranking/exclude.html",
            back=reverse("admin:ranking_rankingexclusion_changelist"),
            opts=self.opts,
            **preview,
        )

    # --- taking back --------------------------------------------------------------------------

    def undo(self, request: HttpRequest, exclusion_id: int) -> HttpResponse:
        if not request.user.has_perm("ranking.change_rankingexclusion"):
            raise PermissionDenied
        row = get_object_or_404(RankingExclusion, pk=exclusion_id)
        form = Reason(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                exclusion.undo(row.pk, why=form.cleaned_data["why"], by=request.user, now=timezone.now())
            except UndoneAlready:
                self.message_user(request, _("It had been undone already."), messages.WARNING)
            except StoreUnavailable:
                self.message_user(request, _("The selections cannot be read at the moment."), messages.ERROR)
            else:
                self.message_user(request, _("Counted again. Rankings are made anew."), messages.SUCCESS)
            return redirect("admin:ranking_rankingexclusion_changelist")
        return ask(
            request,
            title=_("Count {burst} again").format(burst=f"{row.country_code} {_hours(row)}"),
            form=form,
            submit=_("Count again"),
            back=reverse("admin:ranking_rankingexclusion_changelist"),
            opts=self.opts,
        )


def _hours(row: RankingExclusion) -> str:
    begins, ends = (at.astimezone(SEOUL) for at in (row.begins_at, row.ends_at))
    return f"{row.day} {begins:%H:%M}–{'24:00' if ends.date() > row.day else f'{ends:%H:%M}'}"


def _looked_at(country: str, day: date, span: Span | None = None) -> dict[str, Any]:
    """Raises: StoreUnavailable."""
    language = get_language() or "ko"
    hours = by_hour(store().choices(day, country))
    counts = store().counts([day])[day]
    ordered = sorted(counts.items(), key=lambda each: (-each[1].selections, each[0]))
    name = country_name(country, language)
    title = _("{country} on {day}: selections by the hour in Seoul").format(country=name, day=day)
    return {
        "country": country,
        "name": name,
        "day": day,
        "hours": hours,
        "is_empty": not any(hour.selections for hour in hours),
        "picture": drawn(hours, title=title, marked=set(_marked(span)) if span else ()),
        "countries": [
            {"code": code, "name": country_name(code, language), "count": count} for code, count in ordered
        ],
    }


def _marked(span: Span) -> Iterator[int]:
    """The hours of a Seoul day that a span touches."""
    hour: datetime = span.begins_at.astimezone(SEOUL).replace(minute=0)
    while hour < span.ends_at:
        yield hour.hour
        hour += timedelta(hours=1)
