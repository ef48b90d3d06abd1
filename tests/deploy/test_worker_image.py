"""deploy/docker/worker.Dockerfile: what it would put together is enough to run, and nothing needs to be written."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import aws_server
from tests.aws_server import CREDENTIALS, ROOT
from tests.deployment_check import ENVIRONMENT
from tests.tasks.stage import Stage, until

FILE = ROOT / "deploy" / "docker" / "worker.Dockerfile"
#: Root here is bound by what files permit, as the image's user is, where it is without these.
BOUND = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"] if os.getuid() == 0 else []


def instructions():
    """[(instruction, its words)] of the file, with continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", FILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def of(name):
    return [words for instruction, words in instructions() if instruction == name]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The folder /service of the image, its files made, and not to be written to."""
    folder = tmp_path_factory.mktemp("image")
    service = folder / "service"
    service.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.mo")
    for words in of("COPY"):
        *sources, target = words.split()
        if sources[0].startswith(("--from", "requirements/")):
            continue
        for source in sources:
            there = service / target / Path(source).name if target.endswith("/") else service / target
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, there, ignore=ignored)
            else:
                there.parent.mkdir(exist_ok=True)
                shutil.copy(ROOT / source, there)
    # As `RUN python -m deploy.package`, but for the byte code of all packages.
    made = "from deploy import package; package.compile_messages(); package.name_static_files()"
    done = subprocess.run(
        [sys.executable, "-B", "-c", made], cwd=service, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for place in (service, *service.rglob("*")):
        place.chmod(place.stat().st_mode & ~0o222)
    yield service
    for place in (service, *service.rglob("*")):
        place.chmod(place.stat().st_mode | 0o200)


def test_the_base_is_named_by_its_digest_and_the_last_stage_has_no_compiler():
    first, build, last = of("FROM")
    installs = [words for words in of("RUN") if "apt-get install" in words]

    assert re.fullmatch(r"python:3\.12-slim-bookworm@sha256:[0-9a-f]{64} AS base", first)
    assert (build, last) == ("base AS build", "base")
    assert [("gcc" in words, "libmariadb3" in words) for words in installs] == [(True, False), (False, True)]


def test_packages_are_those_of_the_lock_file_by_their_hashes():
    [pip] = [words for words in of("RUN") if "pip install" in words]

    assert "--require-hashes --requirement /requirements.txt" in pip
    assert "requirements/production.txt /requirements.txt" in of("COPY")


def test_it_runs_as_a_number_and_celery_gets_the_signals():
    assert of("USER") == ["10001:10001"]
    assert of("ENTRYPOINT") == ['["celery", "--app", "config.celery"]']
    assert {words.split("=")[0] for words in of("ARG")} == {"COMMIT", "DEPLOYED_AT"}
    assert of("WORKDIR")[-1] == "/service"


def test_all_that_is_shown_is_in_it(image):
    assert (image / "config/locale/ko/LC_MESSAGES/django.mo").is_file()
    assert (image / "locale/ko/LC_MESSAGES/django.mo").is_file()
    assert (image / "staticfiles.json").is_file()
    assert sorted(file.name for file in (image / "docs/methods").iterdir()) == sorted(
        file.name for file in (ROOT / "docs/methods").iterdir()
    )


def test_nothing_of_the_developers_is_in_it(image):
    assert sorted(entry.name for entry in image.iterdir()) == [
        *("config", "currency", "deploy", "docs", "history", "ingestor", "locale", "manage.py", "ranking"),
        "staticfiles.json",
    ]
    assert sorted(entry.name for entry in (image / "deploy").iterdir()) == ["__init__.py", "package.py"]


def test_a_worker_starts_in_it_without_writing_to_it_takes_its_own_queues_messages_and_stops_when_told(
    image, tmp_path
):
    pulse = tmp_path / "worker.pulse"
    refused = subprocess.run([*BOUND, "touch", image / "file"], capture_output=True, check=False)
    assert refused.returncode == 1
    before = sorted(image.rglob("*"))
    with aws_server.running() as aws:
        stage = Stage(tmp_path, {}, aws)
        stage.make_queues()
        told = {
            **ENVIRONMENT,
            **CREDENTIALS,
            **stage.environment,
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": aws,
            "SQS_WAIT_SECONDS": "1",
            "WORKER_PULSE_FILE": str(pulse),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, "-m", "celery", "--app", "config.celery", "worker"]
        options = ["--queues=ranking-calculation-queue", "--concurrency=1", "--without-heartbeat"]
        log = tmp_path / "worker.log"
        with log.open("wb") as file:
            worker = subprocess.Popen(
                [*BOUND, *command, *options, "--without-gossip", "--without-mingle"],
                cwd=image,
                env=told,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            until(lambda: " ready." in log.read_text() or worker.poll() is not None, "the worker starts")
            assert worker.poll() is None, log.read_text()[-3000:]
            for name in ("ranking-calculation-queue", "data-processing-queue"):
                stage.sqs().send_message(QueueUrl=stage.address(name), MessageBody="{}")
            shown = pulse.stat().st_mtime
            until(lambda: pulse.stat().st_mtime > shown, "it shows life")
            until(
                lambda: sum(stage.waiting("ranking-calculation-queue")) == 0, "it takes its queue's message"
            )
            assert sum(stage.waiting("data-processing-queue")) == 1

            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(10)

    assert sorted(image.rglob("*")) == before
