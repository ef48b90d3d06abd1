"""Static files in a bucket behind a CDN, of which pages know the names alone."""

import mimetypes
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, StaticFilesStorage
from django.core.exceptions import ImproperlyConfigured

#: Made where the package or the image is made (deploy/package.py, deploy/docker/web.Dockerfile).
MANIFEST = settings.BASE_DIR / "staticfiles.json"
_FOR_EVER = "public, max-age=31536000, immutable"


class StaticFilesInBucket(ManifestStaticFilesStorage):
    """Answers with names from the manifest that ships with the code: no request reads the bucket.

    `collectstatic` gathers the files on this machine, and puts those into the bucket that it lacks.
    A name holds the hash of its content, so nothing there is ever written over, and the releases
    before go on finding theirs. A second run puts nothing.
    """

    def __init__(self, *, bucket: str) -> None:
        if not MANIFEST.is_file():
            raise ImproperlyConfigured(f"{MANIFEST.name} is missing: it is made with the package")
        super().__init__(
            location=Path(tempfile.gettempdir()) / "static",  # all that Lambda lets anybody write to
            manifest_storage=StaticFilesStorage(location=MANIFEST.parent),
        )
        self._bucket = bucket
        self._named = dict(self.hashed_files)

    def save_manifest(self) -> None:
        """In place of writing it, once all are gathered: put them into the bucket.

        Raises: ImproperlyConfigured where what was gathered is not what the manifest names.
        """
        if self.hashed_files != self._named:
            differing = sorted(set(self.hashed_files.items()) ^ set(self._named.items()))
            raise ImproperlyConfigured(f"{MANIFEST.name} is of another release: {differing[0]} differs")
        from config import aws

        s3 = aws.client("s3")
        missing = set(self._named.values()) - set(_held(s3, self._bucket))
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda name: self._put(s3, name), sorted(missing)))

    def _put(self, s3: Any, name: str) -> None:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        content = Path(self.path(name)).read_bytes()
        s3.put_object(Bucket=self._bucket, Key=name, Body=content, ContentType=kind, CacheControl=_FOR_EVER)


def _held(s3: Any, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", []):
            yield entry["Key"]
