"""A second factor: switched on by who wants it, asked for after the password, lost and removed."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.operators import second_factor

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PASSWORD = "right and long"


@pytest.fixture
def minji(db):
    return User.objects.create_superuser("minji", password=PASSWORD)


@pytest.fixture
def device(minji):
    return TOTPDevice.objects.create(user=minji, name="telephone", confirmed=True)


def code_of(device, at):
    totp = TOTP(device.bin_key)
    totp.time = at.timestamp()
    return f"{totp.token():06}"


def log_in(client):
    return client.post(reverse("admin:login"), {"username": "minji", "password": PASSWORD})


@time_machine.travel(NOW, tick=False)
def test_it_is_switched_on_by_the_first_code(client, minji):
    log_in(client)
    page = client.get(reverse("admin:second-factor")).content.decode()
    offered = TOTPDevice(user=minji, key=client.session["second_factor_offered"])

    client.post(reverse("admin:second-factor"), {"code": code_of(offered, NOW)})

    assert "data:image/svg+xml" in page
    device = TOTPDevice.objects.get(user=minji)
    assert (device.confirmed, device.key) == (True, offered.key)
    assert LogEntry.objects.get().change_message == "2단계 인증 켬"
    assert client.get(reverse("admin:index")).status_code == 200


@time_machine.travel(NOW, tick=False)
def test_a_wrong_first_code_switches_nothing_on(client, minji):
    log_in(client)
    client.get(reverse("admin:second-factor"))

    page = client.post(reverse("admin:second-factor"), {"code": "000000"})

    assert "맞지 않거나" in page.content.decode()
    assert not TOTPDevice.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_the_password_alone_lets_nobody_in(client, device):
    first = log_in(client)

    assert first["Location"].startswith(reverse("admin:login-code"))
    assert client.get(reverse("admin:currency_currency_changelist")).status_code == 302
    assert "_auth_user_id" not in client.session


@time_machine.travel(NOW, tick=False)
def test_the_code_does(client, device):
    log_in(client)

    second = client.post(reverse("admin:login-code"), {"code": code_of(device, NOW)})

    assert second["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:currency_currency_changelist")).status_code == 200


@time_machine.travel(NOW, tick=False)
def test_it_leads_to_the_page_asked_for_and_nowhere_else(client, device):
    log_in(client)
    ours = {"code": code_of(device, NOW), "next": "/admin/currency/currency/"}
    assert client.post(reverse("admin:login-code"), ours)["Location"] == "/admin/currency/currency/"

    client.logout()
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        log_in(client)
        code = code_of(device, NOW + timedelta(minutes=2))
        theirs = {"code": code, "next": "https://elsewhere.example/"}
        assert client.post(reverse("admin:login-code"), theirs)["Location"] == reverse("admin:index")


@time_machine.travel(NOW, tick=False)
def test_a_code_is_good_once(client, device):
    log_in(client)
    client.post(reverse("admin:login-code"), {"code": code_of(device, NOW)})
    client.logout()
    log_in(client)

    again = client.post(reverse("admin:login-code"), {"code": code_of(device, NOW)})

    assert again.status_code == 200
    assert "_auth_user_id" not in client.session


def test_the_code_is_to_come_within_five_minutes(client, device):
    with time_machine.travel(NOW, tick=False) as clock:
        log_in(client)
        clock.move_to(NOW + timedelta(minutes=6))
        late = client.post(reverse("admin:login-code"), {"code": code_of(device, NOW + timedelta(minutes=6))})

    assert late["Location"] == reverse("admin:login")


def test_guessed_codes_lock_the_name_as_guessed_passwords_do(client, device):
    with time_machine.travel(NOW, tick=False) as clock:
        log_in(client)
        answers = []
        for minute in range(5):
            clock.move_to(NOW + timedelta(minutes=minute / 2))
            answers.append(client.post(reverse("admin:login-code"), {"code": "000000"}).status_code)
        assert log_in(client).status_code == 429

    assert answers[:4] == [200, 200, 200, 200]
    assert "_auth_user_id" not in client.session


@time_machine.travel(NOW, tick=False)
def test_wrong_codes_are_waited_for(minji, device):
    second_factor.is_right(minji, "000000")

    with pytest.raises(second_factor.TooManyCodes):
        second_factor.is_right(minji, code_of(device, NOW))


@time_machine.travel(NOW, tick=False)
def test_sessions_that_never_showed_a_code_end_when_it_is_switched_on(client, minji):
    client.force_login(minji)
    TOTPDevice.objects.create(user=minji, name="telephone", confirmed=True)

    assert client.get(reverse("admin:index"))["Location"].startswith(reverse("admin:login"))


def test_it_is_switched_off_with_a_code(client, device):
    with time_machine.travel(NOW, tick=False) as clock:
        log_in(client)
        client.post(reverse("admin:login-code"), {"code": code_of(device, NOW)})
        clock.move_to(NOW + timedelta(minutes=1))
        code = code_of(device, NOW + timedelta(minutes=1))
        client.post(reverse("admin:second-factor"), {"code": code})
        client.logout()
        again = log_in(client)

    assert again["Location"] == reverse("admin:index")
    assert not TOTPDevice.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_an_administrator_removes_a_lost_one_with_a_reason(client, db, admin_client):
    kim = User.objects.create_user("kim", password=PASSWORD, is_staff=True)
    lost = TOTPDevice.objects.create(user=kim, name="telephone", confirmed=True)

    admin_client.post(
        reverse("admin:otp_totp_totpdevice_changelist"),
        {"action": "remove", "_selected_action": [lost.pk], "index": "0", "why": "lost in Osaka"},
    )

    assert not TOTPDevice.objects.exists()
    assert LogEntry.objects.get().change_message == "2단계 인증 제거 — lost in Osaka"


def test_the_secret_is_on_no_page_and_in_no_export(admin_client, device):
    pages = [
        admin_client.get(reverse("admin:otp_totp_totpdevice_changelist")).content,
        admin_client.get(reverse("admin:otp_totp_totpdevice_change", args=[device.pk])).content,
        b"".join(admin_client.get(reverse("admin:otp_totp_totpdevice_export")).streaming_content),
    ]

    assert all(device.key.encode() not in page for page in pages)


def test_the_secret_cannot_be_asked_for_letter_by_letter(admin_client, device):
    for page in ("changelist", "export"):
        address = reverse(f"admin:otp_totp_totpdevice_{page}")
        assert admin_client.get(address, {"key__startswith": device.key[0]}).status_code == 400


@pytest.mark.parametrize(
    ("setting", "role", "is_led_there"),
    [
        ("optional", "administrator", False),
        ("administrators", "administrator", True),
        ("administrators", "operator", False),
        ("everyone", "operator", True),
    ],
)
def test_where_it_is_required_there_is_nothing_before_it(client, db, settings, setting, role, is_led_there):
    settings.SECOND_FACTOR = setting
    user = User.objects.create_user("kim", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    answer = client.get(reverse("admin:currency_currency_changelist"))

    assert (
        answer.status_code == 302 and answer["Location"] == reverse("admin:second-factor")
    ) is is_led_there
    assert client.get(reverse("admin:second-factor")).status_code == 200


@time_machine.travel(NOW, tick=False)
def test_where_it_is_required_it_is_not_switched_off(client, device, settings):
    settings.SECOND_FACTOR = "everyone"
    log_in(client)
    client.post(reverse("admin:login-code"), {"code": code_of(device, NOW)})
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        client.post(reverse("admin:second-factor"), {"code": code_of(device, NOW + timedelta(minutes=1))})

    assert TOTPDevice.objects.count() == 1
