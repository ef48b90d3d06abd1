"""docs/deploy.md and docs/operations.md: what they tell people to type is there to be typed."""

import re
import subprocess
import sys
from importlib.util import find_spec

import pytest
from django.core.management import get_commands

from deploy.estimate import SIZES, parts
from deploy.release import cluster
from tests.aws_server import ROOT

DEPLOY = (ROOT / "docs/deploy.md").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()
BOTH = DEPLOY + OPERATIONS


def test_the_costs_told_are_those_computed():
    told = dict(
        re.findall(
            r"^\| (?:\*\*)?([^|*]+?)(?:\*\*)? \| (.+) \|$",
            DEPLOY.partition("# What it costs")[2],
            re.MULTILINE,
        )
    )
    columns = [dict(parts(size)) for size in SIZES]

    wanted = {part: " | ".join(f"{column[part]:,.0f}" for column in columns) for part in columns[0]}
    assert {part: told[part] for part in wanted} == wanted
    together = " | ".join(f"**{sum(column.values()):,.0f}**" for column in columns)
    assert told["together"] == together


def test_a_request_costs_what_it_does_by_hand():
    # One million requests of 12 ms at 1.75 GB: 21,000 GB-seconds × 0.0000166667 = 0.35, and 0.20 for the requests.
    middle = dict(parts(SIZES[1]))

    assert middle["Lambda"] == pytest.approx(30.4 * (0.35 + 0.20), rel=0.001)


def test_every_tool_of_deploy_that_is_named_exists():
    tools = set(re.findall(r"python -m (deploy\.\w+)", BOTH))

    assert {"deploy.release", "deploy.set_parameter", "deploy.kubernetes", "deploy.zappa_settings"} <= tools
    assert [tool for tool in tools if find_spec(tool) is None] == []


def test_every_command_of_manage_that_is_named_exists():
    named = set(re.findall(r"(?:^\$ |`|\"|manage\.py )manage(?:\.py)? (\w+)", BOTH, re.MULTILINE)) | set(
        re.findall(r"manage\.py (\w+)", BOTH)
    )

    assert {"preflight", "ingest", "make_operator", "dlq"} <= named
    assert named - set(get_commands()) == set()


def test_whatever_is_to_be_looked_for_in_logs_and_settings_is_called_that_somewhere():
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", OPERATIONS))
    words = ["--only-matching", "-h", "--word-regexp", "--extended-regexp", "|".join(named)]
    found = subprocess.run(
        ["git", "grep", *words, "--", "*.py", "*.tf", ":!tests"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert {"events_wait", "beat_waits_for_its_database", "aurora_max_capacity"} <= named
    assert named - set(found.split()) == set()


def test_whatever_is_to_be_looked_at_in_the_cluster_is_there():
    named = set(
        re.findall(r"(?:deploy/|deployment |scaledobject |component=)([a-z]+(?:-[a-z]+)*)", OPERATIONS)
    )
    there = {each["metadata"]["name"] for each in cluster.rendered("prod")}

    assert {"beat", "data-worker", "ranking-worker"} <= named
    assert named - {"terraform"} - there == set()


def test_every_output_that_is_asked_of_terraform_is_one():
    outputs = set(
        re.findall(r'^output "(\w+)"', (ROOT / "deploy/terraform/outputs.tf").read_text(), re.MULTILINE)
    )
    asked = set(re.findall(r"terraform[^\n]* output (?:-raw )?([a-z_]+)", DEPLOY))

    assert {"database_writer_endpoint", "name_servers"} <= asked
    assert asked - outputs == set()


def test_every_step_of_a_release_that_is_named_is_one():
    told = subprocess.run(
        [sys.executable, "-m", "deploy.release", "--help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    steps = set(re.findall(r"^    (\w+)", told, re.MULTILINE))

    assert {"foundation", "green", "switch"} <= steps
    assert set(re.findall(r"deploy\.release (\w+)", BOTH)) <= steps


def test_every_secret_that_is_to_be_set_is_one_the_service_reads():
    from config.settings.parameters import NAMES

    assert set(re.findall(r"deploy\.set_parameter ([A-Z_]+)", BOTH)) <= set(NAMES)
