"""The accounts' part of zappa_settings.toml, from what Terraform made:

    terraform -chdir=deploy/terraform output -json | python -m deploy.zappa_settings prod --image sha256:…

Without `--image` the stage is deployed as a zip. Nothing that is written is secret.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "zappa_settings.toml"
#: What a stage is called inside the service.
ENVIRONMENTS = {"prod": "production", "staging": "staging"}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def account_part(stage: str, outputs: Mapping[str, Any], *, image: str | None) -> str:
    """The tables of `stage`, in TOML. `outputs` are Terraform's, by name; `image` is a digest."""
    code = [f'docker_image_uri = "{outputs["ecr_web_repository"]}@{image}"'] if image else []
    tables = {
        stage: [
            'extends = "web"',
            f's3_bucket = "{outputs["zappa_bucket"]}"',
            f'role_arn = "{outputs["lambda_role_arn"]}"',
            *code,
        ],
        f"{stage}.vpc_config": [
            f"SubnetIds = {json.dumps(outputs['private_subnet_ids'])}",
            f"SecurityGroupIds = {json.dumps([outputs['lambda_security_group_id']])}",
        ],
        f"{stage}.aws_environment_variables": [
            f'{name} = "{value}"' for name, value in _environment(stage, outputs).items()
        ],
        f"{stage}.tags": ['Service = "currency-service"', f'Environment = "{stage}"'],
    }
    return "\n\n".join("\n".join([f"[{name}]", *lines]) for name, lines in tables.items()) + "\n"


def _environment(stage: str, outputs: Mapping[str, Any]) -> dict[str, str]:
    """What the function is told besides its parameters; Lambda itself sets the region."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        # Django is set up while the function starts, on a whole processor, not in somebody's request.
        "INSTANTIATE_LAMBDA_HANDLER_ON_IMPORT": "true",
        "ENVIRONMENT": ENVIRONMENTS[stage],
        "PARAMETER_PATH": "/currency-service/",
        # And the address of `green`, where `python -m deploy.release check` asks; AWS lets in nobody else.
        "ALLOWED_HOSTS": f"{outputs['domain']},.lambda-url.{outputs['region']}.on.aws",
        "CSRF_TRUSTED_ORIGINS": f"https://{outputs['domain']}",
        "SERVES_ADMIN": "false",
        "STATIC_BUCKET": outputs["static_bucket"],
        "STATIC_URL": f"https://{outputs['static_domain']}",
        "ARCHIVE_URL": f"s3://{outputs['archive_bucket']}",
        "CELERY_BROKER_URL": "sqs://",
        "SQS_QUEUE_BASE_URL": outputs["queue_base_url"],
        "SELECTION_STORE": "dynamodb",
        # The proxy takes nothing else.
        "DATABASE_IAM_AUTH": "true",
        # What is recorded has to know that events are told, though only workers tell them.
        "KAFKA_BOOTSTRAP_SERVERS": outputs["kafka_bootstrap_servers"],
    }


def with_part(text: str, stage: str, part: str) -> str:
    """`text` with the tables of `stage` replaced, or added at its end."""
    tables = re.compile(rf"^\[{stage}\]\n.*?(?=^\[(?!{stage}\.)|\Z)", re.MULTILINE | re.DOTALL)
    if tables.search(text) is None:
        return f"{text.rstrip()}\n\n{part}"
    return tables.sub(lambda found: part + ("\n" if found.end() < len(text) else ""), text, count=1)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("stage", choices=sorted(ENVIRONMENTS))
    arguments.add_argument("--image", help="digest of the image in ECR: sha256:…")
    told = arguments.parse_args()
    if told.image is not None and not _DIGEST.fullmatch(told.image):
        arguments.error("--image: expected a digest, sha256: and 64 hexadecimal digits")
    outputs = {name: output["value"] for name, output in json.load(sys.stdin).items()}
    part = account_part(told.stage, outputs, image=told.image)
    FILE.write_text(with_part(FILE.read_text(encoding="utf-8"), told.stage, part), encoding="utf-8")
    print(f"{FILE.name}: [{told.stage}] is of account {outputs['account_id']}")


if __name__ == "__main__":
    main()
