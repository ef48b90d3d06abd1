import hashlib
import hmac
from datetime import date

import pytest
from cryptography.fernet import Fernet, InvalidToken

from ranking import personal

SUNDAY, MONDAY = date(2026, 11, 22), date(2026, 11, 23)


def test_what_is_encrypted_is_read_back_with_the_standard_library_of_fernet(settings):
    token = personal.encrypt("traveller-1")

    assert "traveller" not in token
    assert Fernet(settings.ENCRYPTION_KEYS[0]).decrypt(token.encode()) == b"traveller-1"


def test_a_new_key_in_front_still_reads_what_the_old_one_wrote(settings):
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    token = personal.encrypt("traveller-1")

    settings.ENCRYPTION_KEYS = [new, old]

    assert personal.decrypt(token) == "traveller-1"
    assert Fernet(new).decrypt(personal.rotate(token).encode()) == b"traveller-1"


def test_a_key_that_was_taken_out_reads_nothing(settings):
    token = personal.encrypt("traveller-1")

    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(InvalidToken):
        personal.decrypt(token)


def test_nothing_stays_nothing():
    assert (personal.encrypt(""), personal.decrypt(""), personal.rotate("")) == ("", "", "")


def test_a_hash_is_hmac_sha256_under_the_key_of_its_day(settings):
    settings.VISITOR_KEY = "secret"
    of_the_day = hmac.new(b"secret", b"day:2026-11-22", hashlib.sha256).digest()
    message = b"\x00\x00\x00\x04user\x00\x00\x00\x02u1"

    hashed = personal.hashed("user", "u1", day=SUNDAY)

    assert hashed == hmac.new(of_the_day, message, hashlib.sha256).hexdigest()[:32]


def test_the_same_visitor_cannot_be_recognised_on_another_day():
    assert personal.hashed("user", "u1", day=SUNDAY) != personal.hashed("user", "u1", day=MONDAY)


def test_parts_do_not_run_into_each_other():
    assert personal.hashed("client", "1.2.3.4", "5") != personal.hashed("client", "1.2.3.", "45")


def test_a_key_is_named_without_being_told(settings):
    assert settings.ENCRYPTION_KEYS[0] not in personal.key_id()
    assert len(personal.key_id()) == 12
