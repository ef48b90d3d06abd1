"""What runs in the cluster is brought to a commit: the migration as a job, then workers and beat.

kubectl does it, with whatever cluster it is set to. The manifests are those of this checkout
(deploy/k8s/overlays); only the image is put in, by its digest. A release changes what runs and what it is
told, and may do no more there; what that stands on is an administrator's (`foundation`).
"""

import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from deploy.release import images, migrations, planning, screen
from deploy.release.outcome import Refused
from deploy.release.place import Place

OVERLAYS = Path(__file__).resolve().parent.parent / "k8s" / "overlays"

#: Above the job's own limit, which ends it with a reason.
_MIGRATION = "25m"
#: A worker finishes its task before it goes: five minutes and a half, one after the other.
_ROLLOUT = "20m"

#: What runs, and what it is told.
_RELEASED = {"ConfigMap", "CronJob", "Deployment", "Job"}

Manifest = dict[str, Any]


def foundation(place: Place) -> None:
    """Namespace, accounts, network, scaling: before the first release, and whenever they have changed."""
    _kubectl("apply", "--filename=-", given=standing(rendered(place.stage)))


def migrate(place: Place, *, commit: str, accepted: Iterable[str]) -> None:
    """Run the commit's migrations to their end. Raises: Refused if they may not, or did not."""
    with place.book.held() as book:
        pending = migrations.pending(book.journal.migrations)
        planning.refuse_destructive(pending, accepted)
        screen.say(f"{len(pending)} migrations pending: {', '.join(pending) or 'none'}")
        wanted = for_migration(_rendered(place, commit))
        [job] = [each["metadata"]["name"] for each in wanted if each["kind"] == "Job"]
        _kubectl("apply", "--filename=-", given=wanted)
        ended = _kubectl(
            "wait", f"job/{job}", "--for=condition=complete", f"--timeout={_MIGRATION}", holds=False
        )
        _kubectl("logs", f"job/{job}", "--tail=200", holds=False)
        if not ended:
            raise Refused(f"job/{job} did not complete; what it wrote is above")
        book.write(migrations=migrations.on_disk())


def workers(place: Place, *, commit: str) -> None:
    """Workers, beat and the operators' tier run the commit; they understand what the one before has sent."""
    with place.book.held() as book:
        wanted = for_workers(_rendered(place, commit))
        _kubectl("apply", "--filename=-", given=wanted)
        for each in wanted:
            if each["kind"] == "Deployment":
                book.still_held()
                name = each["metadata"]["name"]
                _kubectl("rollout", "status", f"deployment/{name}", f"--timeout={_ROLLOUT}")


def with_image(manifests: Iterable[Manifest], image: str) -> list[Manifest]:
    """The manifests with the worker's image put in. A job is another one for another image.

    Raises: Refused if none of them runs it: its repository would be spelled otherwise.
    """
    found = [json.loads(json.dumps(each)) for each in manifests]
    replaced = 0
    for each in found:
        for container in _containers(each):
            if images.repository("worker") in container["image"]:
                container["image"] = image
                replaced += 1
        if each["kind"] == "Job":
            each["metadata"]["name"] = f"migrate-{image.rpartition(':')[2][:12]}"
    if not replaced:
        raise Refused(f"no manifest runs {images.repository('worker')}")
    return found


def standing(manifests: Iterable[Manifest]) -> list[Manifest]:
    return [each for each in manifests if each["kind"] not in _RELEASED]


def for_migration(manifests: Iterable[Manifest]) -> list[Manifest]:
    """The job, let go, and what it is told; nothing else that runs."""
    wanted = [each for each in manifests if each["kind"] in {"ConfigMap", "Job"}]
    for each in wanted:
        if each["kind"] == "Job":
            each["spec"]["suspend"] = False
    return wanted


def for_workers(manifests: Iterable[Manifest]) -> list[Manifest]:
    return [each for each in manifests if each["kind"] in _RELEASED - {"Job"}]


def _containers(manifest: Manifest) -> Iterator[dict[str, Any]]:
    spec = manifest.get("spec", {})
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    pod = spec.get("template", {}).get("spec", {})
    yield from pod.get("initContainers", [])
    yield from pod.get("containers", [])


def _rendered(place: Place, commit: str) -> list[Manifest]:
    digest = images.digest(place.images, "worker", commit)
    if not digest:
        raise Refused(f"there is no worker image of {commit[:12]}: `build` it first")
    return with_image(rendered(place.stage), f"{images.address(place.images, 'worker')}@{digest}")


def rendered(stage: str) -> list[Manifest]:
    """The stage's overlay, as kubectl puts it together."""
    command = ["kubectl", "kustomize", str(OVERLAYS / stage)]
    told = subprocess.run(command, check=True, capture_output=True).stdout
    return [each for each in yaml.safe_load_all(told) if each]


def _kubectl(*words: str, given: list[Manifest] | None = None, holds: bool = True) -> bool:
    """Whether it did it. Raises: Refused if it had to; it has said why."""
    content = json.dumps({"apiVersion": "v1", "kind": "List", "items": given}).encode() if given else None
    command = ["kubectl", "--namespace=currency-service", *words]
    done = subprocess.run(command, check=False, input=content).returncode == 0
    if holds and not done:
        raise Refused(f"kubectl {' '.join(words)} did not succeed")
    return done
