"""The door of the admin: guessing locks it, idling closes it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
LIST = "admin:currency_currency_changelist"
RIGHT = "right and long"


@pytest.fixture
def minji(db):
    return User.objects.create_superuser("minji", password=RIGHT)


def log_in(client, password=RIGHT, **more):
    return client.post(reverse("admin:login"), {"username": "minji", "password": password}, **more)


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/en/admin/login/", "/admin/jsi18n/"])
def test_where_the_admin_is_not_served_nothing_of_it_is_there(client, minji, settings, path):
    client.force_login(minji)
    with translation.override("ko"):  # a request leaves its language behind
        there = client.get(path).status_code
        settings.SERVES_ADMIN = False

        assert (there in {200, 302}, client.get(path).status_code) == (True, 404)
        assert client.get("/manifest.webmanifest").status_code == 200


def test_a_login_leads_to_the_control_room(client, minji):
    assert log_in(client)["Location"] == reverse("admin:index")


def test_five_wrong_passwords_lock_the_name_for_that_address(client, minji):
    answers = [log_in(client, "wrong").status_code for _ in range(5)]

    locked = log_in(client)

    assert answers[:4] == [200, 200, 200, 200]
    assert locked.status_code == 429
    assert locked["Retry-After"] == "900"
    assert "잠시 잠겼습니다" in locked.content.decode()
    assert "unsafe-inline" not in locked["Content-Security-Policy"]


def test_the_same_name_gets_in_from_another_address(client, minji):
    for _ in range(5):
        log_in(client, "wrong", REMOTE_ADDR="203.0.113.1")

    assert log_in(client, REMOTE_ADDR="203.0.113.1").status_code == 429
    assert log_in(client, REMOTE_ADDR="203.0.113.2").status_code == 302


def test_the_address_is_what_the_trusted_proxy_has_seen(client, minji, settings):
    settings.TRUSTED_PROXIES = 1
    for claim in range(5):
        log_in(client, "wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{claim}, 203.0.113.1")

    assert log_in(client, HTTP_X_FORWARDED_FOR="198.51.100.9, 203.0.113.1").status_code == 429
    assert log_in(client, HTTP_X_FORWARDED_FOR="198.51.100.9, 203.0.113.2").status_code == 302


def test_an_ipv6_home_is_one_address(client, minji):
    for host in range(5):
        log_in(client, "wrong", REMOTE_ADDR=f"2001:db8:1:2::{host + 1}")

    assert log_in(client, REMOTE_ADDR="2001:db8:1:2::99").status_code == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"2001:db8:1:2::"}


def test_a_lock_opens_by_itself(client, minji):
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(5):
            log_in(client, "wrong")
        clock.move_to(NOW + timedelta(minutes=14))
        assert log_in(client).status_code == 429
        clock.move_to(NOW + timedelta(minutes=16))
        assert log_in(client).status_code == 302


def test_what_was_typed_is_not_kept(client, minji):
    log_in(client, "a secret nearly right")

    assert "nearly" not in str(AccessAttempt.objects.values())


def test_an_administrator_unlocks_with_a_reason(client, minji, admin_client):
    for _ in range(5):
        log_in(client, "wrong")
    attempt = AccessAttempt.objects.get()
    action = {"action": "unlock", "_selected_action": [attempt.pk], "index": "0"}
    page = admin_client.post(reverse("admin:axes_accessattempt_changelist"), action)
    assert 'name="why"' in page.content.decode()

    admin_client.post(reverse("admin:axes_accessattempt_changelist"), {**action, "why": "she called"})

    assert log_in(client).status_code == 302
    assert LogEntry.objects.get().change_message == "잠금 해제 — she called"


def test_the_session_gets_a_new_name_at_the_login(client, minji):
    session = client.session
    session["before"] = 1
    session.save()
    client.cookies["sessionid"] = before = session.session_key

    log_in(client)

    assert client.cookies["sessionid"].value != before


def test_the_cookie_is_for_this_host_and_no_script(client, minji):
    log_in(client)

    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == ""  # it ends with the browser


def test_an_hour_without_a_click_ends_the_session(client, minji):
    with time_machine.travel(NOW, tick=False) as clock:
        log_in(client)
        clock.move_to(NOW + timedelta(minutes=59))
        assert client.get(reverse(LIST)).status_code == 200
        clock.move_to(NOW + timedelta(minutes=118))
        assert client.get(reverse(LIST)).status_code == 200
        clock.move_to(NOW + timedelta(minutes=180))
        ended = client.get(reverse(LIST))

    assert ended["Location"] == f"{reverse('admin:login')}?next=%2Fadmin%2Fcurrency%2Fcurrency%2F"


def test_half_a_day_ends_it_however_busy(client, minji):
    with time_machine.travel(NOW, tick=False) as clock:
        log_in(client)
        page = reverse("admin:password_change")  # a light one
        for halves in range(1, 25):
            clock.move_to(NOW + timedelta(minutes=30 * halves))
            assert client.get(page).status_code == 200
        clock.move_to(NOW + timedelta(hours=12, minutes=10))
        assert client.get(page).status_code == 302


def test_a_part_of_a_page_leads_the_whole_page_to_the_login(client, minji):
    with time_machine.travel(NOW, tick=False) as clock:
        log_in(client)
        clock.move_to(NOW + timedelta(hours=2))
        answer = client.get(reverse("admin:index"), headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (204, reverse("admin:login"))


@pytest.mark.parametrize("password", ["short-1234", "123456789012345", "password1234", "minji-minji-1"])
def test_passwords_that_are_guessed_are_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password, User(username="minji-minji"))
