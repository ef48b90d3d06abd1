"""What operators see of selections and results: evidence, nothing to edit; and a ranking made now."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from config.evidence import EvidenceAdmin
from config.operators import audit
from config.operators.asking import Reason, ask
from currency.admin_search import FoundByName
from ranking import exclusion_admin  # registers itself
from ranking.announcing import request_calculation
from ranking.models import DailyCount, RankingResult, Selection
from ranking.stores import StoreUnavailable
from ranking.window import PERIODS

__all__ = ["exclusion_admin"]

_RECALCULATE: Any = gettext_lazy("Recalculate rankings")


@admin.register(Selection)
class SelectionAdmin(FoundByName[Selection], EvidenceAdmin[Selection]):
    """Neither the encrypted user nor the session is shown: nobody here needs them.

    Empty where SELECTION_STORE=dynamodb; the picture by the hour reads either.
    """

    list_display = ("id", "country_code", "selection_date", "selected_at", "expires_at")
    list_filter = ("selection_date",)
    search_codes = {"country_code": "country"}
    ordering = ("-id",)  # as they came: ids begin with the time
    sortable_by = ()
    exclude = ("user", "session")


@admin.register(DailyCount)
class DailyCountAdmin(FoundByName[DailyCount], EvidenceAdmin[DailyCount]):
    list_display = ("selection_date", "country_code", "shard", "selections", "visitors")
    ordering = ("-selection_date", "country_code", "shard")
    search_codes = {"country_code": "country"}


@admin.register(RankingResult)
class RankingResultAdmin(EvidenceAdmin[RankingResult]):
    list_display = ("period", "version")
    ordering = ("-period",)
    actions_list = ("recalculate",)

    def has_recalculate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ranking.change_rankingresult")

    @action(  # type: ignore[operator]  # the theme types it as what it returns
        description=_RECALCULATE, url_path="recalculate", permissions=["recalculate"]
    )
    def recalculate(self, request: HttpRequest) -> HttpResponse:
        """Have every period computed now, whatever store keeps them."""
        if not self.has_recalculate_permission(request):
            raise PermissionDenied
        back = reverse("admin:ranking_rankingresult_changelist")
        form = Reason(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return ask(
                request,
                title=str(_RECALCULATE),
                form=form,
                submit=str(_RECALCULATE),
                back=back,
                opts=self.opts,
            )
        from config.celery import QueueUnavailable  # half a second of imports that readers do without

        try:
            for period in PERIODS:
                request_calculation(period)
        except (QueueUnavailable, StoreUnavailable):
            told = _("The calculation could not be started. Try again in a minute.")
            self.message_user(request, told, messages.ERROR)
        else:
            what, why = _("Had the rankings recalculated"), form.cleaned_data["why"]
            audit.note(by=request.user, what=what, why=why, subject=", ".join(PERIODS))
            self.message_user(request, _("The rankings are being recalculated."), messages.SUCCESS)
        return redirect(back)
