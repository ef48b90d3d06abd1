"""What Terraform is told, against the service that lives on it. That it plans so is asserted in its own tests."""

import re
import tomllib
from pathlib import Path

import pytest
from botocore.loaders import Loader
from django.conf import settings

from config.celery import app
from config.events.event import TYPES

ROOT = Path(__file__).resolve().parent.parent.parent
TERRAFORM = ROOT / "deploy" / "terraform"


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


@pytest.mark.parametrize("stage", ["prod", "staging"])
def test_whoever_comes_to_the_proxy_comes_by_iam_and_whoever_changes_something_has_it_told(stage):
    """What the function is told, and what the pods are, against the proxy and the brokers there are."""
    proxy = (TERRAFORM / "modules" / "data" / "proxy.tf").read_text()
    zappa = tomllib.loads((ROOT / "zappa_settings.toml").read_text())[stage]["aws_environment_variables"]
    kubernetes = ROOT / "deploy" / "k8s"
    pods = (kubernetes / "base" / "settings.env").read_text().splitlines()
    account = (kubernetes / "overlays" / stage / "account" / "kustomization.yaml").read_text()
    brokers = [zappa["KAFKA_BOOTSTRAP_SERVERS"], *re.findall(r'"KAFKA_BOOTSTRAP_SERVERS=(.+)"', account)]

    assert 'default_auth_scheme = "IAM_AUTH"' in proxy
    assert zappa["DATABASE_IAM_AUTH"] == "true"
    assert "DATABASE_IAM_AUTH=true" in pods
    # 9098: IAM, the only door Terraform leaves open.
    assert [re.fullmatch(r"[\w.-]+:9098(,[\w.-]+:9098)*", told) is not None for told in brokers] == [True] * 2


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


#: What EC2's reference lists for descriptions of groups and rules.
OF_GROUPS = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}"


def test_descriptions_are_made_of_characters_that_aws_takes():
    """EC2 and WAF refuse an apostrophe, for one, and only when they are asked to make the thing."""
    groups = TERRAFORM / "modules" / "network" / "security_groups.tf"
    said = [text.strip('"') for text in _assigned(_block(groups, "groups = {")).values()]
    said += _descriptions(groups)
    firewalls = _descriptions(TERRAFORM / "modules" / "edge" / "firewall.tf")
    of_firewalls = Loader().load_service_model("wafv2", "service-2")["shapes"]["EntityDescription"]["pattern"]

    assert (len(said), len(firewalls)) == (14, 2)
    assert [text for text in said if not re.fullmatch(OF_GROUPS, text)] == []
    assert [text for text in firewalls if not re.search(of_firewalls, text)] == []


def _descriptions(file: Path) -> list[str]:
    """Those in quotes, with what Terraform puts in replaced by a word."""
    found = re.findall(r'description\s+= "(.+)"', file.read_text())
    return [re.sub(r"\$\{.+?\}", "word", text) for text in found]


@pytest.mark.parametrize("stage", ["prod", "staging"])
def test_the_state_of_a_stage_lies_in_its_own_account_and_is_locked(stage):
    own = _assigned((TERRAFORM / "environments" / f"{stage}.tfvars").read_text())
    told = _assigned((TERRAFORM / "environments" / f"{stage}.s3.tfbackend").read_text())

    assert told["bucket"].strip('"').partition("-")[0] == own["account_id"].strip('"')
    assert (told["encrypt"], told["use_lockfile"]) == ("true", "true")


def test_the_database_has_the_master_user_that_the_way_in_names():
    code = (TERRAFORM / "modules" / "data" / "aurora.tf").read_text()
    way_in = (ROOT / "docs" / "deploy.md").read_text()

    assert re.findall(r"\bmysql .*--user (\w+)", way_in) == re.findall(r'master_username\s+= "(\w+)"', code)
