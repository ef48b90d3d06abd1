"""Words for where a figure comes from."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def called(key: str, names: Mapping[str, str]) -> str:
    """`European Central Bank` for `ecb`, from {key: name}; the key itself where nobody has named it."""
    return names.get(key, key)
