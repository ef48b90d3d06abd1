"""The accounts' part of deploy/k8s, from what Terraform made:

    terraform -chdir=deploy/terraform output -json | python -m deploy.kubernetes prod

Nothing that is written is secret, and the image is not part of it: a release names that (deploy/release).
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: What a stage is called inside the service.
ENVIRONMENTS = {"prod": "production", "staging": "staging"}
OVERLAYS = Path(__file__).resolve().parent / "k8s" / "overlays"
NAMESPACE = "currency-service"
#: Which queue tells how many of a Deployment there have to be.
QUEUES = {"ranking-worker": "ranking-calculation-queue", "data-worker": "data-processing-queue"}
_NOTE = "# Written by `python -m deploy.kubernetes` (JSON is YAML): the account, and where things are.\n"


def account_part(stage: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """A kustomize component. `outputs` are Terraform's, by name."""
    settings = {
        "ENVIRONMENT": ENVIRONMENTS[stage],
        "ALLOWED_HOSTS": outputs["domain"],
        "CSRF_TRUSTED_ORIGINS": f"https://{outputs['domain']}",
        "ARCHIVE_URL": f"s3://{outputs['archive_bucket']}",
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
    return {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "configMapGenerator": [
            {
                "name": "settings",
                "namespace": NAMESPACE,
                "behavior": "merge",
                "literals": [f"{name}={value}" for name, value in settings.items()],
            }
        ],
        "patches": queues,
    }


def _patch(kind: str, name: str, path: str, value: str) -> dict[str, Any]:
    steps = json.dumps([{"op": "replace", "path": path, "value": value}])
    return {"target": {"kind": kind, "name": name}, "patch": steps}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("stage", choices=sorted(ENVIRONMENTS))
    told = arguments.parse_args()
    outputs = {name: output["value"] for name, output in json.load(sys.stdin).items()}
    file = OVERLAYS / told.stage / "account" / "kustomization.yaml"
    file.parent.mkdir(exist_ok=True)
    part = json.dumps(account_part(told.stage, outputs), indent=2)
    file.write_text(f"{_NOTE}{part}\n", encoding="utf-8")
    print(f"{file.relative_to(OVERLAYS.parent.parent.parent)} is of account {outputs['account_id']}")


if __name__ == "__main__":
    main()
