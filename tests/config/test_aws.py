"""config.aws: connections to AWS are kept, and one that AWS has closed meanwhile costs no attempt."""

import pytest

from config import aws
from tests.aws_server import CREDENTIALS
from tests.ingestor.provider_server import Answer, provider_server
from tests.services.cable import Cable

__all__ = ["provider_server"]


@pytest.fixture
def cable(provider_server, settings, monkeypatch):
    """Between our clients and somebody who answers as S3 does: over connections that stay open."""
    provider_server.answer("/bucket/key", Answer(b"kept"))
    cable = Cable("127.0.0.1", int(provider_server.url.rsplit(":", 1)[1]))
    settings.AWS_ENDPOINT_URL = f"http://127.0.0.1:{cable.port}"
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    aws.client.cache_clear()
    yield cable
    aws.client.cache_clear()
    cable.pull()


def test_a_connection_is_kept_and_one_that_was_closed_meanwhile_is_replaced(cable):
    def ask() -> bytes:
        answer = aws.client("s3", attempts=1).get_object(Bucket="bucket", Key="key")
        return bytes(answer["Body"].read())

    assert (ask(), ask(), ask()) == (b"kept", b"kept", b"kept")
    assert cable.taken == 1

    # As during a freeze: closed by the other side while nobody was looking.
    cable.pull()
    cable.plug()

    assert (ask(), ask()) == (b"kept", b"kept")
    assert cable.taken == 2
