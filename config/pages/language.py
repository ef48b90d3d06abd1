"""The language of a page is its address: Korean at /…, English at /en/…; the API has its own rule."""

from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.urls import translate_url
from django.utils import translation

from config.api.language import preferred


class PageLanguage(LocaleMiddleware):
    """Django's rule for pages. Answers of the API follow Accept-Language, as the gate does."""

    def process_request(self, request: HttpRequest) -> None:
        if not is_page(request.path_info):
            translation.activate(preferred(request.headers.get("Accept-Language", "")))
            request.LANGUAGE_CODE = translation.get_language()
            return
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:  # type: ignore[override]
        if not is_page(request.path_info):
            return response
        answer: HttpResponse = super().process_response(request, response)  # type: ignore[assignment]
        return answer


def is_page(path: str) -> bool:
    """Whether somebody reads this address in a browser."""
    return not path.startswith(("/api/", "/health", "/version"))


def in_other_languages(path: str) -> dict[str, str]:
    """{language: the same page's address}, of every language there is."""
    return {code: translate_url(path, code) for code in ("ko", "en")}
