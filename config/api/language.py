"""Which language an answer is told in: Korean, unless the caller prefers English."""

from functools import lru_cache

from django.utils.translation.trans_real import parse_accept_lang_header

DEFAULT = "ko"


@lru_cache(maxsize=512)
def preferred(accept_language: str) -> str:
    """`ko` or `en` for an Accept-Language header (RFC 9110, 12.5.4); anything else is Korean."""
    for language, quality in parse_accept_lang_header(accept_language.lower()):
        if quality > 0 and language.split("-")[0] in {"ko", "en"}:
            return str(language.split("-")[0])
    return DEFAULT
