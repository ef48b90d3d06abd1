"""Three roles: who sees, who acts, who decides about others."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.db.models.signals import post_migrate
from django.urls import reverse

from config.celery import app
from config.operators.roles import ROLES, may, name_of

SECRET = "correct horse battery 9"


@pytest.fixture
def of_role(db, client):
    def made(role, name="somebody"):
        user = User.objects.create_user(name, password="x", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return user

    return made


def permissions(role):
    found = Group.objects.get(name=role).permissions.select_related("content_type")
    return {f"{each.content_type.app_label}.{each.codename}" for each in found}


def test_the_last_pattern_that_fits_decides():
    assert may(("currency.*", "-currency.delete_*"), "currency.change_currency")
    assert not may(("currency.*", "-currency.delete_*"), "currency.delete_currency")
    assert not may((), "currency.view_currency")


def test_migrating_makes_the_three_roles(db):
    assert {"viewer", "operator", "administrator"} <= set(Group.objects.values_list("name", flat=True))


def test_viewers_see_and_change_nothing(db):
    held = permissions("viewer")

    assert {"currency.view_exchangerate", "ingestor.view_collectionlog", "admin.view_logentry"} <= held
    assert all(each.split(".")[1].startswith("view_") for each in held)
    assert not any(each.startswith(("auth.", "axes.", "otp_totp.")) for each in held)


def test_operators_act_and_decide_about_nobody(db):
    held = permissions("operator")

    assert {
        "ingestor.change_quarantinedrate",
        "currency.change_provider",
        "currency.add_priceobservation",
        "currency.change_paymentchannel",
        "currency.change_destination",
        "api.add_apikey",
        "platform.change_deadletter",
    } <= held
    assert not any(
        each.startswith(("auth.", "axes.", "otp_totp.", "django_celery_beat.change")) for each in held
    )
    assert "api.issue_operating_key" not in held


def test_administrators_also_decide_about_people_and_times(db):
    held = permissions("administrator")

    assert permissions("operator") <= held
    assert {
        "auth.change_user",
        "auth.add_group",
        "django_celery_beat.change_periodictask",
        "api.issue_operating_key",
        "otp_totp.delete_totpdevice",
        "axes.delete_accessattempt",
    } <= held


def test_a_migrate_gives_roles_their_rights_back_and_takes_others_away(db):
    from django.apps import apps

    viewer = Group.objects.get(name="viewer")
    stray = Permission.objects.get(codename="delete_exchangerate")
    viewer.permissions.add(stray)
    viewer.permissions.remove(Permission.objects.get(codename="view_exchangerate"))

    post_migrate.send(
        apps.get_app_config("currency"),
        app_config=apps.get_app_config("currency"),
        verbosity=0,
        interactive=False,
        using="default",
        plan=[],
        apps=apps,
    )

    assert "currency.view_exchangerate" in permissions("viewer")
    assert "currency.delete_exchangerate" not in permissions("viewer")


def test_a_viewer_opens_lists_and_is_offered_no_change(of_role, client):
    of_role("viewer")

    rates = client.get(reverse("admin:currency_exchangerate_changelist"))
    add = client.get(reverse("admin:currency_currency_add"))
    disable = client.post(
        reverse("admin:currency_provider_changelist"),
        {"action": "disable", "_selected_action": ["ecb"], "index": "0", "why": "x"},
    )

    from currency.models import Provider

    assert rates.status_code == 200
    assert add.status_code == 403
    assert disable.status_code in {200, 302, 403}
    assert Provider.objects.get(key="ecb").is_enabled


@pytest.mark.parametrize("name", ["auth_user", "auth_group", "otp_totp_totpdevice", "axes_accessattempt"])
def test_people_are_no_operators_business(of_role, client, name):
    of_role("operator")

    assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403


def test_an_administrator_makes_nobody_a_superuser_and_touches_none(of_role, client):
    of_role("administrator")
    above = User.objects.create_superuser("above", password="x")
    other = User.objects.create_user("other", password="x", is_staff=True)
    form = {
        "username": "other",
        "is_superuser": "on",
        "is_staff": "on",
        "is_active": "on",
        "why": "trying",
        "first_name": "",
        "last_name": "",
        "email": "",
    }

    saved = client.post(reverse("admin:auth_user_change", args=[other.pk]), form)
    refused = client.post(reverse("admin:auth_user_change", args=[above.pk]), {**form, "username": "below"})
    password = client.get(reverse("admin:auth_user_password_change", args=[above.pk]))

    other.refresh_from_db()
    assert saved.status_code == 302
    assert not other.is_superuser
    assert (refused.status_code, password.status_code) == (403, 403)


def test_nobody_is_deleted_for_the_log_would_lose_them(of_role, client):
    of_role("administrator")
    other = User.objects.create_user("other", password="x")

    assert client.post(reverse("admin:auth_user_delete", args=[other.pk]), {"post": "yes"}).status_code == 403


def test_what_the_three_roles_may_is_kept_by_the_service(of_role, client):
    of_role("administrator")
    viewer = Group.objects.get(name="viewer")

    assert (
        client.post(reverse("admin:auth_group_change", args=[viewer.pk]), {"name": "all"}).status_code == 403
    )


def test_an_operator_issues_no_key_that_operates(of_role, client):
    from config.api.models import ApiKey

    of_role("operator")

    client.post(reverse("admin:api_apikey_add"), {"name": "robot", "tier": "keyed", "may_operate": "on"})

    assert not ApiKey.objects.get(name="robot").may_operate


def test_roles_are_shown_by_their_korean_names(db):
    assert {role: name_of(role) for role in ROLES} == {
        "viewer": "조회자",
        "operator": "운영자",
        "administrator": "관리자",
    }


def test_an_account_is_made_by_a_command_with_a_password_shown_once(db, client, capsys):
    call_command("make_operator", "minji", "--role", "operator", "--generate")

    told = capsys.readouterr().out
    password = told.rsplit(": ", 1)[1].strip()
    client.post(reverse("admin:login"), {"username": "minji", "password": password})
    assert client.get(reverse("admin:currency_currency_changelist")).status_code == 200
    assert [group.name for group in User.objects.get(username="minji").groups.all()] == ["operator"]


def test_a_role_that_there_is_not_is_refused(db):
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("make_operator", "minji", "--role", "king")


@pytest.fixture
def task(db):
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    daily = IntervalSchedule.objects.create(every=1, period="days")
    return PeriodicTask.objects.create(name="check", task="ingestor.check_freshness", interval=daily)


@pytest.mark.parametrize("role", ["viewer", "operator"])
@pytest.mark.parametrize("act", ["disable", "run_now", "disable_tasks", "run_tasks", "toggle_tasks"])
def test_only_administrators_decide_when_tasks_run(of_role, client, task, role, act):
    of_role(role)
    told = {"action": act, "_selected_action": [task.pk], "index": "0", "why": "x"}

    client.post(reverse("admin:django_celery_beat_periodictask_changelist"), told)

    task.refresh_from_db()
    assert task.enabled
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("act", "is_enabled", "what"),
    [("disable", False, "비활성화"), ("enable", True, "활성화"), ("run_now", True, "지금 실행")],
)
def test_administrators_do_so_for_a_reason(of_role, client, task, act, is_enabled, what):
    of_role("administrator")
    told = {"action": act, "_selected_action": [task.pk], "index": "0"}
    address = reverse("admin:django_celery_beat_periodictask_changelist")

    asked = client.post(address, told)
    task.refresh_from_db()
    assert (asked.status_code, task.enabled, LogEntry.objects.count()) == (200, True, 0)
    client.post(address, {**told, "why": "the bank is closed"})

    task.refresh_from_db()
    assert task.enabled is is_enabled
    assert LogEntry.objects.get().change_message == f"{what} — the bank is closed"


@pytest.mark.parametrize("is_out", [False, True], ids=["broker", "no broker"])
def test_who_runs_a_task_is_told_whether_it_is_on_its_way(
    of_role, client, task, settings, monkeypatch, is_out
):
    settings.CELERY_TASK_ALWAYS_EAGER = False
    sent = []

    def send(name: str, kwargs: dict[str, object]) -> None:
        if is_out:
            raise ConnectionRefusedError
        sent.append((name, kwargs))

    monkeypatch.setattr(app, "send_task", send)
    of_role("administrator")
    told = {"action": "run_now", "_selected_action": [task.pk], "index": "0", "why": "a holiday moved"}

    page = client.post(reverse("admin:django_celery_beat_periodictask_changelist"), told, follow=True)

    word = "“check” 작업을 보내지 못했습니다." if is_out else "“check” 작업을 보냈습니다."
    assert (page.status_code, word in page.content.decode()) == (200, True)
    assert sent == ([] if is_out else [("ingestor.check_freshness", {})])


def test_a_new_person_is_added_for_a_reason(of_role, client):
    of_role("administrator")
    form = {"username": "new", "usable_password": "true", "password1": SECRET, "password2": SECRET}

    client.post(reverse("admin:auth_user_add"), form)
    assert not User.objects.filter(username="new").exists()
    client.post(reverse("admin:auth_user_add"), {**form, "why": "joins us"})

    assert User.objects.get(username="new").check_password(SECRET)
    assert LogEntry.objects.get().change_message == "추가 — joins us"


def test_another_ones_password_is_set_and_noted_and_told_to_nobody(of_role, client):
    of_role("administrator")
    other = User.objects.create_user("other", password="x", is_staff=True)
    form = {"usable_password": "true", "password1": SECRET, "password2": SECRET}

    client.post(reverse("admin:auth_user_password_change", args=[other.pk]), form)

    other.refresh_from_db()
    assert other.check_password(SECRET)
    assert LogEntry.objects.get().change_message == "password"


def test_the_log_names_the_roles_that_somebody_got(of_role, client):
    of_role("administrator")
    other = User.objects.create_user("other", password="x", is_staff=True)
    viewer = Group.objects.get(name="viewer")
    form = {"username": "other", "is_staff": "on", "is_active": "on", "groups": [viewer.pk], "why": "audits"}

    client.post(reverse("admin:auth_user_change", args=[other.pk]), form)

    assert LogEntry.objects.get().change_message == "그룹:  → viewer — audits"
