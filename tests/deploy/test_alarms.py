"""Alarms, their chapters in the runbook, and the figures they look at: one set of names."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from config.preflight import cloud

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "deploy" / "terraform" / "modules" / "observability"
CODE = ("config", "currency", "history", "ingestor", "ranking")

pytestmark = pytest.mark.skipif(
    settings.TEST_STACK != "embedded",
    reason="neither database nor cache takes part: TEST_STACK=embedded runs this",
)


def alarms() -> set[str]:
    """As Terraform names them, without the prefix; its own test compares the plan with a list."""
    inside = re.findall(
        r"^    ([A-Z][A-Za-z]+(?:-[a-z]+)?) = \{$", (MODULE / "alarms.tf").read_text(), re.MULTILINE
    )
    outside = re.findall(r'"\$\{local\.prefix\}-([A-Za-z]+)"', (MODULE / "outside.tf").read_text())
    return {*inside, *outside}


def test_every_alarm_has_its_chapter_in_the_runbook_and_every_chapter_its_alarm():
    _, _, chapters = (ROOT / "docs" / "operations.md").read_text().partition("\n# Alarms\n")
    chapters, _, _ = chapters.partition("\n# ")

    assert len(alarms()) == 16
    assert set(re.findall(r"^## (\S+)$", chapters, re.MULTILINE)) == alarms()


def test_terraforms_test_asserts_on_the_same_alarms():
    text = (ROOT / "deploy" / "terraform" / "tests" / "observability.tftest.hcl").read_text()
    [listed] = re.findall(r'toset\(\[for name in \[(.*?)\] : "CurrencyService-', text, re.DOTALL)

    assert set(re.findall(r'"([^"]+)"', listed)) == alarms()


def test_the_preflight_misses_the_same_alarms():
    # Route 53 has its own in another region, where the preflight does not ask.
    assert {f"CurrencyService-{name}" for name in alarms() - {"HealthCheck"}} == cloud.ALARMS


def watched() -> set[str]:
    """Metrics of ours in alarms and on the dashboard."""
    text = (MODULE / "alarms.tf").read_text() + (MODULE / "dashboard.tf").read_text()
    found = re.findall(r'namespace\s*=\s*local\.prefix,\s*metric\s*=\s*"(\w+)"', text)
    found += re.findall(r'"CurrencyService", "(\w+)"', text)
    found += re.findall(r'format\(local\.search, "[\w,]+", "(\w+)"', text)
    return set(found)


def test_no_alarm_and_no_graph_waits_for_a_figure_that_nobody_tells():
    """Their names, wherever the service writes them: as a Measure's, or as a member of a request's line."""
    files = (
        file for folder in CODE for file in (ROOT / folder).rglob("*.py") if "migrations" not in file.parts
    )
    code = "\n".join(file.read_text() for file in files)
    told = set(re.findall(r'Measure\(\s*"(\w+)"', code)) | set(re.findall(r'counts\["(\w+)"\]', code))
    told |= set(re.findall(r'"Name":\s*"(\w+)"', code)) | set(re.findall(r'counts = \{"(\w+)"', code))

    assert {"BeatHeartbeat", "RankingAge", "ServerErrors", "CacheHits", "ProviderAge"} <= watched()
    assert watched() - told == set()
