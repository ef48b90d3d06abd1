"""The operators' admin: Django's own site with a second step at the door and pages that belong to no table."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from config.pages.language import in_other_languages

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite as ThemedSite
else:
    from unfold.sites import UnfoldAdminSite as ThemedSite


class OperatorsSite(ThemedSite):
    index_title = _("Control room")

    def get_urls(self) -> list[URLResolver | URLPattern]:
        # Not at the top: the web tier starts without what only the admin's pages need.
        from config.operators import second_factor_pages

        own: list[URLResolver | URLPattern] = [
            path("login/code/", second_factor_pages.code, name="login-code"),
            path("second-factor/", self.admin_view(second_factor_pages.own), name="second-factor"),
        ]
        return [*own, *super().get_urls()]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Django's, except that a password alone lets nobody in who has a second factor."""
        from config.operators.login import CodeWanted

        try:
            return super().login(request, extra_context)
        except CodeWanted as wanted:
            from config.operators import second_factor_pages

            return second_factor_pages.after_password(request, wanted)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **super().each_context(request),
            "language": get_language(),
            "addresses": in_other_languages(request.get_full_path()),
        }

    def _get_colors(self, *_: Any) -> dict[str, Any]:
        # The theme would write them into every page as inline style; ours are in operators.css.
        return {}

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Nothing: the theme's search keeps Python objects in the shared cache, which takes plain data only."""
        return HttpResponse()
