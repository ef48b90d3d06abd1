"""The accounts' part of deploy/k8s, from what Terraform made and the image of a release:

    terraform -chdir=deploy/terraform output -json | python -m deploy.kubernetes prod --image sha256:…
    kubectl apply --kustomize deploy/k8s/overlays/prod

Nothing that is written is secret.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OVERLAYS = Path(__file__).resolve().parent / "k8s" / "overlays"
NAMESPACE = "currency-service"
#: Which queue tells how many of a Deployment there have to be.
QUEUES = {"ranking-worker": "ranking-calculation-queue", "data-worker": "data-processing-queue"}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NOTE = (
    "# Written by `python -m deploy.kubernetes` (JSON is YAML): account, addresses, and the image in use.\n"
)


def account_part(outputs: Mapping[str, Any], *, image: str) -> dict[str, Any]:
    """A kustomize component. `outputs` are Terraform's, by name; `image` is a digest."""
    settings = {
        "ALLOWED_HOSTS": outputs["domain"],
        "CSRF_TRUSTED_ORIGINS": f"https://{outputs['domain']}",
        "ARCHIVE_URL": f"s3://{outputs['archive_bucket']}/raw",
        "STATIC_BUCKET": outputs["static_bucket"],
        "STATIC_URL": f"https://{outputs['static_domain']}",
        "SQS_QUEUE_BASE_URL": outputs["queue_base_url"],
        "KAFKA_BOOTSTRAP_SERVERS": outputs["kafka_bootstrap_servers"],
        "KAFKA_IAM_AUTH": "true",
    }
    queues = [
        _patch(
            "ScaledObject", name, "/spec/triggers/0/metadata/queueURL", f"{outputs['queue_base_url']}/{queue}"
        )
        for name, queue in QUEUES.items()
    ]
    # A Job cannot be changed: another image is another Job.
    job = _patch("Job", "migrate", "/metadata/name", f"migrate-{image.removeprefix('sha256:')[:12]}")
    return {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "images": [
            {"name": "currency-service-worker", "newName": outputs["ecr_worker_repository"], "digest": image}
        ],
        "configMapGenerator": [
            {
                "name": "settings",
                "namespace": NAMESPACE,
                "behavior": "merge",
                "literals": [f"{name}={value}" for name, value in settings.items()],
            }
        ],
        "patches": [*queues, job],
    }


def _patch(kind: str, name: str, path: str, value: str) -> dict[str, Any]:
    steps = json.dumps([{"op": "replace", "path": path, "value": value}])
    return {"target": {"kind": kind, "name": name}, "patch": steps}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("stage", choices=["prod", "staging"])
    arguments.add_argument("--image", required=True, help="digest of the worker's image in ECR: sha256:…")
    told = arguments.parse_args()
    if not _DIGEST.fullmatch(told.image):
        arguments.error("--image: expected a digest, sha256: and 64 hexadecimal digits")
    outputs = {name: output["value"] for name, output in json.load(sys.stdin).items()}
    file = OVERLAYS / told.stage / "account" / "kustomization.yaml"
    file.parent.mkdir(exist_ok=True)
    part = json.dumps(account_part(outputs, image=told.image), indent=2)
    file.write_text(f"{_NOTE}{part}\n", encoding="utf-8")
    print(f"{file.relative_to(OVERLAYS.parent.parent.parent)} is of account {outputs['account_id']}")


if __name__ == "__main__":
    main()
