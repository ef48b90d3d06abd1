"""What Terraform is told, against the service that lives on it. That it plans so is asserted in its own tests."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from config.celery import app
from config.events.event import TYPES

TERRAFORM = Path(__file__).resolve().parent.parent.parent / "deploy" / "terraform"


def _block(file: Path, opening: str) -> str:
    """What stands between the line that begins with `opening` and the brace that closes it."""
    lines = file.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.lstrip().startswith(opening))
    indent = lines[start][: -len(lines[start].lstrip())]
    return "\n".join(lines[start + 1 : lines.index(indent + "}", start)])


@pytest.mark.parametrize("stage", ["prod", "staging"])
def test_what_is_tested_of_a_stage_is_tested_with_its_own_variables(stage):
    own = (TERRAFORM / "environments" / f"{stage}.tfvars").read_text()
    tests = [
        path
        for path in (TERRAFORM / "tests").glob("*.tftest.hcl")
        if path.name.endswith(f"{stage}.tftest.hcl")
    ]

    assert tests
    for test in tests:
        given = _assigned(_block(test, "variables {"))
        assert len(given) > 15
        assert given == _assigned(own), test.name


def _assigned(text: str) -> dict[str, str]:
    """name → value, as written; comments left out."""
    pairs = re.findall(r"^\s*(\w+)\s+= (.+?)(?:\s+#.*)?$", text, re.MULTILINE)
    return dict(pairs)


def test_terraform_makes_the_queues_that_celery_uses():
    queues = _assigned(_block(TERRAFORM / "main.tf", "queues = {"))

    assert {name.strip('"') for name in queues.values()} == {
        *settings.CELERY_TASK_QUEUES,
        settings.DEAD_LETTER_QUEUE,
    }


def test_no_task_is_given_to_a_second_worker_while_the_first_is_at_it():
    code = (TERRAFORM / "modules" / "messaging" / "queues.tf").read_text()
    [seconds] = re.findall(r"visibility_timeout_seconds = (\d+)", code)
    app.loader.import_default_modules()
    limits = [task.time_limit for name, task in app.tasks.items() if not name.startswith("celery.")]

    assert len(limits) > 8
    assert int(seconds) >= 1.2 * max(limits)


def test_terraform_makes_the_topics_that_events_go_to():
    code = (TERRAFORM / "modules" / "messaging" / "kafka.tf").read_text()
    [topics] = re.findall(r"topics\s+= toset\(\[(.+)\]\)", code)

    assert set(re.findall(r'"([\w.]+)"', topics)) == {topic for topic, _ in TYPES.values()}


def test_groups_name_groups_and_one_rule_alone_names_addresses():
    code = (TERRAFORM / "modules" / "network" / "security_groups.tf").read_text()

    assert code.count("referenced_security_group_id =") == 4
    assert re.findall(r"cidr_ipv[46]\s+= .*", code) == ['cidr_ipv4         = "0.0.0.0/0"']
    for path in TERRAFORM.rglob("*.tf"):
        assert path.name == "security_groups.tf" or "cidr_ipv" not in path.read_text(), path


def test_both_stages_are_given_the_same_variables():
    prod, staging = (
        _assigned((TERRAFORM / "environments" / f"{stage}.tfvars").read_text())
        for stage in ("prod", "staging")
    )

    assert prod.keys() == staging.keys()
    assert prod["account_id"] != staging["account_id"]
