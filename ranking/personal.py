"""What nobody may read: user and session are encrypted, everything else personal is hashed.

Encryption is Fernet (AES-128-CBC with HMAC-SHA256) under the first of ENCRYPTION_KEYS; all of them
decrypt, so that a key is rotated by putting a new one in front. Hashes are HMAC-SHA256 under a key
that is derived from VISITOR_KEY for each Seoul day: the same visitor on two days gives two values
that nothing connects.
"""

import hashlib
import hmac
from datetime import date
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _current() -> MultiFernet:
    return _ring(tuple(settings.ENCRYPTION_KEYS))


def key_id() -> str:
    """Names the key that encrypts now, without telling it."""
    return hashlib.sha256(settings.ENCRYPTION_KEYS[0].encode()).hexdigest()[:12]


def encrypt(text: str) -> str:
    """Empty for an empty text, so that it can be seen that there was none."""
    return _current().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """Raises: cryptography.fernet.InvalidToken when none of the keys made it."""
    return _current().decrypt(token.encode()).decode() if token else ""


def rotate(token: str) -> str:
    """The same text under the key that encrypts now. Raises: as `decrypt`."""
    return _current().rotate(token.encode()).decode() if token else ""


def hashed(kind: str, *parts: str, day: date | None = None) -> str:
    """128 bits of a keyed hash, as hex; `kind` keeps equal values of different meaning apart.

    With `day` the value means something on that Seoul day only; without, it can be found again as
    long as VISITOR_KEY stays.
    """
    key = settings.VISITOR_KEY.encode()
    if day is not None:
        key = hmac.digest(key, f"day:{day.isoformat()}".encode(), "sha256")
    message = b"".join(len(part).to_bytes(4, "big") + part for part in map(str.encode, (kind, *parts)))
    return hmac.digest(key, message, "sha256").hex()[:32]
