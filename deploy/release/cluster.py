"""What runs in the cluster is brought to a commit: the migration as a job, then workers and beat.

kubectl does it, with whatever cluster it is set to. Manifests are those of this checkout; only the
image is put in, by its digest.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.release import images, migrations, planning, screen
from deploy.release.outcome import Refused
from deploy.release.place import Place

MANIFESTS = Path(__file__).resolve().parent.parent / "k8s"
NAMESPACE = "currency-service"
#: A migration that takes longer is one to be thought about, not waited for.
_MIGRATION = "900s"
#: Longer than the longest task, which a worker finishes before it goes.
_ROLLOUT = "900s"


def migrate(place: Place, *, commit: str, accepted: Iterable[str]) -> None:
    """Run the commit's migrations to their end. Raises: Refused if they may not, or did not."""
    with place.book.held() as book:
        pending = migrations.pending(book.journal.migrations)
        planning.refuse_destructive(pending, accepted)
        screen.say(f"{len(pending)} migrations pending: {', '.join(pending) or 'none'}")
        with _kustomized(place, "migrate", commit, suffix=f"-{commit[:12]}") as folder:
            _kubectl("apply", "--kustomize", folder)
        job = f"job/migrate-{commit[:12]}"
        try:
            _kubectl("wait", job, "--for=condition=complete", f"--timeout={_MIGRATION}")
        finally:
            _kubectl("logs", job, "--all-containers", "--tail=200")
        book.write(migrations=migrations.on_disk())


def workers(place: Place, *, commit: str) -> None:
    """Workers and beat run the commit. They understand what the version before it has sent."""
    with place.book.held(), _kustomized(place, f"overlays/{place.stage}", commit) as folder:
        _kubectl("apply", "--kustomize", folder)
        _kubectl(
            "rollout",
            "status",
            "deployment",
            "--selector=app.kubernetes.io/part-of=currency-service",
            f"--timeout={_ROLLOUT}",
        )


def kustomization(resource: str, *, repository: str, digest: str, suffix: str = "") -> dict[str, Any]:
    """`resource` with the worker's image put in."""
    name = images.repository("worker")
    told: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [resource],
        "images": [{"name": name, "newName": repository, "digest": digest}],
    }
    return told | ({"nameSuffix": suffix} if suffix else {})


@contextmanager
def _kustomized(place: Place, what: str, commit: str, suffix: str = "") -> Iterator[str]:
    digest = images.digest(place.images, "worker", commit)
    if not digest:
        raise Refused(f"there is no worker image of {commit[:12]}: `build` it first")
    with tempfile.TemporaryDirectory(dir=MANIFESTS) as folder:
        resource = os.path.relpath(MANIFESTS / what, folder)
        told = kustomization(
            resource, repository=images.address(place.images, "worker"), digest=digest, suffix=suffix
        )
        (Path(folder) / "kustomization.yaml").write_text(json.dumps(told))
        yield folder


def _kubectl(*words: str) -> None:
    """Raises: Refused if it does not do it; it has said why."""
    done = subprocess.run(["kubectl", "--namespace", NAMESPACE, *words], check=False)
    if done.returncode:
        raise Refused(f"kubectl {words[0]} ended with {done.returncode}")
