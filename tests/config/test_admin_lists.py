"""Lists of the admin: found by code and name, never counted, taken away as a file, bounded in queries."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.api.key_use import keys_near_their_limit
from config.api.models import ApiKey
from config.api.throttling import RequestCounter
from config.operators import csv_export
from config.operators.uncounted import DEEPEST, InfinitePaginator
from currency.admin_search import codes_named
from currency.models import Provider
from tests.factories import FRIDAY, make_latest, make_observation, make_price

RATES = "admin:currency_exchangerate_changelist"


@pytest.fixture
def operator(client, db):
    client.force_login(User.objects.create_superuser("operator", password="x"))
    return client


def shown(page):
    return [row.currency_code for row in page.context_data["cl"].result_list]


# --- finding -------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["JPY", "jpy", "일본", "Japan", "엔", "yen", " japanese  yen "])
def test_a_currency_is_found_by_code_and_by_name(said):
    assert codes_named(said, "currency") == ["JPY"]


@pytest.mark.parametrize(
    ("said", "codes"), [("일본", ["JP"]), ("united states", ["US"]), ("kr", ["KR"]), ("zzz", [])]
)
def test_a_country_is_too(said, codes):
    assert codes_named(said, "country") == codes


def test_a_code_is_that_code_alone():
    # "won" and "won"-named currencies are many; KRW is one.
    assert codes_named("KRW", "currency") == ["KRW"]
    assert "KRW" in codes_named("원", "currency")


@pytest.mark.parametrize("name", ["currency_exchangerate", "currency_latestrate"])
@pytest.mark.parametrize("said", ["JPY", "일본", "yen"])
def test_rates_are_searched_by_name(operator, name, said):
    for code in ("USD", "JPY"):
        make_observation(currency_code=code)
        make_latest(currency_code=code)

    page = operator.get(reverse(f"admin:{name}_changelist"), {"q": said})

    assert shown(page) == ["JPY"]


def test_prices_are_searched_by_country_and_item(operator):
    make_price("JP", "450", "JPY", item="bigmac")
    make_price("KR", "5500", "KRW", item="bigmac")

    page = operator.get(reverse("admin:currency_priceobservation_changelist"), {"q": "일본 bigmac"})

    assert [row.country_code for row in page.context_data["cl"].result_list] == ["JP"]


def test_what_names_nothing_finds_nothing(operator):
    make_observation()

    page = operator.get(reverse(RATES), {"q": "zzz"})

    assert shown(page) == []
    assert "결과가 없습니다" in page.content.decode()


def test_rates_are_filtered_by_source_and_day(operator):
    for source, day in (("ecb", FRIDAY), ("ecos", FRIDAY), ("ecb", FRIDAY.replace(day=29))):
        make_observation(source=source, rate_date=day)
    for source in ("ecb", "ecos"):
        make_latest(source=source)

    of_source = operator.get(reverse(RATES), {"source": "ecb"}).context_data["cl"].result_list
    of_both = (
        operator.get(reverse(RATES), {"source": "ecb", "day": "2026-10-30"}).context_data["cl"].result_list
    )

    assert [row.rate_date.day for row in of_source] == [30, 29]
    assert [(row.source, row.rate_date) for row in of_both] == [("ecb", FRIDAY)]


@pytest.mark.parametrize("query", [{"day": "soon"}, {"deal_base_rate__gt": "1"}])
def test_a_filter_that_there_is_not_scans_nothing(operator, query):
    make_observation()

    page = operator.get(reverse(RATES), query)

    assert page.status_code in {302, 400}


# --- not counting ------------------------------------------------------------------------------------

LISTS = {
    "": 5,
    "?q=일본": 9,
    "?q=달러": 9,
    "?source=ecb": 9,
    "?day=2026-10-30": 6,
    "?q=일본&source=ecb&day=2026-10-30": 6,
}


@pytest.mark.parametrize("name", ["currency_exchangerate", "history_dailyrate"])
@pytest.mark.parametrize(("query", "most"), LISTS.items())
def test_millions_of_rates_are_never_counted_nor_scanned_for_choices(operator, name, query, most):
    for code in ("USD", "JPY"):
        make_observation(currency_code=code)
        make_latest(currency_code=code)

    with CaptureQueriesContext(connection) as asked:
        page = operator.get(reverse(f"admin:{name}_changelist") + query)

    assert page.status_code == 200
    assert len(asked) <= most
    told = [
        each["sql"] for each in asked if "exchange_rate_history" in each["sql"] or "daily_exch" in each["sql"]
    ]
    assert 1 <= len(told) <= 5  # the page itself, in a span of time that may have to grow
    for each in told:
        assert "COUNT(" not in each.upper()
        assert "DISTINCT" not in each.upper()
        assert "LIMIT 51" in each


def test_facets_which_would_count_are_not_to_be_had(operator):
    with CaptureQueriesContext(connection) as asked:
        operator.get(reverse(RATES), {"_facets": "True"})

    assert not [each for each in asked if "COUNT(" in each["sql"].upper()]


def test_a_page_knows_whether_there_is_another():
    rows = list(range(120))
    first, last = InfinitePaginator(rows, 50), InfinitePaginator(rows, 50)

    assert (list(first.page(1)), first.has_more) == (rows[:50], True)
    assert (list(last.page(3)), last.has_more) == (rows[100:], False)


def test_the_list_ends_where_paging_would_cost_too_much():
    paginator = InfinitePaginator(range(DEEPEST + 100), 50)

    paginator.page(200)

    assert paginator.num_pages == 200
    assert paginator.ends_here


def test_a_narrowed_list_is_read_backwards_until_its_page_is_full(operator, settings):
    """Rows years apart: the span grows until all of them are in it, and none is left out."""
    days = [FRIDAY, FRIDAY.replace(year=2025), FRIDAY.replace(year=2015), FRIDAY.replace(year=2001)]
    for day in days:
        make_observation(rate_date=day)
    make_latest(first_date=days[-1])

    page = operator.get(reverse(RATES), {"q": "미국"})

    assert [row.rate_date for row in page.context_data["cl"].result_list] == days


# --- taking away -------------------------------------------------------------------------------------


def exported(client, name, **query):
    answer = client.get(reverse(f"admin:{name}_export"), query)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return answer, list(csv.DictReader(io.StringIO(text)))


def test_the_filtered_list_is_taken_away_digit_for_digit(operator):
    make_observation(currency_code="USD", deal_base_rate="1380.5000000000", published_rate="1380.5")
    make_observation(currency_code="JPY", deal_base_rate="9.0512345678")

    answer, rows = exported(operator, "currency_exchangerate", q="일본")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="exchange_rate_history.csv"'
    assert [(row["currency_code"], row["deal_base_rate"]) for row in rows] == [("JPY", "9.0512345678")]
    assert rows[0]["recorded_at"].endswith("Z")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_is_text(begins):
    assert csv_export.cell(f"{begins}cmd|' /C calc'!A0") == f"'{begins}cmd|' /C calc'!A0"


def test_figures_stay_figures():
    from decimal import Decimal

    assert csv_export.cell(Decimal("-0.0000000001")) == "-0.0000000001"
    assert csv_export.cell(datetime(2026, 11, 20, 1, 2, tzinfo=UTC)) == "2026-11-20T01:02:00Z"
    assert (csv_export.cell(None), csv_export.cell(True)) == ("", "true")


def test_too_many_rows_are_refused_instead_of_cut_off(operator, monkeypatch):
    monkeypatch.setattr(csv_export, "MOST", 1)
    make_observation(currency_code="USD")
    make_observation(currency_code="JPY")

    answer = operator.get(reverse("admin:currency_exchangerate_export"), follow=True)

    assert answer.redirect_chain[0][0] == "../?"
    assert "1행이 넘습니다" in answer.content.decode()


def test_who_may_not_see_may_not_export(client, db):
    client.force_login(User.objects.create_user("nobody", password="x", is_staff=True))

    assert client.get(reverse("admin:currency_exchangerate_export")).status_code == 403


def test_no_secret_is_exported(operator):
    key, secret = ApiKey.objects.create_key(name="shop")

    _, keys = exported(operator, "api_apikey")
    _, people = exported(operator, "auth_user")

    assert [row["name"] for row in keys] == ["shop"]
    assert not {"id", "hashed_key"} & set(keys[0])
    assert "password" not in people[0]
    assert secret not in str(keys)
    assert key.hashed_key not in str(keys)


# --- with a reason -----------------------------------------------------------------------------------


def act(client, name, action, row, **more):
    told = {"action": action, "_selected_action": [row], "index": "0", **more}
    return client.post(reverse(f"admin:{name}_changelist"), told)


def test_a_provider_is_disabled_for_a_reason(operator):
    page = act(operator, "currency_provider", "disable", "ecb")
    assert "ecb" in page.content.decode()
    assert Provider.objects.get(key="ecb").is_enabled

    act(operator, "currency_provider", "disable", "ecb", why="holiday figures are wrong")

    assert not Provider.objects.get(key="ecb").is_enabled
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.user.get_username()) == ("ecb", "operator")
    assert entry.change_message.endswith(" — holiday figures are wrong")


def test_an_edit_is_logged_from_what_to_what_and_why(operator):
    address = reverse("admin:currency_provider_change", args=["ecb"])
    before = Provider.objects.get(key="ecb").priority
    refused = operator.post(address, {"priority": "9", "is_enabled": "on"})

    operator.post(address, {"priority": "9", "is_enabled": "on", "why": "less late"})

    assert refused.status_code == 200
    assert LogEntry.objects.get().change_message == f"우선순위: {before} → 9 — less late"


def test_rows_edited_in_the_list_need_a_reason_too(operator):
    address = reverse("admin:currency_provider_changelist")
    keys = list(Provider.objects.values_list("key", flat=True))
    form = {"form-TOTAL_FORMS": len(keys), "form-INITIAL_FORMS": len(keys), "_save": "1"}
    for place, key in enumerate(keys):
        form |= {f"form-{place}-key": key, f"form-{place}-priority": place + 10}

    refused = operator.post(address, form)
    saved = operator.post(address, {**form, "why_all": "the new order"})

    assert "사유를 적어" in refused.content.decode()
    assert saved.status_code == 302
    assert sorted(Provider.objects.values_list("priority", flat=True)) == list(range(10, 10 + len(keys)))
    assert all(
        each.endswith(" — the new order")
        for each in LogEntry.objects.values_list("change_message", flat=True)
    )


@pytest.mark.parametrize(
    ("action", "more", "changed"),
    [
        ("revoke", {}, {"revoked": True}),
        ("move", {"tier": "premium"}, {"tier": "premium"}),
    ],
)
def test_keys_are_changed_for_a_reason(operator, action, more, changed):
    key, _ = ApiKey.objects.create_key(name="shop")

    act(operator, "api_apikey", action, key.pk, why="the shop moved", **more)

    key.refresh_from_db()
    assert {name: getattr(key, name) for name in changed} == changed
    assert LogEntry.objects.get().change_message.endswith(" — the shop moved")


def test_a_key_expires_when_it_is_told_to(operator):
    key, _ = ApiKey.objects.create_key(name="shop")

    act(operator, "api_apikey", "expire", key.pk, why="contract ended", hours="0")

    key.refresh_from_db()
    assert key.has_expired


# --- the use of keys ---------------------------------------------------------------------------------


def test_a_key_near_its_limit_is_told_and_others_are_not(db, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "keyed": 100}
    now = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    busy, _ = ApiKey.objects.create_key(name="busy")
    ApiKey.objects.create_key(name="quiet")
    revoked, _ = ApiKey.objects.create_key(name="gone", revoked=True)
    for key in (busy, revoked):
        for _request in range(85):
            RequestCounter().take(f"key:{key.prefix}", 100, now.timestamp())

    [near] = keys_near_their_limit(now)

    assert (near.name, near.used, near.limit) == ("busy", 85, 100)
    assert keys_near_their_limit(datetime(2026, 11, 20, 2, 0, tzinfo=UTC)) == []


def test_the_list_of_keys_tells_their_use_of_this_hour(operator, api):
    _key, secret = ApiKey.objects.create_key(name="shop")
    api.get("/api/v1/currencies", headers={"Authorization": f"Bearer {secret}"})

    page = operator.get(reverse("admin:api_apikey_changelist")).content.decode()

    assert "10 / 5,000" in page  # a process takes ten at a time


# --- dead letters ------------------------------------------------------------------------------------


def test_without_sqs_the_page_says_that_nothing_is_kept(operator):
    page = operator.get(reverse("admin:platform_deadletter_changelist")).content.decode()

    assert "실패한 메시지를 보관하지 않습니다" in page
    assert 'name="do"' not in page


def test_the_log_is_a_list_that_nobody_edits(operator):
    act(operator, "currency_provider", "disable", "ecb", why="wrong figures")
    entry = LogEntry.objects.get()

    page = operator.get(reverse("admin:admin_logentry_changelist"), {"q": "wrong"}).content.decode()

    assert "wrong figures" in page
    assert (
        operator.post(reverse("admin:admin_logentry_delete", args=[entry.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert operator.post(reverse("admin:admin_logentry_change", args=[entry.pk]), {}).status_code == 403


@pytest.mark.parametrize("day", ["bad", "0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("page", ["changelist", "export"])
def test_a_day_that_is_none_leads_to_the_list_which_says_so(operator, page, day):
    answer = operator.get(reverse(f"admin:admin_logentry_{page}"), {"day": day})

    assert answer.status_code == 302
