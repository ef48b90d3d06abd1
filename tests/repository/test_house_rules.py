"""Rules of this house that a reader would otherwise have to remember."""

import re
import tomllib
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from django.apps import apps
from django.db import models
from django.template.base import Lexer, TokenType
from django.utils.translation import trim_whitespace

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = ("api", "currency", "history", "ingestor", "ranking")
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def test_no_money_is_kept_in_binary_floats():
    floats = {
        f"{model.__name__}.{field.name}"
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FloatField)
    }

    # Standard deviations, shares and mean errors are statistics, not prices.
    assert {name for name in floats if not name.startswith("ForecastBacktest.")} <= {"DailyRate.volatility"}


def test_everything_read_from_the_environment_is_in_the_example():
    settings = "".join(path.read_text() for path in (ROOT / "config" / "settings").glob("*.py"))
    example = (ROOT / ".env.example").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings)) | set(
        re.findall(r'database\("([A-Z_]+)"', settings)
    )

    assert len(read) > 20
    assert {name for name in read if f"# {name}=" not in example} <= {
        "TEST_STACK",
        "SERVICES_MISSING",
        "PYTEST_XDIST_WORKER",
    }


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 4


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_files_pin_hashes_and_name_no_index(lock):
    text = lock.read_text()
    pins = re.findall(r"^([a-z0-9][\w.-]*)==\S+", text, re.MULTILINE)

    assert len(pins) > 20
    assert text.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"https?://|--(?:extra-)?index|--find-links", text)


def test_what_we_depend_on_directly_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = {re.split(r"[\[<>=]", line)[0].lower() for line in project["dependencies"]}
    locked = set(
        re.findall(r"^([a-z0-9][\w.-]*)==", (ROOT / "requirements" / "base.txt").read_text(), re.MULTILINE)
    )

    assert len(named) > 15
    assert named <= locked


def _templates() -> list[Path]:
    return [path for app in ("config", *OURS[1:]) for path in (ROOT / app).rglob("*.html")]


def test_templates_run_and_style_nothing_inline():
    assert len(_templates()) >= 5
    for template in _templates():
        text = re.sub(r"{%.*?%}", "", template.read_text())  # `{% with one=… %}` is no handler
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*json)|<style|\son\w+=|\sstyle=", text), (
            template.name
        )


#: (context, message): the same word may need two.
Message = tuple[str, str]


def _said_in_code() -> set[Message]:
    keywords = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1,), "ngettext_lazy": (1,)}
    in_context = {"pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2)}
    said: set[Message] = set()
    for app in ("config", *OURS[1:]):
        for _, _, message, _, context in extract_from_dir(
            ROOT / app, method_map=[("**.py", "python")], keywords={**keywords, **in_context}
        ):
            said.add((context or "", message if isinstance(message, str) else message[-1]))
    return said


def _said_in_templates() -> set[Message]:
    """What Django's own lexer finds in {% translate %} and {% blocktranslate %}."""
    said: set[Message] = set()
    for path in _templates():
        block: list[str] | None = None
        for token in Lexer(path.read_text()).tokenize():
            words = token.split_contents() if token.token_type is TokenType.BLOCK else []
            if words and words[0] == "blocktranslate":
                block, trimmed, context = [], "trimmed" in words, _context(words)
            elif words and words[0] in {"endblocktranslate", "plural"} and block is not None:
                text = "".join(block)
                said.add((context, trim_whitespace(text) if trimmed else text))
                block = None
            elif block is not None:
                block.append(f"%({token.contents})s" if token.token_type is TokenType.VAR else token.contents)
            elif words and words[0] in {"translate", "trans"} and words[1][0] in "\"'":
                said.add((_context(words), words[1][1:-1]))
    return said


def _context(words: list[str]) -> str:
    return words[words.index("context") + 1][1:-1] if "context" in words else ""


def test_every_message_has_its_korean():
    said = _said_in_code() | _said_in_templates()
    korean: dict[Message, str] = {}
    for path in [*ROOT.glob("locale/ko/LC_MESSAGES/*.po"), *ROOT.glob("*/locale/ko/LC_MESSAGES/*.po")]:
        with path.open("rb") as file:
            for message in read_po(file):
                first = message.id if isinstance(message.id, str) else message.id[0]
                korean[message.context or "", first] = str(message.string or "")
    del korean["", ""]  # the header

    assert len(said) > 30
    assert sorted(message for message in said if not korean.get(message)) == []
    assert sorted(message for message in korean if message not in said) == []
