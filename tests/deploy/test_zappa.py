"""zappa_settings.toml, as Zappa reads it; what it packs; what it calls while it deploys."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import warnings
import zipfile
from typing import Any

import pytest
from django.urls import get_resolver

from config.settings.parameters import NAMES
from deploy import package, zappa_stage
from deploy.zappa_settings import FILE, account_part, with_part
from tests.aws_server import ROOT
from tests.deploy.test_handler import zappa_settings

#: The accounts of deploy/terraform/environments, which are nobody's.
EXAMPLES = {
    "prod": ("111111111111", "travel.example.com"),
    "staging": ("222222222222", "staging.travel.example.com"),
}
IMAGE = "sha256:" + "0" * 64
#: Read by Python, Django or Zappa themselves.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "INSTANTIATE_LAMBDA_HANDLER_ON_IMPORT", "PARAMETER_PATH"}


def outputs(stage: str, **more: Any) -> dict[str, Any]:
    """As `terraform output` gives them."""
    account, domain = EXAMPLES[stage]
    number = int(account[0])
    return {
        "account_id": account,
        "region": "ap-northeast-2",
        "domain": domain,
        "lambda_role_arn": f"arn:aws:iam::{account}:role/currency-service-lambda",
        "lambda_security_group_id": f"sg-{number:017}",
        "private_subnet_ids": [f"subnet-{number * 10 + zone:017}" for zone in (1, 2, 3)],
        "ecr_web_repository": f"{account}.dkr.ecr.ap-northeast-2.amazonaws.com/currency-service-web",
        "queue_base_url": f"https://sqs.ap-northeast-2.amazonaws.com/{account}",
        "archive_bucket": f"{account}-currency-data-backup",
        "static_bucket": f"{account}-currency-static-assets",
        "static_domain": f"static.{domain}",
        "zappa_bucket": f"{account}-currency-zappa-packages",
        "kafka_bootstrap_servers": "b-1.example:9098,b-2.example:9098,b-3.example:9098",
        **more,
    }


@pytest.fixture
def loaded(monkeypatch):
    """`loaded("prod")`: Zappa's command line with that stage's settings; without credentials."""
    from zappa.cli import ZappaCLI

    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(ZappaCLI, "load_credentials", False)

    def load(stage: str, **words: Any) -> Any:
        cli = ZappaCLI()
        cli.api_stage, cli.vargs = stage, words
        cli.load_settings(str(FILE))
        return cli

    return load


@pytest.mark.parametrize("stage", EXAMPLES)
def test_what_is_committed_is_what_terraforms_outputs_give(stage):
    text = FILE.read_text()

    assert with_part(text, stage, account_part(stage, outputs(stage), image=IMAGE)) == text


def test_a_part_takes_the_place_of_its_own_stage_alone():
    text = FILE.read_text()

    zipped = tomllib.loads(with_part(text, "prod", account_part("prod", outputs("prod"), image=None)))

    before = tomllib.loads(text)
    assert "docker_image_uri" not in zipped["prod"]
    assert (zipped["web"], zipped["staging"]) == (before["web"], before["staging"])
    assert list(zipped["prod"]["vpc_config"]) == ["SubnetIds", "SecurityGroupIds"]


@pytest.mark.parametrize("stage", EXAMPLES)
def test_zappa_takes_them_as_they_are_meant(loaded, stage):
    cli = loaded(stage)

    assert cli.lambda_name == f"currency-service-{stage}"
    assert (cli.manage_roles, cli.desired_role_arn) == (False, outputs(stage)["lambda_role_arn"])
    assert (cli.debug, cli.log_level) == (False, "INFO")
    assert (cli.memory_size, cli.timeout_seconds) == (1792, 29)
    assert cli.apigateway_lambda_qualifier == "live"
    assert cli.endpoint_configuration == ["REGIONAL"]
    assert cli.vpc_config["SubnetIds"] == outputs(stage)["private_subnet_ids"]
    assert cli.num_retained_versions >= 5
    assert [cli.stage_config[name] for name in ("keep_warm", "touch", "use_precompiled_packages")] == [
        False
    ] * 3
    # The gate wraps Django; by its settings alone Zappa would make a WSGI application without it.
    assert (cli.app_function, cli.binary_support) == ("config.wsgi.application", True)


@pytest.mark.parametrize("stage", EXAMPLES)
def test_its_variables_are_known_and_none_is_a_secret(loaded, stage):
    told = set(loaded(stage).aws_environment_variables)
    known = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert told - known - NOT_OURS == set()
    assert told & set(NAMES) == set()
    # Behind API Gateway X-Forwarded-For is the caller's own claim.
    assert "TRUSTED_PROXIES" not in told


@pytest.mark.parametrize("stage", EXAMPLES)
def test_the_admin_is_not_on_the_public_function(loaded, stage):
    assert loaded(stage).aws_environment_variables["SERVES_ADMIN"] == "false"


def test_the_image_is_told_what_zappa_would_pack(tmp_path):
    for name in ("zappa_settings.toml", "deploy/__init__.py", "deploy/package.py", "deploy/zappa_stage.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    dockerfile = (ROOT / "deploy/docker/web.Dockerfile").read_text()
    [words] = re.findall(r"python -m (zappa\.cli [\w -]+?) \\", dockerfile)
    clean = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}

    # Without a way out, for Zappa asks what its newest release is.
    subprocess.run(
        [sys.executable, "-m", *words.split()],
        cwd=tmp_path,
        env={**clean, "HTTPS_PROXY": "http://127.0.0.1:9"},
        check=True,
    )

    assert (tmp_path / "zappa_settings.py").read_text() == zappa_settings()


def test_no_address_begins_with_the_name_of_a_stage():
    addresses = [str(pattern.pattern) for pattern in get_resolver().url_patterns]

    assert len(addresses) > 10
    assert [address for address in addresses if address.lstrip("^/").startswith(tuple(EXAMPLES))] == []


# --- what Zappa calls ---------------------------------------------------------------------------


def test_a_stage_with_an_image_is_deployed_as_that_image(loaded):
    cli = loaded("prod", zip=None, docker_image_uri=None)

    zappa_stage.choose_code(cli)

    assert cli.vargs["docker_image_uri"] == f"{outputs('prod')['ecr_web_repository']}@{IMAGE}"
    assert "COMMIT" not in cli.aws_environment_variables  # the image says which
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", cli.aws_environment_variables["DEPLOYED_AT"])


def test_an_image_or_a_zip_on_the_command_line_comes_first(loaded):
    image = loaded("prod", zip=None, docker_image_uri="another@sha256:1")
    zipped = loaded("prod", zip="s3://a/b.zip", docker_image_uri=None)

    zappa_stage.choose_code(image)
    zappa_stage.choose_code(zipped)

    assert image.vargs["docker_image_uri"] == "another@sha256:1"
    assert zipped.vargs["docker_image_uri"] is None
    assert re.fullmatch(r"[0-9a-f]{40}|unknown", zipped.aws_environment_variables["COMMIT"])
    assert zipped.aws_environment_variables["MARIADB_PLUGIN_DIR"] == "/var/task/lib"
    assert "MARIADB_PLUGIN_DIR" not in image.aws_environment_variables  # it has all of it installed


def test_a_command_that_deploys_nothing_is_left_alone(loaded):
    cli = loaded("prod", num_rollback=1)

    zappa_stage.choose_code(cli)

    assert cli.vargs == {"num_rollback": 1}
    assert "DEPLOYED_AT" not in cli.aws_environment_variables


# --- what it packs ------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("mariadb_config") is None, reason="needs what mysqlclient is built with")
def test_a_zip_brings_the_databases_library_and_what_it_sends_a_token_with(tmp_path, monkeypatch):
    pytest.importorskip("MySQLdb")
    monkeypatch.setattr(package, "ROOT", tmp_path)

    package.ship_driver()

    assert {path.name for path in (tmp_path / "lib").iterdir()} == {
        "libmariadb.so.3",
        "mysql_clear_password.so",
    }


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> set[str]:
    """The names in a zip that Zappa makes of the files under version control, without packages."""
    from zappa.core import Zappa

    place = tmp_path_factory.mktemp("packing")
    project, environment = place / "project", place / "environment"
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for folder in (project, environment / "lib" / python / "site-packages"):
        folder.mkdir(parents=True)
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith("docs/images"):
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_bytes((ROOT / name).read_bytes())
    web = tomllib.loads(FILE.read_text())["web"]
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # setuptools' word on pip, which Zappa imports
        patch.chdir(project)
        made = Zappa(load_credentials=False, runtime=python).create_lambda_zip(
            venv=environment,
            exclude=list(web["exclude"]),
            exclude_glob=web["exclude_glob"],
            use_precompiled_packages=False,
            disable_progress=True,
        )
    with zipfile.ZipFile(project / made) as archive:
        return set(archive.namelist())


def test_all_that_the_service_is_made_of_is_packed(packed):
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "config",
            "currency",
            "history",
            "ingestor",
            "ranking",
            "docs/methods",
            "manage.py",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    needed = {name for name in listed if not name.endswith(".po") and (ROOT / name).is_file()}

    assert len(needed) > 400
    assert needed - packed == set()


def test_nothing_else_is_packed(packed):
    first = {name.partition("/")[0] for name in packed}

    assert first == {
        "__init__.py",  # Zappa's own, of every folder that has code
        "config",
        "currency",
        "docs",
        "history",
        "ingestor",
        "manage.py",
        "package_info.json",
        "ranking",
    }
    assert {name for name in packed if name.startswith("docs/")} == {
        f"docs/methods/{path.name}" for path in (ROOT / "docs" / "methods").iterdir()
    }
