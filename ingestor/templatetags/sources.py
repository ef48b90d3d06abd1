"""Sources in words: what kind of figure, on which days, where its clock stands, how old it is."""

from datetime import time
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import get_timezone_location
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ingestor import notice_words
from ingestor.about import RateSource
from ingestor.registry import Source

register = template.Library()


@register.filter
def source_name(key: str) -> str:
    return notice_words.source_name(key)


@register.filter
def kind_words(kind: str) -> str:
    """What the figure is; its own name where there are no better words for it."""
    return {
        "base_rate": _("Base rate (매매기준율), the one Korean banks post"),
        "reference_rate": _("Reference rate, set once a day"),
        "indicative_rate": _("Indicative rate, blended from several markets"),
        "noon_buying_rate": _("Buying rate at noon in New York"),
    }.get(kind, kind)


@register.filter
def calendar_words(calendar: str) -> str:
    """The days on which there is a figure."""
    return {
        "KR": _("Korean banking days"),
        "XECB": _("Business days of the euro area (TARGET)"),
        "XFED": _("Business days of the Federal Reserve"),
        "weekdays": _("Monday to Friday"),
    }[calendar]


@register.filter
def city(zone: str) -> str:
    """Where a clock stands: `베를린`."""
    locale = Locale.parse(get_language() or "ko")
    return str(get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True))


@register.filter
def clock(moment: time) -> str:
    """`14:15`, in every language."""
    return f"{moment:%H:%M}"


@register.filter
def attribution(source: Source) -> SafeString:
    """The words a source asks for, linked to where it wants them to lead."""
    return format_html(
        '<a href="{}" rel="noopener">{}</a>', source.attribution_url or source.terms_url, source.attribution
    )


@register.filter
def state_badge(source: RateSource) -> str:
    """Class of the badge."""
    if source.use != "asked":
        return ""
    if source.freshness is None or source.freshness.is_old:
        return "warn"
    return "good"


@register.filter
def state_words(source: RateSource) -> str:
    """How well collection from it stands, in two or three words."""
    if source.use == "no_key":
        return _("Not in use")
    if source.use == "off":
        return _("Switched off")
    if source.freshness is None:
        return _("No figures yet")
    return {
        "fresh": _("Up to date"),
        "carried": _("Up to date · closed days since"),
        "late": _("Late"),
        "suspended": _("Late"),
    }[source.freshness.state]
