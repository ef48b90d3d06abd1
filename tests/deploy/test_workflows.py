"""The workflows: valid by GitHub's own schema, and by the rules of this house. They cannot run here."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.release.__main__ import _arguments

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
WORKFLOWS: dict[str, dict[str, Any]] = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}
JOBS = [(name, key, job) for name, told in WORKFLOWS.items() for key, job in told["jobs"].items()]
STEPS = [step for _, _, job in JOBS for step in job.get("steps", [])]


def test_they_are_there():
    assert {"test", "image", "staging", "production"} <= set(WORKFLOWS)
    assert len(JOBS) >= 8
    assert len(STEPS) >= 20


@pytest.mark.parametrize(
    ("schema", "files"),
    [("vendor.github-workflows", FILES), ("vendor.dependabot", [ROOT / ".github" / "dependabot.yml"])],
)
def test_they_are_valid_by_the_schema(schema, files):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]

    told = subprocess.run(command, check=False, capture_output=True, text=True)

    assert told.returncode == 0, told.stdout + told.stderr


def test_every_action_is_named_by_its_commit_and_says_which_version_that_is():
    used = [line.strip() for path in FILES for line in path.read_text().splitlines() if "uses:" in line]
    foreign = [line for line in used if "uses: ./" not in line]

    assert len(foreign) >= 10
    assert [
        line
        for line in foreign
        if not re.search(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)
    ] == []


def test_one_action_is_one_commit_everywhere():
    pins = {tuple(step["uses"].split("@")) for step in STEPS if "uses" in step}

    assert len({action for action, _ in pins}) == len(pins)


def test_nobody_may_do_anything_but_what_a_job_says():
    assert {name: told["permissions"] for name, told in WORKFLOWS.items()} == {name: {} for name in WORKFLOWS}
    assert [(name, key) for name, key, job in JOBS if "permissions" not in job] == []
    written = {right for _, _, job in JOBS for right, how in job["permissions"].items() if how == "write"}
    assert written == {"attestations", "id-token"}


def test_only_who_goes_to_aws_has_an_identity_and_goes_through_an_environment():
    for name, key, job in JOBS:
        goes = any("configure-aws-credentials" in step.get("uses", "") for step in job.get("steps", []))
        calls = WORKFLOWS.get(Path(job.get("uses", "")).stem, {})
        passes_on = any("id-token" in each["permissions"] for each in calls.get("jobs", {}).values())
        assert (job["permissions"].get("id-token") == "write") is (goes or passes_on), (name, key)
        if goes:
            assert job["environment"]


def test_every_job_that_works_has_an_end():
    assert [(name, key) for name, key, job in JOBS if "steps" in job and "timeout-minutes" not in job] == []


def test_nothing_from_outside_is_put_into_a_script():
    # ${{ }} is replaced before the shell reads the line: a branch may be named `$(…)`.
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []
    assert not any("pull_request_target" in path.read_text() for path in FILES)


def test_no_key_is_kept_anywhere():
    assert [path.name for path in FILES if "secrets." in path.read_text()] == []
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == 4
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_two_releases_of_a_stage_wait_for_each_other():
    assert WORKFLOWS["release"]["jobs"]["release"]["concurrency"] == {
        "group": "release-${{ inputs.stage }}",
        "cancel-in-progress": False,
    }
    for name in ("staging", "production"):
        assert WORKFLOWS[name]["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize(("name", "environment"), [("staging", "staging"), ("production", "production")])
def test_terraform_lets_in_the_environments_that_are_used(name, environment):
    called = [job["with"] for job in WORKFLOWS[name]["jobs"].values() if "with" in job]

    assert [told["environment"] for told in called] == [environment, environment]
    trust = (ROOT / "deploy" / "terraform" / "modules" / "security" / "ci.tf").read_text()
    [stage] = {told["stage"] for told in called}
    assert f'{stage} = "{environment}"' in trust


def test_each_step_of_a_release_is_understood_and_they_come_in_order():
    commands = [
        line
        for _, key, job in JOBS
        for step in job.get("steps", [])
        for line in step.get("run", "").splitlines()
        if line.startswith("python -m deploy.release")
    ]
    words = [shlex.split(line.split("|")[0].replace("$STAGE", "prod"))[3:] for line in commands]

    asked = [_arguments().parse_args(each).step for each in words]

    assert sorted(asked[:2]) == ["build", "plan"]
    assert asked[2:] == ["migrate", "workers", "green", "check", "switch", "rollback", "cleanup"]
