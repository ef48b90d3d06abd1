"""POST /rankings/calculate: who may, and what becomes of it."""

import json
from datetime import timedelta

import httpx
import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import celery
from config.api.models import ApiKey
from ranking.models import RankingResult
from tests.ranking.asking import BASE, ENGLISH, NOON, data, error


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=True):
        yield


# --- operators -----------------------------------------------------------------------------------


@pytest.fixture
def operator(db):
    _, key = ApiKey.objects.create_key(name="operator", may_operate=True)
    return {"Authorization": f"Bearer {key}", **ENGLISH}


def test_an_operator_has_a_ranking_computed_and_can_tell_it_by_its_id(api, operator):
    told = data(api.post(f"{BASE}/calculate?period=weekly", headers=operator), 202)

    assert told["period"] == "weekly"
    assert RankingResult.objects.get(period="weekly").body["calculation_id"] == told["calculation_id"]


def test_strangers_compute_nothing(api):
    response = api.post(f"{BASE}/calculate?period=daily")

    assert error(response, 401)["code"] == "AUTHENTICATION_REQUIRED"
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_that_may_not_operate_computes_nothing(api):
    _, key = ApiKey.objects.create_key(name="app")

    response = api.post(f"{BASE}/calculate?period=daily", headers={"Authorization": f"Bearer {key}"})

    assert error(response, 403)["code"] == "PERMISSION_DENIED"


@pytest.mark.parametrize(
    ("staff", "with_token", "status"), [(True, True, 202), (True, False, 403), (False, True, 403)]
)
def test_a_staff_session_needs_its_csrf_token(api, staff, with_token, status):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.create_user("kim", is_staff=staff))
    browser.get("/admin/")
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    headers = {"X-CSRFToken": cookies.get("csrftoken", "")} if with_token else {}

    response = httpx.Client(transport=api._transport, base_url="http://testserver", cookies=cookies).post(
        f"{BASE}/calculate?period=daily", headers=headers
    )

    assert response.status_code == status, response.text


@pytest.fixture
def kim(db):
    browser = Client()
    browser.force_login(User.objects.create_user("kim", is_staff=True))
    return browser


def calculate(browser):
    return browser.post(f"{BASE}/calculate?period=daily")


def test_a_session_that_never_showed_a_code_computes_nothing_once_there_is_a_second_factor(kim):
    assert calculate(kim).status_code == 202
    TOTPDevice.objects.create(user=User.objects.get(), name="telephone", confirmed=True)

    assert calculate(kim).status_code == 403


def test_nor_does_one_where_a_second_factor_is_still_to_be_set_up(kim, settings):
    settings.SECOND_FACTOR = "everyone"

    assert calculate(kim).status_code == 403


def test_nor_does_one_that_the_admin_would_have_ended(kim):
    with time_machine.travel(NOON + timedelta(minutes=61)):
        assert calculate(kim).status_code == 403


def test_the_key_counts_where_there_is_a_session_too(api, operator):
    browser = Client()
    browser.force_login(User.objects.create_user("kim", is_staff=True))
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}

    with httpx.Client(transport=api._transport, base_url="http://testserver", cookies=cookies) as client:
        response = client.post(f"{BASE}/calculate?period=daily", headers=operator)

    assert response.status_code == 202


@pytest.mark.parametrize(("query", "code"), [("", "MISSING_PARAMETER"), ("?period=hourly", "INVALID_PERIOD")])
def test_an_operator_who_asks_for_no_period_is_told_which_there_are(api, operator, query, code):
    told = error(api.post(f"{BASE}/calculate{query}", headers=operator))

    assert told["code"] == code
    assert told["details"]["expected"] == "one of: daily, weekly, monthly"


def test_an_operator_is_told_when_the_queue_takes_nothing(api, operator, settings, monkeypatch):
    settings.CELERY_BROKER_URL = "sqs://"
    settings.CELERY_TASK_ALWAYS_EAGER = False

    def out(*_, **__):
        raise ConnectionRefusedError

    monkeypatch.setattr(celery.app, "send_task", out)

    told = error(api.post(f"{BASE}/calculate?period=daily", headers=operator), 503)

    assert told["code"] == "EXTERNAL_API_ERROR"


def test_an_empty_object_is_no_hindrance_to_an_operator(api, operator):
    content = json.dumps({}).encode()

    response = api.post(f"{BASE}/calculate?period=daily", content=content, headers=operator)

    assert response.status_code == 202
