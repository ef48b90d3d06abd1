"""The images of a commit: built here, kept in the account's registry under the commit's name.

Tags cannot be moved there, so a commit that has an image has it for good and is not built again.
"""

import base64
import subprocess
from typing import Any

from botocore.exceptions import ClientError

from deploy.release import checkout, screen
from deploy.release.outcome import Refused

#: Each image, and the Dockerfile it is built from.
PARTS = {"web": "deploy/docker/web.Dockerfile", "worker": "deploy/docker/worker.Dockerfile"}


def repository(part: str) -> str:
    return f"currency-service-{part}"


def digest(ecr: Any, part: str, commit: str) -> str:
    """`sha256:…` of the image of a commit; "" where it has none."""
    try:
        told = ecr.describe_images(repositoryName=repository(part), imageIds=[{"imageTag": commit}])
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ImageNotFoundException":
            raise
        return ""
    return str(told["imageDetails"][0]["imageDigest"])


def address(ecr: Any, part: str) -> str:
    """Where the image's repository is, without a tag."""
    [told] = ecr.describe_repositories(repositoryNames=[repository(part)])["repositories"]
    return str(told["repositoryUri"])


def build_command(part: str, *, address: str, commit: str) -> list[str]:
    """Build for Lambda's and the cluster's processors, and push.

    Without provenance and bill of materials inside: they would make an index of the image, which
    Lambda does not take. The pipeline attests them beside it.
    """
    command = (
        f"docker buildx build --platform linux/amd64 --provenance=false --sbom=false --file {PARTS[part]}"
    )
    return [
        *command.split(),
        "--build-arg",
        f"COMMIT={commit}",
        "--tag",
        f"{address}:{commit}",
        "--push",
        ".",
    ]


def build_missing(ecr: Any, *, commit: str) -> None:
    """Build and push what the registry does not have, and say of each part where it is.

    Whoever attests what was built reads "web built: …@sha256:…"; of what was there nothing is known.
    """
    for part in PARTS:
        how = "kept" if digest(ecr, part, commit) else "built"
        if how == "built":
            _build(ecr, part, commit=commit)
        screen.say(f"{part} {how}: {address(ecr, part)}@{digest(ecr, part, commit)}")


def _build(ecr: Any, part: str, *, commit: str) -> None:
    checkout.require(commit, clean=True)
    where = address(ecr, part)
    [login] = ecr.get_authorization_token()["authorizationData"]
    name, _, password = base64.b64decode(login["authorizationToken"]).decode().partition(":")
    registry = where.partition("/")[0]
    _docker(["docker", "login", "--username", name, "--password-stdin", registry], given=password.encode())
    _docker(build_command(part, address=where, commit=commit))


def _docker(command: list[str], *, given: bytes | None = None) -> None:
    """Raises: Refused if it did not do it; it has said why."""
    if subprocess.run(command, check=False, input=given).returncode:
        raise Refused(f"{' '.join(command[:3])} did not succeed")
