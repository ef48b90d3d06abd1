"""deploy/k8s: what would be applied to a cluster is valid, safe, and fits the code."""

import json
import os
import re
import subprocess
import sys
import time
from importlib import import_module
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.utils.module_loading import module_has_submodule
from kubernetes_validate.utils import validate

from config.celery import app
from deploy.kubernetes import account_part
from deploy.release import cluster
from tests.aws_server import ROOT
from tests.deployment_check import ENVIRONMENT

OVERLAYS = ROOT / "deploy" / "k8s" / "overlays"
#: The ten secrets of the Parameter Store, and nothing that is in the ConfigMap.
SECRETS = {
    name: ENVIRONMENT[name]
    for name in ("SECRET_KEY", "DATABASE_URL", "CACHE_URL", "ENCRYPTION_KEYS", "VISITOR_KEY")
}
WORKERS = {"ranking-worker", "data-worker"}
LONG_LIVED = {*WORKERS, "beat", "operators"}


@pytest.fixture(scope="module")
def overlays():
    """{overlay: its resources}, as kubectl would apply them."""
    return {
        name: list(
            yaml.safe_load_all(
                subprocess.run(
                    ["kubectl", "kustomize", OVERLAYS / name], capture_output=True, text=True, check=True
                ).stdout
            )
        )
        for name in ("prod", "staging", "cronjob")
    }


@pytest.fixture(params=["prod", "staging", "cronjob"])
def resources(overlays, request):
    return overlays[request.param]


def named(resources, kind):
    return {one["metadata"]["name"]: one for one in resources if one["kind"] == kind}


def pods(resources):
    """{what makes them: the pods' specification}."""
    found = {}
    for one in resources:
        made = one.get("spec", {}).get("jobTemplate", one).get("spec", {})
        if "template" in made:
            found[one["metadata"]["name"]] = made["template"]["spec"]
    return found


def container(resources, name):
    [one] = pods(resources)[name]["containers"]
    return one


def environment(resources, name):
    """What the container's process sees, besides its secrets."""
    [settings_map] = named(resources, "ConfigMap").values()
    one = container(resources, name)
    assert one["envFrom"] == [{"configMapRef": {"name": settings_map["metadata"]["name"]}}]
    return settings_map["data"] | {entry["name"]: entry["value"] for entry in one.get("env", [])}


def queue(resources, name):
    [option] = [word for word in container(resources, name)["args"] if word.startswith("--queues=")]
    return option.removeprefix("--queues=")


# --- valid ---------------------------------------------------------------------------------------

_WORD = {"type": "string", "minLength": 1}
_COUNT = {"type": "integer", "minimum": 0}


def _strict(**properties):
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


#: KEDA's kinds are in no schema of Kubernetes: the fields used here, as its reference describes them.
KEDA = {
    "TriggerAuthentication": _strict(podIdentity=_strict(provider={"const": "aws"})),
    "ScaledObject": _strict(
        scaleTargetRef=_strict(name=_WORD),
        minReplicaCount=_COUNT,
        maxReplicaCount=_COUNT,
        pollingInterval=_COUNT,
        fallback=_strict(
            failureThreshold=_COUNT, replicas=_COUNT, behavior={"const": "currentReplicasIfHigher"}
        ),
        advanced=_strict(
            horizontalPodAutoscalerConfig=_strict(
                behavior=_strict(
                    scaleDown=_strict(
                        stabilizationWindowSeconds=_COUNT,
                        policies={
                            "type": "array",
                            "items": _strict(
                                type={"enum": ["Pods", "Percent"]}, value=_COUNT, periodSeconds=_COUNT
                            ),
                        },
                    )
                )
            )
        ),
        triggers={
            "type": "array",
            "items": _strict(
                type={"const": "aws-sqs-queue"},
                authenticationRef=_strict(name=_WORD),
                # All of a trigger's metadata are texts.
                metadata=_strict(queueURL=_WORD, awsRegion=_WORD, queueLength=_WORD, scaleOnInFlight=_WORD),
            ),
        },
    ),
}


def test_every_resource_is_what_its_schema_says(resources):
    [version] = set(
        re.findall(
            r'kubernetes_version\s*=\s*"([\d.]+)"',
            "".join(file.read_text() for file in (ROOT / "deploy/terraform/environments").glob("*.tfvars")),
        )
    )

    for one in resources:
        if one["apiVersion"] == "keda.sh/v1alpha1":
            jsonschema.validate(one["spec"], KEDA[one["kind"]])
        else:
            validate(one, version, strict=True)


def test_each_overlay_has_what_it_is_for(overlays):
    assert set(pods(overlays["prod"])) == set(pods(overlays["staging"]))
    assert set(named(overlays["prod"], "Deployment")) == LONG_LIVED
    assert set(named(overlays["prod"], "ScaledObject")) == WORKERS
    # Without beat there are no queues, so nobody waits at one and nothing counts what waits.
    assert set(named(overlays["cronjob"], "Deployment")) == {"operators"}
    assert not named(overlays["cronjob"], "ScaledObject")
    assert set(named(overlays["cronjob"], "CronJob")) == {"data-ingestor"}
    for resources in overlays.values():
        assert set(named(resources, "PodDisruptionBudget")) == set(named(resources, "Deployment"))
        assert {one["metadata"].get("namespace") for one in resources} == {"currency-service", None}
        assert not named(resources, "Secret")


# --- safe ----------------------------------------------------------------------------------------


def test_every_pod_is_as_closed_as_it_can_be(resources):
    found = pods(resources)
    assert len(found) >= 3
    for name, pod in found.items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }, name
        [one] = pod["containers"]
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert one["resources"]["requests"].keys() == one["resources"]["limits"].keys() == {"cpu", "memory"}
        assert one["image"] == "currency-service-worker", name  # a release puts in which
        mounted = {mount["name"] for mount in one["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}
        assert all("sizeLimit" in volume["emptyDir"] for volume in pod["volumes"]), name


def test_the_namespace_refuses_what_is_less_strict(resources):
    [namespace] = named(resources, "Namespace").values()

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_pods_reach_what_they_need_and_nothing_reaches_them_but_prometheus(resources):
    policies = [one["spec"] for one in named(resources, "NetworkPolicy").values()]
    rules = [rule for policy in policies for rule in policy.get("egress", [])]
    ports = {port["port"] for rule in rules for port in rule["ports"]}
    everybody = [policy for policy in policies if policy["podSelector"] == {}]

    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in everybody
    # DNS, the credentials of pods, HTTPS, MySQL, Redis, Kafka with IAM.
    assert ports == {53, 80, 443, 3306, 6379, 9098}
    [internet] = [
        rule["to"][0]["ipBlock"] for rule in rules if {"port": 443, "protocol": "TCP"} in rule["ports"]
    ]
    assert internet == {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}
    assert [rule["ports"] for policy in policies for rule in policy.get("ingress", [])] == [
        [{"port": 9464, "protocol": "TCP"}]
    ]


def test_every_service_account_has_its_role(resources):
    text = (ROOT / "deploy/terraform/modules/security/roles.tf").read_text()
    roles = set(re.findall(r'namespace = var\.cluster_name, service_account = "([\w-]+)"', text))
    used = {pod["serviceAccountName"] for pod in pods(resources).values()}

    assert used <= set(named(resources, "ServiceAccount"))
    assert used <= roles


# --- fitting -------------------------------------------------------------------------------------


def test_everything_a_container_is_told_is_something_the_service_reads(resources):
    known = set(re.findall(r"^# ([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    for name in pods(resources):
        told = environment(resources, name)
        assert told.keys() <= known, name
        assert told["PARAMETER_PATH"] == "/currency-service/"


@pytest.mark.parametrize(
    ("overlay", "name", "expected"),
    [
        ("prod", "data-worker", ["production", "sqs://", "interactive", True, 9464]),
        ("staging", "beat", ["staging", "sqs://", "interactive", True, 0]),
        ("prod", "operators", ["production", "sqs://", "interactive", False, 0]),
        ("cronjob", "data-ingestor", ["production", "", "cronjob", True, 0]),
    ],
)
def test_production_starts_with_what_its_container_is_told(overlays, overlay, name, expected):
    told = environment(overlays[overlay], name) | SECRETS
    del told["PARAMETER_PATH"]  # the secrets are here already
    told["DJANGO_SETTINGS_MODULE"] = "config.settings.production"  # of the image
    code = (
        "import json; from django.conf import settings as told; print(json.dumps([told.ENVIRONMENT,"
        " told.CELERY_BROKER_URL, told.EXECUTION_MODE, told.SECURE_SSL_REDIRECT, told.METRICS_PORT]))"
    )

    started = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **told},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 0, started.stderr
    assert json.loads(started.stdout) == expected


def test_every_queue_has_its_workers_and_each_of_them_counts_its_own(overlays):
    for overlay in ("prod", "staging"):
        resources = overlays[overlay]
        assert {queue(resources, name) for name in WORKERS} == set(settings.CELERY_TASK_QUEUES)
        base = environment(resources, "beat")["SQS_QUEUE_BASE_URL"]
        for name, scaled in named(resources, "ScaledObject").items():
            assert scaled["spec"]["scaleTargetRef"]["name"] == name
            [trigger] = scaled["spec"]["triggers"]
            assert trigger["metadata"]["queueURL"] == f"{base}/{queue(resources, name)}"
            assert trigger["authenticationRef"]["name"] in named(resources, "TriggerAuthentication")
            # Who sets replicas as well would undo the autoscaling at each rollout.
            assert "replicas" not in named(resources, "Deployment")[name]["spec"]


def test_a_worker_that_is_told_to_stop_is_given_the_time_of_its_longest_task(overlays):
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "tasks"):
            import_module(f"{config.name}.tasks")
    longest = max(task.time_limit for name, task in app.tasks.items() if not name.startswith("celery."))

    for name in WORKERS:
        pod = pods(overlays["prod"])[name]
        assert longest == 300
        assert pod["terminationGracePeriodSeconds"] > longest
        # Celery itself gets the signal: no shell stands before it.
        assert pod["containers"][0]["command"] == ["celery", "--app", "config.celery", "worker"]


def test_there_is_one_beat_and_its_successor_waits_for_its_end(overlays):
    beat = named(overlays["prod"], "Deployment")["beat"]["spec"]

    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})


@pytest.mark.parametrize("name", ["ranking-worker", "data-worker", "beat"])
def test_a_probe_fails_when_the_pulse_is_over_and_needs_no_python(overlays, tmp_path, name):
    one = container(overlays["prod"], name)
    for probe in ("startupProbe", "livenessProbe"):
        command = one[probe]["exec"]["command"]
        file = tmp_path / ("beat.pulse" if name == "beat" else "worker.pulse")
        here = [word.replace(f"/pulse/{file.name}", str(file)) for word in command]
        assert here != command
        file.unlink(missing_ok=True)
        missing = subprocess.run(here, stderr=subprocess.DEVNULL, check=False).returncode
        file.touch()
        os.utime(file, (time.time() + 30, time.time() + 30))
        alive = subprocess.run(here, check=False).returncode
        os.utime(file, (time.time() - 1, time.time() - 1))
        silent = subprocess.run(here, check=False).returncode
        assert (missing, alive, silent) == (1, 0, 1)
    told = environment(overlays["prod"], name)
    assert told["WORKER_PULSE_FILE"] == "/pulse/worker.pulse"
    assert {"name": "pulse", "mountPath": "/pulse"} in one["volumeMounts"]


def test_a_cronjob_runs_alone_and_ends_before_the_next_one_is_due(overlays):
    [job] = named(overlays["cronjob"], "CronJob").values()
    from ingestor.management.commands.ingest import DEADLINE

    assert (job["spec"]["schedule"], job["spec"]["concurrencyPolicy"]) == ("*/5 * * * *", "Forbid")
    assert DEADLINE < job["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"] < 300


def test_migrations_wait_for_a_release_to_let_them_go(resources):
    [job] = named(resources, "Job").values()

    assert job["spec"]["suspend"] is True
    assert job["spec"]["backoffLimit"] == 0


def test_a_release_puts_its_image_into_everything_that_runs(overlays):
    image = f"111111111111.dkr.ecr.ap-northeast-2.amazonaws.com/currency-service-worker@sha256:{'ab' * 32}"

    resources = cluster.with_image(overlays["prod"], image)

    assert len(pods(resources)) == 5
    assert {pod["containers"][0]["image"] for pod in pods(resources).values()} == {image}
    before, after = cluster.for_migration(resources), cluster.for_workers(resources)
    assert list(pods(before)) == ["migrate-abababababab"]
    assert named(before, "Job")["migrate-abababababab"]["spec"]["suspend"] is False
    assert set(pods(after)) == LONG_LIVED


# --- an account ----------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["prod", "staging"])
def test_the_accounts_part_is_what_the_tool_writes_from_terraforms_outputs(overlays, stage):
    told = environment(overlays[stage], "beat")
    domain, account = told["ALLOWED_HOSTS"], urlsplit(told["SQS_QUEUE_BASE_URL"]).path.strip("/")
    outputs = {
        "domain": domain,
        "archive_bucket": f"{account}-currency-data-backup",
        "static_bucket": f"{account}-currency-static-assets",
        "static_domain": f"static.{domain}",
        "queue_base_url": told["SQS_QUEUE_BASE_URL"],
        "kafka_bootstrap_servers": told["KAFKA_BOOTSTRAP_SERVERS"],
    }
    written = (OVERLAYS / stage / "account" / "kustomization.yaml").read_text()
    there = re.findall(r'^output "(\w+)"', (ROOT / "deploy/terraform/outputs.tf").read_text(), re.MULTILINE)

    assert yaml.safe_load(written) == account_part(stage, outputs)
    assert set(outputs) <= set(there)
