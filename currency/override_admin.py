"""Where operators set a rate by hand, see what it stands in for, and end it before its time."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanWidget,
)

from config.evidence import EvidenceAdmin
from config.operators.asking import Reason, ask
from config.templatetags.cldr import moment, percent
from currency import overrides
from currency.admin_search import FoundByName
from currency.catalog import currency_name
from currency.models import Currency, LatestRate, RateOverride
from currency.overrides import FAR, NoPublishedRate, NotInForce, Published, SetMeanwhile
from currency.quoted_unit import per_quoted_unit, quoted_unit

# The theme's decorator is typed as if no text were ever translated.
_RATE: Any = gettext_lazy("Rate in won")
_STATE: Any = gettext_lazy("State")
_SET: Any = gettext_lazy("Set by")

_HOURS = (1, 3, 6, 12, 24, 48, 72, 120, 168)
_STATES = {
    "in_force": gettext_lazy("in force"),
    "expired": gettext_lazy("expired"),
    "ended": gettext_lazy("ended early"),
}
_COLOURS: Any = {_STATES["in_force"]: "warning", _STATES["expired"]: "info", _STATES["ended"]: "info"}


def _lasting(hours: int) -> str:
    if hours == 1:
        return _("1 hour")
    if hours < 48:
        return _("{count} hours").format(count=hours)
    return _("{count} days").format(count=hours // 24)


class RateForm(Reason):
    """A rate in the unit people speak of. `seen` names what was shown with its consequences."""

    currency = forms.ChoiceField(label=gettext_lazy("Currency"), widget=UnfoldAdminSelectWidget)
    rate = forms.DecimalField(
        label=gettext_lazy("Rate in won"),
        max_digits=16,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        help_text=gettext_lazy("For 100 units of JPY, VND and IDR, for one unit of every other currency."),
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "any", "inputmode": "decimal"}),
    )
    hours = forms.TypedChoiceField(
        label=gettext_lazy("Ends by itself after"),
        coerce=int,
        choices=lambda: [(hours, _lasting(hours)) for hours in _HOURS],
        initial=24,
        widget=UnfoldAdminSelectWidget,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    is_meant = forms.BooleanField(
        label=gettext_lazy("I mean it, far off as it is"), required=False, widget=UnfoldBooleanWidget
    )
    field_order = ("currency", "rate", "hours", "why", "is_meant", "seen")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["why"].widget.attrs.pop("autofocus", None)
        field = cast(forms.ChoiceField, self.fields["currency"])
        language = get_language() or "ko"
        # Others are refused by name (`overrides.NoPublishedRate`), whoever asks for them.
        known = set(LatestRate.objects.values_list("currency_code", flat=True))
        codes = Currency.objects.filter(code__in=known).values_list("code", flat=True)
        field.choices = [(code, f"{code} · {currency_name(code, language)}") for code in codes]

    def per_unit(self) -> Decimal:
        """KRW for one unit."""
        rate: Decimal = self.cleaned_data["rate"]
        return rate / quoted_unit(self.cleaned_data["currency"])


class StateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(_STATES.items())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RateOverride]
    ) -> QuerySet[RateOverride] | None:
        now = timezone.now()
        states = {
            "in_force": Q(place__isnull=False, expires_at__gt=now),
            "expired": Q(ended_at__isnull=True, expires_at__lte=now),
            "ended": Q(ended_at__isnull=False),
        }
        return queryset.filter(states[wanted]) if (wanted := self.value()) in states else None


@admin.register(RateOverride)
class RateOverrideAdmin(FoundByName[RateOverride], EvidenceAdmin[RateOverride]):
    """The record of rates set by hand. Rows are made and ended on pages of their own, never edited."""

    list_display = ("priced", "state", "reason", "was_set", "ends", "ended", "ending")
    list_filter = (StateFilter,)
    search_codes = {"currency_code": "currency"}
    search_fields = ("reason", "=set_by")
    paginator = cast(Any, Paginator)  # they are few: counted, as people expect
    exclude = ("place",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("currency.add_rateoverride")

    def get_urls(self) -> list[URLPattern]:
        end = path(
            "<int:override_id>/end/", self.admin_site.admin_view(self.end), name="currency_rateoverride_end"
        )
        return [end, *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        may_end = request.user.has_perm("currency.change_rateoverride")
        return self.list_display if may_end else self.list_display[:-1]

    # --- the list -----------------------------------------------------------------------------

    @display(description=_RATE, ordering="currency_code", header=True)
    def priced(self, row: RateOverride) -> tuple[str, str]:
        name = currency_name(row.currency_code, get_language() or "ko")
        return overrides.told_rate(row.currency_code, row.rate), name

    @display(description=_STATE, label=_COLOURS)
    def state(self, row: RateOverride) -> Any:
        return _STATES[overrides.state_of(row, timezone.now())]

    @display(description=_SET, ordering="set_at", header=True)
    def was_set(self, row: RateOverride) -> tuple[str, str]:
        return row.set_by, moment(row.set_at)

    @admin.display(description=gettext_lazy("Until"), ordering="expires_at")
    def ends(self, row: RateOverride) -> str:
        return moment(row.expires_at)

    @admin.display(description=gettext_lazy("Ended by"), empty_value="–")
    def ended(self, row: RateOverride) -> str | None:
        return f"{row.ended_by}: {row.ended_why}" if row.ended_at else None

    @admin.display(description="")
    def ending(self, row: RateOverride) -> str | SafeString:
        if overrides.state_of(row, timezone.now()) != "in_force":
            return ""
        address = reverse("admin:currency_rateoverride_end", args=[row.pk])
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, _("End now")
        )

    # --- setting ------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask, show what it would stand in for, and set what has been seen so."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now = timezone.now()
        form = RateForm(request.POST or None, initial={"currency": request.GET.get("currency", "USD")})
        if request.method != "POST" or not form.is_valid():
            form.fields.pop("is_meant")
            return self._asked(request, form)
        told = form.cleaned_data
        code, rate = told["currency"], form.per_unit()
        expires_at = now + timedelta(hours=told["hours"])
        beside = overrides.published_beside(code, rate)
        standing = overrides.in_force(now).get(code)
        seen = f"{code} {rate.normalize():f} {told['hours']} {standing.pk if standing else 0}"
        is_far = any(one.is_far for one in beside)
        if told["seen"] == seen and (told["is_meant"] or not is_far):
            try:
                overrides.put(
                    code=code,
                    rate=rate,
                    why=told["why"],
                    expires_at=expires_at,
                    by=request.user,
                    now=now,
                    instead_of=standing.pk if standing else None,
                )
            except SetMeanwhile:
                self.message_user(request, _("Another rate was set meanwhile: look again."), messages.WARNING)
            except NoPublishedRate:
                form.add_error("currency", _("Nobody has published a rate of this currency."))
            else:
                done = _("Set: {rate} won, until {end}").format(
                    rate=overrides.told_rate(code, rate), end=moment(expires_at)
                )
                self.message_user(request, done, messages.SUCCESS)
                return redirect("admin:currency_rateoverride_changelist")
        elif told["seen"] == seen:
            form.add_error(
                "is_meant",
                _("It is more than {far} off: tick this if it is meant.").format(far=percent(FAR, 0)),
            )
        if not is_far:
            form.fields.pop("is_meant")
        form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        form.data["seen"] = seen  # type: ignore[index]
        return self._asked(
            request,
            form,
            code=code,
            unit=quoted_unit(code),
            rate=per_quoted_unit(code, rate),
            expires_at=expires_at,
            beside=[_row(code, one) for one in beside],
            is_far=is_far,
            far=FAR,
            standing=standing,
        )

    def _asked(self, request: HttpRequest, form: RateForm, **preview: Any) -> HttpResponse:
        return ask(
            request,
            title=_("Set a rate by hand"),
            form=form,
            submit=_("Set this rate") if preview else _("See what it changes"),
            template="currency/override.html",
            back=reverse("admin:currency_rateoverride_changelist"),
            opts=self.opts,
            **preview,
        )

    # --- ending -------------------------------------------------------------------------------

    def end(self, request: HttpRequest, override_id: int) -> HttpResponse:
        if not request.user.has_perm("currency.change_rateoverride"):
            raise PermissionDenied
        override = get_object_or_404(RateOverride, pk=override_id)
        form = Reason(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                overrides.end(override.pk, why=form.cleaned_data["why"], by=request.user, now=timezone.now())
            except NotInForce:
                self.message_user(request, _("It had ended already."), messages.WARNING)
            else:
                self.message_user(request, _("Ended. Published rates are told again."), messages.SUCCESS)
            return redirect("admin:currency_rateoverride_changelist")
        return ask(
            request,
            title=_("End {rate} won now").format(
                rate=overrides.told_rate(override.currency_code, override.rate)
            ),
            form=form,
            submit=_("End now"),
            back=reverse("admin:currency_rateoverride_changelist"),
            opts=self.opts,
        )


def _row(code: str, one: Published) -> dict[str, Any]:
    return {
        "name": one.name_en if get_language() == "en" else one.name_ko,
        "is_enabled": one.is_enabled,
        "rate": per_quoted_unit(code, one.rate),
        "as_of": one.as_of,
        "deviation": one.deviation,
        "is_far": one.is_far,
    }
