"""config.static_files: names out of the package's manifest, content in a bucket, over a real socket."""

import hashlib
from collections.abc import Iterator

import boto3
import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from config import aws, static_files
from tests.aws_server import CREDENTIALS, running

BUCKET, REGION = "111111111111-currency-static-assets", "ap-northeast-2"
STYLE, PICTURE = b'body{background:url("dot.svg")}', b"<svg xmlns='http://www.w3.org/2000/svg'/>"
#: As Django names a file: twelve digits of its MD5.
DOT = f"site/dot.{hashlib.md5(PICTURE, usedforsecurity=False).hexdigest()[:12]}.svg"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as address:
        s3 = boto3.client(
            "s3", endpoint_url=address, region_name=REGION, aws_access_key_id="t", aws_secret_access_key="t"
        )
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield address


@pytest.fixture
def s3(address, monkeypatch, settings):
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    settings.AWS_ENDPOINT_URL = address
    aws.client.cache_clear()
    yield aws.client("s3")
    aws.client.cache_clear()


@pytest.fixture
def packed(tmp_path, monkeypatch, settings):
    """A style and a picture, a manifest of them as it ships with the code, and the bucket's storage."""
    (tmp_path / "files" / "site").mkdir(parents=True)
    (tmp_path / "files" / "site" / "site.css").write_bytes(STYLE)
    (tmp_path / "files" / "site" / "dot.svg").write_bytes(PICTURE)
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [tmp_path / "files"]
    settings.STATIC_ROOT = str(tmp_path / "package")
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", "--noinput", verbosity=0)
    monkeypatch.setattr(static_files, "MANIFEST", tmp_path / "package" / "staticfiles.json")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    settings.STATIC_URL = "https://static.travel.example.com/"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {
            "BACKEND": "config.static_files.StaticFilesInBucket",
            "OPTIONS": {"bucket": BUCKET},
        },
    }
    return tmp_path


def test_a_page_knows_the_names_without_asking_the_bucket(packed):
    assert staticfiles_storage.url("site/dot.svg") == f"https://static.travel.example.com/{DOT}"


def test_collecting_puts_into_the_bucket_what_it_lacks_to_be_kept_for_ever(packed, s3):
    call_command("collectstatic", "--noinput", verbosity=0)

    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert (len(listed), DOT in listed) == (2, True)
    [style] = [name for name in listed if name.endswith(".css")]
    told = s3.get_object(Bucket=BUCKET, Key=style)
    assert told["ContentType"] == "text/css; charset=utf-8"
    assert told["CacheControl"] == "public, max-age=31536000, immutable"
    assert told["Body"].read() == STYLE.replace(b"dot.svg", DOT.removeprefix("site/").encode())
    assert s3.head_object(Bucket=BUCKET, Key=DOT)["ContentType"] == "image/svg+xml"


def test_a_second_run_puts_nothing(packed, s3):
    call_command("collectstatic", "--noinput", verbosity=0)
    s3.put_object(Bucket=BUCKET, Key=DOT, Body=b"as it was")

    call_command("collectstatic", "--noinput", verbosity=0)

    assert s3.get_object(Bucket=BUCKET, Key=DOT)["Body"].read() == b"as it was"


def test_files_of_another_release_than_the_manifests_are_refused(packed, s3):
    (packed / "files" / "site" / "dot.svg").write_bytes(b"<svg/>")

    with pytest.raises(ImproperlyConfigured, match="is of another release"):
        call_command("collectstatic", "--noinput", verbosity=0)


def test_without_a_manifest_it_is_told_where_one_comes_from(packed, monkeypatch):
    monkeypatch.setattr(static_files, "MANIFEST", packed / "nothing.json")

    with pytest.raises(ImproperlyConfigured, match="made with the package"):
        static_files.StaticFilesInBucket(bucket=BUCKET)
