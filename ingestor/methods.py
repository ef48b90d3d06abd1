"""Method pages: docs/methods/<slug>.<language>.md, the one place where each method is written down.

Plain CommonMark with tables, read by people in the repository as well; raw HTML in it is text.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

#: In the order in which a reader asks: what is this figure, what will it be, what does it buy, who counts.
ORDER = ("rates", "forecast", "prices", "ranking")
_SIBLING = re.compile(r"(?:\./)?([a-z]+)\.(?:ko|en)\.md(#.*)?")


@dataclass(frozen=True, slots=True)
class Method:
    """A document: its first heading, its first paragraph as plain text, and the rest as HTML."""

    slug: str
    title: str
    summary: str
    html: SafeString


def folder() -> Path:
    """Where the documents are."""
    found: Path = settings.BASE_DIR / "docs" / "methods"
    return found


@lru_cache(maxsize=64)
def method(slug: str, language: str) -> Method:
    """The document called `slug` in `language`. Raises: KeyError where there is none."""
    path = folder() / f"{slug}.{language}.md"
    if slug not in ORDER or not path.is_file():
        raise KeyError(slug)
    with translation.override(language):
        return read(slug, path.read_text(encoding="utf-8"))


def methods(language: str) -> list[Method]:
    """Every document in `language`."""
    return [method(slug, language) for slug in ORDER]


def read(slug: str, text: str) -> Method:
    """A document from its Markdown; its links lead to pages in the language in force.

    Raises: ValueError for one that does not begin with a heading.
    """
    tokens = _markdown().parse(text)
    if not tokens or tokens[0].tag != "h1":
        raise ValueError(f"{slug}: a method begins with its title")
    body = tokens[3:]
    return Method(
        slug=slug,
        title=_plain(tokens[1]),
        summary=next((_plain(token) for token in body if token.type == "inline"), ""),
        html=SafeString(_markdown().renderer.render(body, _markdown().options, {})),
    )


@lru_cache(maxsize=1)
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # 50 ms of a start that few requests need

    read = MarkdownIt("commonmark", {"html": False}).enable("table")
    for name, rule in {
        "heading_open": _heading_open,
        "table_open": _table_open,
        "table_close": _table_close,
        "th_open": _cell_open,
        "td_open": _cell_open,
        "fence": _code,
        "code_block": _code,
        "link_open": _link_open,
    }.items():
        read.add_render_rule(name, rule)
    return read


def _plain(inline: "Token") -> str:
    return "".join(
        child.content if child.type in {"text", "code_inline"} else " " if child.type == "softbreak" else ""
        for child in inline.children or ()
    )


# --- what pages need of the HTML: a rule of the renderer each, with its own signature ---------------

_Tokens: TypeAlias = "Sequence[Token]"


def _heading_open(
    self: "RendererHTML", tokens: _Tokens, at: int, options: Any, env: Mapping[str, Any]
) -> str:
    """With a name to link to, as GitHub would make it."""
    name = re.sub(r"[^\w\- ]", "", _plain(tokens[at + 1]).lower()).replace(" ", "-")
    return format_html('<{} id="{}">', SafeString(tokens[at].tag), name)


def _table_open(self: "RendererHTML", tokens: _Tokens, at: int, options: Any, env: Mapping[str, Any]) -> str:
    """In a part that scrolls by itself and by keyboard, named after the heading above it."""
    above = [_plain(tokens[n + 1]) for n in range(at) if tokens[n].type == "heading_open"]
    return format_html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table>\n', above[-1] if above else ""
    )


def _table_close(self: "RendererHTML", tokens: _Tokens, at: int, options: Any, env: Mapping[str, Any]) -> str:
    return "</table></div>\n"


def _cell_open(self: "RendererHTML", tokens: _Tokens, at: int, options: Any, env: Mapping[str, Any]) -> str:
    """The alignment as a class: the policy of the pages forbids a style."""
    tag = tokens[at].tag
    scope = ' scope="col"' if tag == "th" else ""
    is_right = "right" in str(tokens[at].attrGet("style") or "")
    return f"<{tag}{scope}{' class=right' if is_right else ''}>"


def _code(self: "RendererHTML", tokens: _Tokens, at: int, options: Any, env: Mapping[str, Any]) -> str:
    return format_html('<pre class="scroll" tabindex="0"><code>{}</code></pre>\n', tokens[at].content)


def _link_open(self: "RendererHTML", tokens: _Tokens, at: int, options: Any, env: Mapping[str, Any]) -> str:
    """A link to another document is one to its page, in the reader's language."""
    address = str(tokens[at].attrGet("href") or "")
    if found := _SIBLING.fullmatch(address):
        address = reverse("method", args=[found[1]]) + (found[2] or "")
    return format_html('<a href="{}">', address)
