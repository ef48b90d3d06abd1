"""Tags of travellers' pages: fragments, the same page in another language."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from config.pages import fragments
from config.pages.language import in_other_languages

register = template.Library()


@register.simple_tag(takes_context=True)
def fragment(context: dict[str, Any], name: str, **query: object) -> SafeString:
    """The part of another app at the address called `name`: `{% fragment "popular" period="daily" %}`."""
    return fragments.rendered(context["request"], name, **query)


@register.simple_tag(takes_context=True)
def in_language(context: dict[str, Any], language: str) -> str:
    """This page's address in `language`, its query included."""
    return in_other_languages(context["request"].get_full_path())[language]
