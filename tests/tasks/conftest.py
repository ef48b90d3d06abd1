"""Real workers on a real queue: once a run of `make test`, on the embedded stack."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests import aws_server
from tests.ingestor.provider_server import ProviderServer, provider_server
from tests.services.cable import Cable
from tests.tasks.stage import Stage, environment

__all__ = ["provider_server"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, ProviderServer, Cable]]:
    """One installation for all of them; workers reach SQS through a cable, the test does not."""
    if settings.TEST_STACK != "embedded":
        pytest.skip("runs on SQLite: the first half of `make test`")
    folder = tmp_path_factory.mktemp("tasks")
    provider = ProviderServer()
    with aws_server.running() as aws:
        cable = Cable("127.0.0.1", int(aws.rsplit(":", 1)[1]))
        through = f"http://127.0.0.1:{cable.port}"
        told = environment(
            folder, provider.url, CELERY_BROKER_URL="sqs://", AWS_ENDPOINT_URL=through, SQS_WAIT_SECONDS="1"
        )
        stage = Stage(folder, told, aws)
        stage.make_queues()
        migrated = stage.manage("migrate", "--verbosity", "0")
        assert migrated.returncode == 0, migrated.stderr
        yield stage, provider, cable
        stage.close()
        cable.pull()
    provider.close()


@pytest.fixture
def provider(installed: tuple[Stage, ProviderServer, Cable]) -> ProviderServer:
    installed[1].requests.clear()
    return installed[1]


@pytest.fixture
def cable(installed: tuple[Stage, ProviderServer, Cable]) -> Iterator[Cable]:
    yield installed[2]
    installed[2].plug()


@pytest.fixture
def stage(installed: tuple[Stage, ProviderServer, Cable]) -> Iterator[Stage]:
    yield installed[0]
    installed[0].forget()
