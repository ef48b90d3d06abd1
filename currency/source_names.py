"""What the sources of rates are called: the providers, and the operators."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from currency.models import Provider
from currency.quotes import OPERATOR


def source_names() -> dict[str, str]:
    """{a quote's `source`: its name in the reader's language}, the operators' word included. One query."""
    is_english = get_language() == "en"
    names = Provider.objects.values_list("key", "name_en" if is_english else "name_ko")
    return {**dict(names), OPERATOR: set_by_operators()}


def set_by_operators() -> str:
    """The name of the source of a rate that was set by hand."""
    return _("set by operators")
