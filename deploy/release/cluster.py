"""What runs in the cluster is brought to a commit: the migration as a job, then workers and beat.

kubectl does it, with whatever cluster it is set to. The manifests are those of this checkout
(deploy/k8s/overlays); only the image is put in, by its digest. A release changes what runs and what it is
told, and may do no more there; what that stands on is an administrator's (`foundation`).
"""

import json
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from deploy.release import checkout, images, migrations, planning, screen
from deploy.release.journal import Book
from deploy.release.outcome import Refused
from deploy.release.place import Place

OVERLAYS = Path(__file__).resolve().parent.parent / "k8s" / "overlays"

#: Seconds that a migration is waited for: above the job's own limit, which ends it with a reason.
_MIGRATION = 1500.0
#: Seconds between looks at it.
_PAUSE = 2.0
#: Seconds of a look at a rollout, in which the lock does not end, and how many there are: a worker finishes its
#: task before it goes, five minutes and a half, one after the other.
_LOOK, _LOOKS = 50, 24

_KUBECTL = ("kubectl", "--namespace=currency-service")

#: What runs, and what it is told.
_RELEASED = {"ConfigMap", "CronJob", "Deployment", "Job"}

Manifest = dict[str, Any]


def foundation(place: Place) -> None:
    """Namespace, accounts, network, scaling: before the first release, and whenever they have changed."""
    _kubectl("apply", "--filename=-", given=standing(rendered(place.stage)))


def migrate(place: Place, *, commit: str, accepted: Iterable[str]) -> None:
    """Run the commit's migrations to their end. Raises: Refused if they may not, or did not.

    A job that has failed is made again; one that is done stays done.
    """
    checkout.require(commit)
    with place.book.held() as book:
        pending = migrations.pending(book.journal.migrations)
        planning.refuse_destructive(pending, accepted)
        screen.say(f"{len(pending)} migrations pending: {', '.join(pending) or 'none'}")
        wanted = for_migration(_rendered(place, commit))
        [job] = [each["metadata"]["name"] for each in wanted if each["kind"] == "Job"]
        if _ending(job) == "Failed":
            _kubectl("delete", f"job/{job}")
        _kubectl("apply", "--filename=-", given=wanted)
        ended = _awaited(job, book)
        _kubectl("logs", f"job/{job}", "--tail=200", holds=False)
        if ended != "Complete":
            raise Refused(f"job/{job} {'failed' if ended else 'has not ended'}; what it wrote is above")
        book.write(migrations=migrations.on_disk())


def workers(place: Place, *, commit: str) -> None:
    """Workers, beat and the operators' tier run the commit; they understand what the one before has sent."""
    checkout.require(commit)
    with place.book.held() as book:
        wanted = for_workers(_rendered(place, commit))
        _kubectl("apply", "--filename=-", given=wanted)
        for each in wanted:
            if each["kind"] == "Deployment":
                _roll_out(each["metadata"]["name"], book)


def _ending(job: str) -> str:
    """Complete or Failed; "" while it runs, and where there is none."""
    command = ["get", f"job/{job}", "--ignore-not-found", "--output=json"]
    told = subprocess.run([*_KUBECTL, *command], check=False, stdout=subprocess.PIPE).stdout
    conditions = json.loads(told or b"{}").get("status", {}).get("conditions", [])
    holding = {condition["type"] for condition in conditions if condition["status"] == "True"}
    return next(iter(holding & {"Complete", "Failed"}), "")


def _awaited(job: str, book: Book) -> str:
    """How it ended; "" if it has not. `kubectl wait` would not see a failure, nor keep the lock."""
    end = time.monotonic() + _MIGRATION
    while not (ended := _ending(job)) and time.monotonic() < end:
        book.still_held()
        time.sleep(_PAUSE)
    return ended


def _roll_out(name: str, book: Book) -> None:
    for _ in range(_LOOKS):
        book.still_held()
        if _kubectl("rollout", "status", f"deployment/{name}", f"--timeout={_LOOK}s", holds=False):
            return
    raise Refused(f"deployment/{name} does not run the commit; what hinders it is above")


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
    done = subprocess.run([*_KUBECTL, *words], check=False, input=content).returncode == 0
    if holds and not done:
        raise Refused(f"kubectl {' '.join(words)} did not succeed")
    return done
