"""Raw answers, kept as they came before anything can fail on them.

Through Django's storage `archive`: a local folder, or S3. Nothing is ever overwritten. What the
storage raises ends the run: nothing is published that is not archived.
"""

import gzip
import hashlib
import uuid
from datetime import UTC, datetime
from itertools import count

from django.core.files.base import ContentFile
from django.core.files.storage import storages


def save(payload: bytes, *, provider: str, media: str, fetched_at: datetime) -> str:
    """Keep one answer; its key, `raw/<provider>/<yyyy>/<mm>/<dd>/<hhmmss>-<id>.<media>.gz` in UTC."""
    moment = fetched_at.astimezone(UTC)
    return _write(f"raw/{provider}/{moment:%Y/%m/%d/%H%M%S}-{uuid.uuid4().hex[:12]}.{media}.gz", payload)


def save_once(payload: bytes, *, provider: str, media: str) -> str:
    """Keep a file that ships with the code, under a key told by its content: once, however often loaded.

    A copy of another size was cut off (a kill, a full disk). It is left, and the next name is used.
    """
    storage = storages["archive"]
    kept = _packed(payload)
    name = hashlib.sha256(payload).hexdigest()[:24]
    for number in count():
        key = f"{shipped_folder(provider)}{name}{f'-{number}' if number else ''}.{media}.gz"
        if not storage.exists(key):
            return str(storage.save(key, ContentFile(kept)))
        if storage.size(key) == len(kept):
            return key
    raise AssertionError("counting does not end")


def shipped_folder(provider: str) -> str:
    """What the keys of this provider's shipped files begin with, and no others."""
    return f"raw/{provider}/bundled/"


def read(key: str) -> bytes:
    """The answer kept under `key`, byte for byte. Raises: FileNotFoundError when there is none."""
    with storages["archive"].open(key) as file:
        return gzip.decompress(file.read())


def _write(key: str, payload: bytes) -> str:
    return str(storages["archive"].save(key, ContentFile(_packed(payload))))


def _packed(payload: bytes) -> bytes:
    # mtime 0: the same answer gives the same bytes, so that two copies can be compared.
    return gzip.compress(payload, mtime=0)
