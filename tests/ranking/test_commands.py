"""What operators run: key rotation and the audit."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from ranking import personal
from ranking.models import DailyCount, Selection
from ranking.recording import Choice, record

pytestmark = pytest.mark.django_db


def select(user, country="JP"):
    record(
        Choice(countries=(country,), user_id=user, session_id="s1", address="192.0.2.1", agent=""),
        now=datetime.now(UTC),
    )


def run(name, *arguments):
    told = StringIO()
    call_command(name, *arguments, stdout=told)
    return told.getvalue()


@pytest.fixture
def rotated(settings):
    """Seven selections under the old key, and a new one in front of it."""
    for number in range(7):
        select(f"u{number}")
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    return new


def test_rotation_puts_everything_under_the_first_key(rotated):
    told = run("rotate_encryption_keys", "--batch", "3")

    read = Fernet(rotated)
    users = {read.decrypt(row.user.encode()).decode() for row in Selection.objects.all()}
    assert users == {f"u{number}" for number in range(7)}
    assert {read.decrypt(row.session.encode()) for row in Selection.objects.all()} == {b"s1"}
    assert told.startswith("7 selections encrypted again")


def test_a_rotation_that_was_stopped_goes_on_with_what_is_left(rotated, monkeypatch):
    batches: list[str] = []

    def stopped(token):
        if len(batches) == 6:  # user and session of three selections
            raise KeyboardInterrupt
        batches.append(token)
        return rotate(token)

    rotate = personal.rotate
    with monkeypatch.context() as during:
        during.setattr(personal, "rotate", stopped)
        with pytest.raises(CommandError, match="Stopped after 3 selections"):
            run("rotate_encryption_keys", "--batch", "3")
    assert Selection.objects.filter(key_id=personal.key_id()).count() == 3

    told = run("rotate_encryption_keys")

    assert told.startswith("4 selections encrypted again")


def test_a_second_rotation_finds_nothing_to_do(rotated):
    run("rotate_encryption_keys")

    assert run("rotate_encryption_keys").startswith("0 selections encrypted again")


def test_a_key_that_was_taken_out_too_early_is_named_as_the_fault(rotated, settings):
    settings.ENCRYPTION_KEYS = [rotated]

    with pytest.raises(CommandError, match="ENCRYPTION_KEYS does not hold"):
        run("rotate_encryption_keys")


def test_an_audit_finds_every_stored_selection_counted():
    select("u1")
    select("u2", "US")

    assert "stored 2  counted 2" in run("audit_selections")


def test_an_audit_names_the_country_whose_count_is_wrong():
    select("u1")
    select("u2", "US")
    DailyCount.objects.filter(country_code="US").update(selections=5)
    told = StringIO()

    with pytest.raises(CommandError, match="1 day"):
        call_command("audit_selections", "--days", "1", stdout=told)

    assert "US: stored 1, counted 5" in told.getvalue()


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "١"])
def test_a_batch_that_is_no_number_is_refused(wrong):
    with pytest.raises(CommandError, match="whole number"):
        call_command("rotate_encryption_keys", f"--batch={wrong}")
