"""Zappa's own handler, asked as Lambda asks, with what stands behind it in production."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection

from config.api.models import ApiKey
from deploy.rehearsal import account as accounts
from deploy.rehearsal.contract import READS
from deploy.rehearsal.events import GATEWAYS, Answer, Request, balancer, http, rest
from deploy.rehearsal.front import Front
from deploy.rehearsal.function import Function, started
from ranking.stores.dynamodb_tables import SELECTIONS, TABLES
from tests.aws_server import ROOT, running
from tests.deploy import rates

pytestmark = pytest.mark.django_db

LATEST = "/api/v1/currencies/latest"
CHOOSE, CALCULATE = "/api/v1/rankings/selections", "/api/v1/rankings/calculate"
JSON = {"Content-Type": "application/json"}
NAME, PASSWORD = "rehearsal", "right and long"
#: A database of Redis of our own: its limits are counted there.
REDIS = settings.TEST_REDIS.rpartition("/")[0] + "/11"

every_gateway = pytest.mark.parametrize("gateway", GATEWAYS)
#: A load balancer without multi-value headers keeps one cookie of several: no place for the admin.
every_gateway_with_cookies = pytest.mark.parametrize(
    "gateway", [name for name in GATEWAYS if name != "load balancer"]
)


@dataclass
class Web:
    function: Function
    account: accounts.Account
    aws: Front
    #: Headers of whoever may have rankings computed.
    operator: dict[str, str]
    #: What it had imported before it was asked anything, and after it had been asked for rates.
    at_start: set[str]
    after_rates: set[str]

    def ask(self, gateway: str, method: str, path: str, query: str = "", **more: Any) -> Answer:
        return self.function.answer(GATEWAYS[gateway](Request(method, path, query, **more)))


@pytest.fixture(scope="module")
def web(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Web]:
    if settings.TEST_STACK != "services":
        pytest.skip("needs MariaDB and Redis: the second half of `make test`")
    folder = tmp_path_factory.mktemp("function")
    named = "from deploy.package import name_static_files; name_static_files()"
    subprocess.run([sys.executable, "-c", named], cwd=ROOT, check=True)
    with (
        django_db_blocker.unblock(),
        running() as behind,
        Front(behind).opened() as aws,
        (folder / "log").open("wb") as log,
    ):
        redis.Redis.from_url(REDIS).flushdb()
        rates.publish()
        password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
        User.objects.create(
            username=NAME, password=password, is_active=True, is_staff=True, is_superuser=True
        )
        _, key = ApiKey.objects.create_key(name=NAME, may_operate=True)
        account = accounts.Account(aws.address)
        database = settings.TEST_MARIADB.rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
        accounts.furnish(account, database=database, cache=REDIS)
        for table in TABLES:
            account.client("dynamodb").create_table(**table)
        (folder / "zappa_settings.py").write_text(zappa_settings())
        environment = accounts.environment(account)
        with started("zappa.handler", [folder, ROOT], environment, log=log) as function:
            at_start = function.modules()
            function.answer(rest(Request("GET", LATEST, "symbols=USD")))
            operator = {"Authorization": f"Bearer {key}"}
            yield Web(function, account, aws, operator, at_start, function.modules())
        rates.withdraw()
        ApiKey.objects.filter(name=NAME).delete()
        Session.objects.all().delete()
        User.objects.filter(username=NAME).delete()


def zappa_settings() -> str:
    """As `zappa save-python-settings-file` writes it into the image (test_zappa.py compares)."""
    from zappa.cli import ZappaCLI

    cli = ZappaCLI()
    cli.api_stage, cli.load_credentials = "web", False
    cli.load_settings(str(ROOT / "zappa_settings.toml"))
    return str(cli.get_zappa_settings_string())


# --- what is asked ------------------------------------------------------------------------------


@every_gateway
def test_everything_that_the_contract_lets_anybody_read_is_answered(web, gateway):
    answers = {path: web.ask(gateway, "GET", path, query).status for path, query in READS}

    assert answers == {path: 200 for path, _query in READS}
    assert len(answers) == 21


@every_gateway
def test_a_query_arrives_as_it_was_meant(web, gateway):
    answer = web.ask(gateway, "GET", LATEST, "symbols=USD%2cJPY&base=KRW")

    assert json.loads(answer.body)["data"]["rates"] == {"USD": 1335.27, "JPY": 9.46}


@every_gateway
def test_what_is_repeated_is_refused_and_what_is_encoded_is_told_decoded(web, gateway):
    answer = web.ask(gateway, "GET", LATEST, "symbols=%26%3D+%25")

    error = json.loads(answer.body)["error"]
    assert (answer.status, error["code"]) == (400, "INVALID_CURRENCY_CODE")
    assert "&= %" in error["details"]["provided"]


@every_gateway
def test_a_selection_is_kept_in_dynamodb(web, gateway):
    table = web.account.client("dynamodb")
    before = table.scan(TableName=SELECTIONS)["Count"]

    body = json.dumps({"user_id": f"traveller by {gateway}", "country_code": "jp"}).encode()
    answer = web.ask(gateway, "POST", CHOOSE, body=body, headers=JSON)

    assert answer.status == 201
    assert table.scan(TableName=SELECTIONS)["Count"] > before


@every_gateway
def test_an_operator_has_rankings_computed_over_sqs(web, gateway):
    before = waiting(web)

    answer = web.ask(gateway, "POST", CALCULATE, "period=daily", headers=web.operator)

    assert (answer.status, waiting(web)) == (202, before + 1)


def waiting(web: Web) -> int:
    """Messages in the queue that may be received now."""
    place = f"{web.account.queue_base_url}/ranking-calculation-queue"
    number = "ApproximateNumberOfMessages"
    told = web.account.client("sqs").get_queue_attributes(QueueUrl=place, AttributeNames=[number])
    return int(told["Attributes"][number])


@every_gateway
def test_a_body_of_64_kb_is_read_and_a_byte_more_is_not(web, gateway):
    full = web.ask(gateway, "POST", CHOOSE, body=b" " * (64 * 1024), headers=JSON)
    over = web.ask(gateway, "POST", CHOOSE, body=b" " * (64 * 1024 + 1), headers=JSON)

    assert (full.status, json.loads(full.body)["error"]["code"]) == (400, "MALFORMED_REQUEST")
    assert (over.status, json.loads(over.body)["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


@every_gateway
def test_head_options_and_not_modified_have_no_body(web, gateway):
    got = web.ask(gateway, "GET", LATEST)
    head = web.ask(gateway, "HEAD", LATEST)
    options = web.ask(gateway, "OPTIONS", LATEST)
    same = web.ask(gateway, "GET", LATEST, headers={"If-None-Match": got.header("ETag")})

    assert [(head.status, head.body), (options.status, options.body), (same.status, same.body)] == [
        (200, b""),
        (204, b""),
        (304, b""),
    ]
    assert head.header("ETag") == same.header("ETag") == got.header("ETag") != ""
    assert "Idempotency-Key" in options.header("Access-Control-Allow-Headers")


@every_gateway
def test_the_callers_correlation_id_comes_back(web, gateway):
    answer = web.ask(gateway, "GET", LATEST, headers={"X-Correlation-ID": "a-trip-to-osaka"})

    assert answer.header("X-Correlation-ID") == "a-trip-to-osaka"


@every_gateway
def test_bytes_and_letters_of_every_script_pass_through(web, gateway):
    page = web.ask(gateway, "GET", "/")
    manifest = web.ask(gateway, "GET", "/manifest.webmanifest")

    assert "여행환율" in page.body.decode()
    # Of a type that Zappa takes for binary.
    assert json.loads(manifest.body)["lang"] == "ko"


def home_of(number: int) -> str:
    """The address of somebody who is counted apart, from callers of another run at the same time as well."""
    return f"2001:db8:{os.getpid() % 2**16:x}:{number:x}::1"


@every_gateway
def test_nobody_can_claim_to_call_from_another_address(web, gateway):
    home = home_of(list(GATEWAYS).index(gateway))
    claims = ("", "192.0.2.1", "192.0.2.2, 192.0.2.3", "10.0.0.1")

    left = [
        int(
            web.ask(
                gateway,
                "GET",
                LATEST,
                caller=home,
                claim=claim,
                # Of the second WSGI would make the same name as of what the gateway writes.
                headers={"X-Real-Ip": "192.0.2.9", "X_Forwarded_For": f"192.0.2.1{number}"},
            ).header("X-RateLimit-Remaining")
        )
        for number, claim in enumerate(claims)
    ]

    assert left == [999, 998, 997, 996]


def test_somebody_else_is_counted_apart(web):
    first, second = (
        int(web.ask("REST API", "GET", LATEST, caller=who).header("X-RateLimit-Remaining"))
        for who in (home_of(20), home_of(21))
    )

    assert (first, second) == (999, 999)


def test_the_signature_of_a_function_url_is_no_key_of_ours(web):
    event = http(Request("GET", LATEST, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA"}))
    unsigned = web.function.answer(event)
    event["requestContext"]["authorizer"] = {
        "iam": {"userArn": "arn:aws:sts::111111111111:assumed-role/ci/1"}
    }

    assert (unsigned.status, web.function.answer(event).status) == (401, 200)


# --- where it is asked --------------------------------------------------------------------------

EXECUTE_API = "a1b2c3.execute-api.ap-northeast-2.amazonaws.com"


def test_at_the_apis_own_address_the_stage_is_no_part_of_the_path(web):
    answers = [
        web.function.answer(rest(Request("GET", path, host=EXECUTE_API)))
        for path in ("/health/live", "/prod/health/live", "/prodhealth/live")
    ]

    # Taken for a bare prefix, `prod` would make all three the first.
    assert [answer.status for answer in answers] == [200, 404, 404]


def test_at_the_apis_own_address_a_page_is_the_page_it_is_elsewhere(web):
    there = web.function.answer(rest(Request("GET", "/en/about", host=EXECUTE_API)))
    here = web.function.answer(rest(Request("GET", "/en/about")))

    assert there.status == here.status == 200
    assert 'href="/en/trip"' in there.body.decode()


def test_an_http_api_hands_over_the_stage_which_is_taken_off(web):
    event = http(Request("GET", "/prod/health/live", host=EXECUTE_API))
    event["requestContext"]["stage"] = "prod"

    assert web.function.answer(event).status == 200


# --- cookies and files --------------------------------------------------------------------------


class Browser:
    """Keeps cookies, and sends forms as browsers do."""

    def __init__(self, web: Web, gateway: str) -> None:
        self._web, self._gateway = web, gateway
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Answer:
        headers = {"Origin": "https://travel.example.com", "Referer": "https://travel.example.com/"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if kind:
            headers["Content-Type"] = kind
        answer = self._web.ask(self._gateway, method, path, body=body, headers=headers)
        self.cookies.update(answer.cookies)
        return answer

    def submit(self, path: str, **fields: str) -> Answer:
        told = {"csrfmiddlewaretoken": self.cookies["__Host-csrf"], **fields}
        return self.ask("POST", path, urlencode(told).encode(), "application/x-www-form-urlencoded")

    def log_in(self) -> Answer:
        self.ask("GET", "/admin/login/")
        return self.submit("/admin/login/", username=NAME, password=PASSWORD)


@every_gateway_with_cookies
def test_an_operator_logs_in_and_stays(web, gateway):
    browser = Browser(web, gateway)

    inside = browser.log_in()
    room = browser.ask("GET", "/admin/")

    assert (inside.status, inside.header("Location")) == (302, "/admin/")
    assert set(inside.cookies) == {"__Host-csrf", "__Host-session"}
    assert (room.status, NAME in room.body.decode()) == (200, True)


def test_a_load_balancer_without_multi_value_headers_loses_a_cookie(web):
    browser = Browser(web, "load balancer")

    assert len(browser.log_in().cookies) == 1


def test_a_large_file_is_imported(web):
    browser = Browser(web, "REST API")
    browser.log_in()
    header = "country,item,price,currency,observed_on,source,source_url"
    row = "KR,bigmac,{price},KRW,2026-{month:02}-01,an operator,https://shop.example/{fill}"
    rows = [row.format(price=5000 + number, month=1 + number % 12, fill="x" * 2000) for number in range(12)]
    content = "\r\n".join([header, *rows, " " * 100_000]).encode()
    parts = {"csrfmiddlewaretoken": browser.cookies["__Host-csrf"], "format": "0", "resource": "0"}
    form = b"".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in parts.items()
    )
    form += b'--edge\r\nContent-Disposition: form-data; name="import_file"; filename="p.csv"\r\n'
    form += b"Content-Type: text/csv\r\n\r\n" + content + b"\r\n--edge--\r\n"

    page = browser.ask(
        "POST", "/admin/currency/priceobservation/import/", form, "multipart/form-data; boundary=edge"
    )

    assert len(form) > 120_000
    assert (page.status, "5011" in page.body.decode()) == (200, True)


# --- what it costs ------------------------------------------------------------------------------


def test_the_second_invocation_opens_no_connection(web):
    def everything(number: int) -> list[int]:
        redis.Redis.from_url(REDIS).flushdb()  # so that the database is asked
        body = json.dumps({"user_id": f"traveller {number}", "country_code": "FR"}).encode()
        asked = (
            Request("GET", "/api/v1/currencies/convert", f"from=USD&to=JPY&amount={number}"),
            Request("POST", CHOOSE, body=body, headers=JSON),
            Request("POST", CALCULATE, "period=daily", headers=web.operator),
            Request("GET", "/health"),
        )
        return [web.function.answer(rest(request)).status for request in asked]

    first = everything(1)
    warm, made = web.function.sockets(), web.aws.connections
    second = everything(2)

    assert (first, second) == ([200, 201, 202, 200], [200, 201, 202, 200])
    assert (web.function.sockets(), web.aws.connections) == (warm, made)
    assert len(warm) >= 5  # MariaDB, Redis, DynamoDB, SQS and S3


def test_nothing_is_loaded_that_only_few_requests_need(web):
    dear = {
        "drf_spectacular.generators",
        "import_export",
        "markdown_it",
        "numpy",
        "pycurl",
        "segno",
        "tablib",
        "talib",
    }

    assert (web.at_start & dear, web.after_rates & dear) == (set(), set())
    assert "config.api.gate" in web.at_start


def test_a_cold_start_stays_short(web):
    # 1.2 s on this machine when nothing else runs; processor time, because much else does.
    assert web.function.start_of_processor < 2.4


def test_a_balancers_event_without_a_query_is_answered(web):
    event = balancer(Request("GET", LATEST))
    del event["queryStringParameters"]

    assert web.function.answer(event).status == 200
