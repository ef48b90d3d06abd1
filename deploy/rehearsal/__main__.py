"""`make deploy-rehearsal`: Zappa's own commands to their end, then the package they made, asked as Lambda asks.

AWS is moto's, over HTTP; MariaDB and Redis are real (TEST_MARIADB_URL, TEST_REDIS_URL). The package is made
of the last commit in a virtual environment of requirements/lambda.txt, and runs with nothing else on its path.
What cannot be seen here: IAM, the network, Lambda's own Python and how long its start takes.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import redis
from rich.console import Console
from rich.table import Table

from deploy import zappa_settings
from deploy.rehearsal import account as accounts
from deploy.rehearsal.contract import READS
from deploy.rehearsal.events import GATEWAYS, Request
from deploy.rehearsal.front import Front
from deploy.rehearsal.function import Function, started
from tests import aws_server

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv-lambda"
MARIADB = os.environ.get("TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/currency").rpartition("/")[0]
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9").rpartition("/")[0] + "/12"
DATABASE = "currency_rehearsal"
JSON = {"Content-Type": "application/json"}

console = Console(highlight=False)
_seen: list[tuple[str, str, float]] = []


class Failed(Exception):
    """What is not as it has to be."""


@contextmanager
def step(what: str) -> Iterator[Callable[[str], None]]:
    """One line when it is done, with the word given to what it yields and the seconds it took."""
    words: list[str] = []
    began = time.monotonic()
    console.print(f"… {what}", style="dim")
    yield words.append
    took = time.monotonic() - began
    _seen.append((what, words[-1] if words else "", took))
    console.print(f"[green]✓[/] {what} [dim]{took:.1f} s[/]")


def expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise Failed(f"{what}: {found!r}, expected {wanted!r}")


# --- the deployment -----------------------------------------------------------------------------


class Zappa:
    """The command line of the virtual environment that is packed, in a checkout of its own."""

    def __init__(self, folder: Path, aws: str) -> None:
        self.folder = folder
        path = f"{VENV / 'bin'}:{os.environ['PATH']}"
        credentials = {"AWS_ENDPOINT_URL": aws, **aws_server.CREDENTIALS}
        self._environment = {**os.environ, **credentials, "VIRTUAL_ENV": str(VENV), "PATH": path}

    def run(self, *words: str) -> str:
        """What it prints. Raises: Failed, with that, where it does not end well."""
        ended, printed = self.attempt(*words)
        if ended:
            raise Failed(f"zappa {' '.join(words)} ended with {ended}:\n{printed}")
        return printed

    def attempt(self, *words: str) -> tuple[int, str]:
        command = [str(VENV / "bin" / "zappa"), *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr


def checkout(folder: Path) -> None:
    archive = folder.with_suffix(".tar")
    subprocess.run(["git", "archive", "--output", str(archive), "HEAD"], cwd=ROOT, check=True)
    subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)


def as_zip(zappa: Zappa, account: accounts.Account, unpacked: Path) -> None:
    """`staging`: deploy, update, rollback; `unpacked` becomes what answered last."""
    lambda_, name = account.client("lambda"), "currency-service-staging"
    with step("zappa deploy staging") as done:
        zappa.run("deploy", "staging")
        function = lambda_.get_function(FunctionName=name)
        size = function["Configuration"]["CodeSize"] / 2**20
        done(f"a zip of {size:.0f} MiB; `live` made")
        expect(_live(lambda_, name), "1", "the version that `live` answers with")
        expect(_calls(account), {"live"}, "what API Gateway calls")
    with step("zappa update staging") as done:
        printed = zappa.run("update", "staging")
        versions = _versions(lambda_, name)
        done(f"versions {', '.join(versions)}; `live` as it was")
        expect(_live(lambda_, name), "1", "the version that `live` answers with")
        if "deploy.release switch" not in printed:
            raise Failed(f"zappa update says nothing of `live`:\n{printed}")
    with step("zappa rollback staging") as done:
        zappa.run("rollback", "staging", "-n", "1")
        done(f"versions {', '.join(_versions(lambda_, name))}; for `live`: deploy.release rollback")
        expect(len(_versions(lambda_, name)) > len(versions), True, "a version of the earlier code")
    with step("unpack what was deployed") as done:
        code = httpx.get(lambda_.get_function(FunctionName=name)["Code"]["Location"]).content
        (unpacked.with_suffix(".zip")).write_bytes(code)
        with zipfile.ZipFile(unpacked.with_suffix(".zip")) as archive:
            archive.extractall(unpacked)
            total = sum(entry.file_size for entry in archive.infolist()) / 2**20
            driver = sorted(name for name in archive.namelist() if name.startswith("lib/"))
        done(f"{total:.0f} MiB of 250, the database's library among them")
        expect(driver, ["lib/libmariadb.so.3", "lib/mysql_clear_password.so"], "libraries in lib/")
        expect(total < 250, True, "what Lambda unpacks is below 250 MiB")


def as_image(zappa: Zappa, account: accounts.Account, told: dict[str, object]) -> None:
    """`prod`: as far as Zappa goes with an image; the release tool does the rest."""
    lambda_, name = account.client("lambda"), "currency-service-prod"
    with step("zappa deploy prod (image)") as done:
        _stage(zappa.folder, "prod", told, image=accounts.pushed_image(account, "first"))
        zappa.run("deploy", "prod")
        expect(
            lambda_.get_function_configuration(FunctionName=name)["PackageType"],
            "Image",
            "the function's code",
        )
        done(f"`live` made, version {_live(lambda_, name)}")
    with step("zappa update prod (image)") as done:
        _stage(zappa.folder, "prod", told, image=(second := accounts.pushed_image(account, "second")))
        zappa.run("update", "prod")
        uri = lambda_.get_function(FunctionName=name)["Code"]["ImageUri"]
        expect(uri.partition("@")[2], second, "the image's digest")
        done(f"versions {', '.join(_versions(lambda_, name))}; `live` {_live(lambda_, name)}")
    with step("zappa rollback prod (image)") as done:
        ended, printed = zappa.attempt("rollback", "prod", "-n", "1")
        expect((ended != 0, "not available for Docker" in printed), (True, True), "Zappa refuses it")
        done("refused by Zappa: an image is rolled back by deploy.release rollback")
    with step("zappa undeploy prod (image)"):
        zappa.run("undeploy", "prod", "--yes")
        _gone(account, name)


def _stage(folder: Path, stage: str, told: dict[str, object], *, image: str | None) -> None:
    file = folder / "zappa_settings.toml"
    part = zappa_settings.account_part(stage, told, image=image)
    file.write_text(zappa_settings.with_part(file.read_text(), stage, part))


def _live(lambda_: Any, name: str) -> str:
    return str(lambda_.get_alias(FunctionName=name, Name="live")["FunctionVersion"])


def _versions(lambda_: Any, name: str) -> list[str]:
    listed = lambda_.list_versions_by_function(FunctionName=name)["Versions"]
    return [entry["Version"] for entry in listed if entry["Version"] != "$LATEST"]


def _calls(account: accounts.Account) -> set[str]:
    """The aliases in the addresses of API Gateway's integrations."""
    gateway = account.client("apigateway")
    found = set()
    for api in gateway.get_rest_apis()["items"]:
        for resource in gateway.get_resources(restApiId=api["id"])["items"]:
            for method in resource.get("resourceMethods", {}):
                told = gateway.get_integration(
                    restApiId=api["id"], resourceId=resource["id"], httpMethod=method
                )
                found.add(told["uri"].removesuffix("/invocations").rpartition(":")[2])
    return found


def _gone(account: accounts.Account, name: str) -> None:
    functions = account.client("lambda").list_functions()["Functions"]
    stacks = account.client("cloudformation").describe_stacks()["Stacks"]
    left = [entry["FunctionName"] for entry in functions] + [entry["StackName"] for entry in stacks]
    expect(name in left, False, f"{name} is still there")


# --- what stands behind the function ------------------------------------------------------------


@contextmanager
def database() -> Iterator[str]:
    """The address of an empty database that is dropped in the end."""
    import MySQLdb

    place = urlsplit(MARIADB)
    login = {"host": place.hostname, "port": place.port or 3306, "user": place.username}
    connect: Any = MySQLdb.connect  # whose types are there only where the driver is
    with connect(**login, password=place.password or "") as connection:
        cursor = connection.cursor()
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
        try:
            yield f"{MARIADB}/{DATABASE}"
        finally:
            cursor.execute(f"DROP DATABASE {DATABASE}")


def furnish(environment: dict[str, str]) -> None:
    rates = "import django; django.setup()\nfrom tests.deploy import rates\nrates.publish()"
    for words in (["manage.py", "migrate", "-v0"], ["manage.py", "create_tables"], ["-c", rates]):
        subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env={**os.environ, **environment},
            check=True,
            stdout=subprocess.DEVNULL,
        )


# --- what is asked ------------------------------------------------------------------------------


def ask(function: Function, account: accounts.Account, aws: Front) -> None:
    with step('zappa manage staging "collectstatic --noinput", as the function is told') as done:
        for _ in range(2):
            function.call({"manage": "collectstatic --noinput"})
        pages = account.client("s3").get_paginator("list_objects_v2")
        listed = pages.paginate(Bucket=account.bucket("static-assets"))
        done(
            f"{sum(page['KeyCount'] for page in listed)} files in the bucket; second run {function.took:.1f} s"
        )
    for gateway, make in GATEWAYS.items():
        with step(f"{gateway}: the contract's endpoints") as done:
            answers = {
                path: function.answer(make(Request("GET", path, query))).status for path, query in READS
            }
            expect(answers, {path: 200 for path, _ in READS}, "statuses")
            body = json.dumps({"user_id": f"by {gateway}", "country_code": "JP"}).encode()
            chosen = make(Request("POST", "/api/v1/rankings/selections", headers=JSON, body=body))
            expect(function.answer(chosen).status, 201, "a selection")
            too_much = Request("POST", "/api/v1/rankings/selections", headers=JSON, body=b" " * (2**16 + 1))
            expect(function.answer(make(too_much)).status, 413, "a body of more than 64 kB")
            form = function.answer(make(Request("GET", "/admin/login/")))
            expect(set(form.cookies), {"__Host-csrf"}, "cookies of a form")
            manifest = function.answer(make(Request("GET", "/manifest.webmanifest")))  # bytes, to Zappa
            expect(json.loads(manifest.body)["lang"], "ko", "the manifest's language")
            done(f"{len(READS)} reads, a selection, a cookie, a body too large")
    with step("REST API, at its own address: the stage is no part of the path") as done:
        host, paths = f"api.execute-api.{accounts.REGION}.amazonaws.com", ("", "/prod", "/prodigal")
        asked_there = [
            GATEWAYS["REST API"](Request("GET", f"{path}/health/live", host=host)) for path in paths
        ]
        expect([function.answer(event).status for event in asked_there], [200, 404, 404], "statuses")
        done("nor of what begins with its name")
    with step("the second invocation opens no connection") as done:
        sockets, made = function.sockets(), aws.connections
        for number in range(2):
            redis.Redis.from_url(REDIS).flushdb()
            query = f"from=USD&to=JPY&amount={100 + number}"
            asked = GATEWAYS["REST API"](Request("GET", "/api/v1/currencies/convert", query))
            expect(function.answer(asked).status, 200, "a conversion out of the database")
            body = json.dumps({"user_id": f"once more {number}", "country_code": "FR"}).encode()
            chosen = GATEWAYS["REST API"](
                Request("POST", "/api/v1/rankings/selections", headers=JSON, body=body)
            )
            expect(function.answer(chosen).status, 201, "a selection")
        expect((function.sockets(), aws.connections), (sockets, made), "sockets, connections to AWS")
        done(f"{len(sockets)} sockets stay open")


def main() -> None:
    os.environ["MOTO_LAMBDA_STUB_ECR"] = "false"  # an image that is not there is refused
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-")))
        with step("an AWS that is empty, MariaDB and Redis"):
            behind = stack.enter_context(aws_server.running())
            aws = stack.enter_context(Front(behind).opened())
            account = accounts.Account(aws.address)
            redis.Redis.from_url(REDIS).flushdb()
            accounts.furnish(account, database=stack.enter_context(database()), cache=REDIS)
            told = accounts.outputs(account)
        environment = accounts.environment(account)
        with step("tables, and rates to answer with"):
            furnish(environment)
        (work / "checkout").mkdir()
        checkout(work / "checkout")
        zappa = Zappa(work / "checkout", behind)
        _stage(zappa.folder, "staging", told, image=None)
        as_zip(zappa, account, work / "package")
        log = stack.enter_context((work / "log").open("wb"))
        python = (sys._base_executable, "-I", "-S", "-B")  # type: ignore[attr-defined]
        with step("a cold start of the package, alone on its path") as done:
            function = stack.enter_context(
                started("handler", [work / "package"], environment, log=log, python=python)
            )
            done(f"{function.start_of_processor:.2f} s of a processor")
        try:
            ask(function, account, aws)
        except (Failed, RuntimeError):
            console.print((work / "log").read_text()[-4000:], markup=False)
            raise
        with step("zappa undeploy staging"):
            zappa.run("undeploy", "staging", "--yes")
            _gone(account, "currency-service-staging")
        as_image(zappa, account, told)
    table = Table("what", "found", "seconds", title="Rehearsal of a deployment")
    table.columns[2].justify = "right"
    for what, word, took in _seen:
        table.add_row(what, word, f"{took:.1f}")
    console.print(table)


if __name__ == "__main__":
    try:
        main()
    except Failed as exc:
        console.print(f"[red]✗[/] {exc}", highlight=False)
        sys.exit(1)
