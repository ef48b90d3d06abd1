"""The web tier's image, as far as it can be read: nothing here can build one."""

import re

import pytest

from deploy.package import CODE
from tests.aws_server import ROOT

FILE = ROOT / "deploy" / "docker" / "web.Dockerfile"


@pytest.fixture(scope="module")
def stages() -> dict[str, list[tuple[str, str]]]:
    """{stage: [(instruction, words)]}; what stands before the first stage is under ""."""
    text = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", FILE.read_text(), flags=re.MULTILINE))
    found: dict[str, list[tuple[str, str]]] = {"": []}
    stage = ""
    for line in filter(None, text.splitlines()):
        instruction, _, words = line.partition(" ")
        if instruction == "FROM":
            stage = words.partition(" AS ")[2] or "final"
            found[stage] = []
        found[stage].append((instruction, words.strip()))
    return found


def said(stage: list[tuple[str, str]], instruction: str) -> list[str]:
    return [words for name, words in stage if name == instruction]


def test_both_stages_stand_on_one_base_which_is_pinned(stages):
    [base] = said(stages[""], "ARG")

    assert re.fullmatch(r"BASE=public\.ecr\.aws/lambda/python:3\.12@sha256:[0-9a-f]{64}", base)
    assert (said(stages["build"], "FROM"), said(stages["final"], "FROM")) == (
        ["${BASE} AS build"],
        ["${BASE}"],
    )


def test_what_is_installed_is_what_the_lock_file_has_hashed(stages):
    [install] = [words for words in said(stages["build"], "RUN") if "pip install" in words]

    assert "--require-hashes --requirement /requirements.txt" in install
    assert "requirements/lambda.txt /requirements.txt" in said(stages["build"], "COPY")


def test_no_compiler_is_left_in_what_is_shipped(stages):
    installed = " ".join(said(stages["final"], "RUN"))

    assert "mariadb-connector-c" in installed
    assert not re.search(r"gcc|-devel|pip", installed)


def test_everything_that_is_copied_is_there_and_all_code_is_copied(stages):
    copied = [words.split()[:-1] for words in said(stages["build"], "COPY")]
    sources = [source for words in copied for source in words]

    assert len(sources) == 13
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {*CODE, "locale", "docs/methods"} <= set(sources)


def test_lambda_finds_the_handler_where_zappa_has_it(stages):
    from zappa import handler

    assert said(stages["final"], "CMD") == [f'["{handler.__name__}.lambda_handler"]']
    assert callable(handler.lambda_handler)
    assert "${LAMBDA_TASK_ROOT}" in said(stages["final"], "COPY")[-1]


def test_it_runs_as_nobody_in_particular_and_is_told_no_secret(stages):
    assert said(stages["final"], "USER") == ["10001:10001"]
    told = " ".join(words for stage in stages.values() for words in said(stage, "ENV") + said(stage, "ARG"))
    assert not re.search("SECRET|PASSWORD|DATABASE_URL|TOKEN", told)
