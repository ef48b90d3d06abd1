"""Who published a figure, by name."""

from currency.models import Provider


def publishers(language: str) -> dict[str, str]:
    """{provider key: its name in `language`}. One query."""
    name = "name_en" if language == "en" else "name_ko"
    return dict(Provider.objects.values_list("key", name))
