"""The admin: every page opens, keys are shown once, evidence cannot be edited."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse

from config.api.models import ApiKey
from tests.factories import make_latest, make_observation


@pytest.fixture
def operator(client, db):
    client.force_login(User.objects.create_superuser("operator", password="x"))
    return client


MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_list_opens(operator, model):
    make_observation()
    make_latest()

    page = operator.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))

    assert page.status_code == 200


def test_our_own_tables_are_all_to_be_seen():
    labels = {model._meta.label for model in MODELS}

    assert {
        "api.ApiKey",
        "currency.ChannelTerms",
        "currency.Currency",
        "currency.Destination",
        "currency.ExchangeRate",
        "currency.LatestRate",
        "currency.PaymentChannel",
        "currency.PriceObservation",
        "currency.Provider",
        "history.DailyRate",
        "history.ForecastBacktest",
    } <= labels
    assert "rest_framework_api_key.APIKey" not in labels


def test_a_new_key_is_shown_once_and_works(operator, api):
    answer = operator.post(
        reverse("admin:api_apikey_add"), {"name": "shop", "tier": "premium", "revoked": ""}, follow=True
    )

    [key] = re.findall(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}", answer.content.decode())
    limited = api.get("/api/v1/currencies", headers={"Authorization": f"Bearer {key}"})
    assert limited.headers["X-RateLimit-Limit"] == "10000"
    assert key not in str(ApiKey.objects.values())


@pytest.mark.parametrize("name", ["exchangerate", "latestrate"])
def test_published_figures_cannot_be_edited(operator, name):
    row = make_observation() if name == "exchangerate" else make_latest()

    page = operator.post(reverse(f"admin:currency_{name}_change", args=[row.pk]), {"deal_base_rate": "1"})

    assert page.status_code == 403


def test_pages_carry_a_policy_that_lets_nothing_in_from_elsewhere(client, db):
    policy = client.get(reverse("admin:login")).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


def test_what_an_operator_changes_is_shown_at_once(operator, api, django_capture_on_commit_callbacks):
    make_latest()
    assert "USD" in api.get("/api/v1/currencies/latest").json()["data"]["rates"]
    form = {"code": "USD", "display_order": "2", "why": "not asked for"}  # no is_active: unticked

    with django_capture_on_commit_callbacks(execute=True):
        saved = operator.post(reverse("admin:currency_currency_change", args=["USD"]), form)

    assert saved.status_code == 302
    assert "USD" not in api.get("/api/v1/currencies/latest").json()["data"]["rates"]


def test_a_currency_that_is_none_cannot_be_added(operator):
    page = operator.post(reverse("admin:currency_currency_add"), {"code": "ABC", "display_order": "1"})

    assert page.status_code == 200
    assert "ISO 4217" in page.content.decode()
