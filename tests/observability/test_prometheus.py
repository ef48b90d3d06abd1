"""config.observability.prometheus: what a pod answers for all its processes, over a real socket."""

import os
import socket
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

#: A parent that answers and two children that count, as a worker is.
PROGRAM = """
import os, sys, urllib.request
import django
from django.conf import settings
django.setup()
from config.observability import prometheus
from config.observability.measure import Measure, Unit
from config.observability.metrics import tell

prometheus.serve()
for child in (1, 2):
    if not os.fork():
        tell(Measure("TaskFailures", child, dimensions={"Task": "ranking.recalculate"}))
        tell(Measure("TaskDuration", 40, Unit.MILLISECONDS, {"Task": "ranking.recalculate"}))
        tell(Measure("StaleProviders", 5 - child, is_level=True))
        os._exit(0)
    os.wait()
sys.stdout.write(urllib.request.urlopen(f"http://127.0.0.1:{settings.METRICS_PORT}/metrics").read().decode())
"""


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings.local", **environment}
    return subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def test_a_worker_answers_for_all_its_children(port, tmp_path):
    ended = run(PROGRAM, METRICS_PORT=str(port), PROMETHEUS_MULTIPROC_DIR=str(tmp_path))

    assert ended.returncode == 0, ended.stderr
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(ended.stdout)
        for sample in family.samples
    }
    task = (("task", "ranking.recalculate"),)
    assert samples[("currency_service_task_failures_total", task)] == 3  # 1 + 2
    assert samples[("currency_service_task_duration_seconds_count", task)] == 2
    assert samples[("currency_service_task_duration_seconds_sum", task)] == pytest.approx(0.08)
    assert samples[("currency_service_stale_providers", ())] == 3  # the second child measured last: 5 - 2


def test_a_port_without_a_folder_for_the_children_is_refused(port):
    ended = run("import django; django.setup()", METRICS_PORT=str(port), PROMETHEUS_MULTIPROC_DIR="")

    assert ended.returncode != 0
    assert "PROMETHEUS_MULTIPROC_DIR" in ended.stderr
