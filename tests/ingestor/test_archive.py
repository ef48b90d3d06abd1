"""ingestor.archive: raw answers, kept as they came."""

import gzip
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.core.files.storage import storages

from ingestor import archive

ROOT = Path(__file__).resolve().parent.parent.parent
PAYLOAD = '{"원": "1,336.1"}'.encode("euc-kr") + bytes(range(256))
FETCHED = datetime(2026, 10, 30, 9, 5, 7, tzinfo=timezone(timedelta(hours=9)))


def save(payload=PAYLOAD):
    return archive.save(payload, provider="eximbank", media="json", fetched_at=FETCHED)


def test_the_bytes_come_back_as_they_were():
    assert archive.read(save()) == PAYLOAD
    assert archive.read(save(b"")) == b""


def test_the_key_says_who_when_and_what_in_utc():
    assert re.fullmatch(r"raw/eximbank/2026/10/30/000507-[0-9a-f]{12}\.json\.gz", save())


def test_nothing_is_overwritten():
    keys = {save(f"answer {number}".encode()) for number in range(20)}

    assert len(keys) == 20
    assert sorted(archive.read(key) for key in keys) == sorted(
        f"answer {number}".encode() for number in range(20)
    )


def test_the_same_answer_gives_the_same_bytes():
    with storages["archive"].open(save()) as one, storages["archive"].open(save()) as other:
        kept = one.read()
        assert kept == other.read()
    assert gzip.decompress(kept) == PAYLOAD


def test_a_shipped_file_is_kept_once():
    keys = [archive.save_once(PAYLOAD, provider="ecb", media="zip") for _ in range(2)]

    assert keys[0] == keys[1]
    assert re.fullmatch(r"raw/ecb/bundled/[0-9a-f]{24}\.zip\.gz", keys[0])
    assert archive.read(keys[0]) == PAYLOAD
    assert storages["archive"].listdir("raw/ecb/bundled")[1].count(keys[0].rpartition("/")[2]) == 1


def test_a_shipped_file_that_was_cut_off_is_kept_again_beside_it_and_only_once():
    payload = PAYLOAD + b"cut off"
    cut = archive.save_once(payload, provider="ecb", media="zip")
    path = Path(storages["archive"].path(cut))
    path.write_bytes(path.read_bytes()[:40])

    keys = [archive.save_once(payload, provider="ecb", media="zip") for _ in range(2)]

    assert keys == [cut.replace(".zip.gz", "-1.zip.gz")] * 2
    assert archive.read(keys[0]) == payload
    assert len(path.read_bytes()) == 40
    assert keys[0].startswith(archive.shipped_folder("ecb"))


def test_what_was_never_kept_is_not_found():
    with pytest.raises(FileNotFoundError):
        archive.read("raw/ecb/2026/10/30/000507-000000000000.json.gz")


THROUGH_S3 = """
import boto3, django, sys
from datetime import UTC, datetime
django.setup()
from django.conf import settings
from ingestor import archive
s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="ap-northeast-2")
s3.create_bucket(Bucket="currency-data-backup", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"})
payload = bytes(range(256)) * 100
moment = datetime(2026, 10, 30, 0, 5, 7, tzinfo=UTC)
key = archive.save(payload, provider="ecb", media="xml", fetched_at=moment)
once = [archive.save_once(payload, provider="ecb", media="zip") for _ in range(2)]
assert archive.read(key) == payload and archive.read(once[0]) == payload and once[0] == once[1]
listed = s3.list_objects_v2(Bucket="currency-data-backup")["Contents"]
assert sorted(found["Key"] for found in listed) == sorted("production/" + name for name in (key, once[0])), listed
head = s3.head_object(Bucket="currency-data-backup", Key="production/" + key)
assert head["ContentType"] == "application/gzip" and "ContentEncoding" not in head, head
try:
    archive.read("raw/ecb/nothing.gz")
except FileNotFoundError:
    print("kept", len(listed))
"""


@pytest.fixture
def s3():
    """An S3 of its own in another process, over HTTP."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(url, timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield url
        finally:
            server.terminate()


def test_s3_keeps_the_same_bytes_under_the_same_keys(s3):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "DATABASE_URL": "sqlite:///unused",
        "ARCHIVE_URL": "s3://currency-data-backup/production",
        "AWS_ENDPOINT_URL": s3,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }

    done = subprocess.run(
        [sys.executable, "-c", THROUGH_S3, s3],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.strip()) == (0, "kept 2"), done.stderr


def test_moments_are_told_in_utc_whatever_their_zone():
    key = archive.save(
        b"x", provider="ecb", media="xml", fetched_at=datetime(2026, 1, 1, 0, 0, tzinfo=FETCHED.tzinfo)
    )

    assert key.startswith("raw/ecb/2025/12/31/150000-")
