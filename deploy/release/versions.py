"""The published versions of the function: what each holds, how one is made, which may go."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

#: Versions that stay: the one that has the traffic, and two to go back to.
KEPT = 3

#: Lambda takes a minute or two to fetch an image; what takes ten will not come.
_PATIENCE = {"Delay": 2, "MaxAttempts": 300}


@dataclass(frozen=True)
class Version:
    number: str
    commit: str
    published_at: str


def listed(client: Any, function: str) -> list[Version]:
    """Every published version, oldest first; none where there is no function yet."""
    pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    try:
        found = [
            Version(told["Version"], told.get("Description", ""), told["LastModified"])
            for page in pages
            for told in page["Versions"]
            if told["Version"] != "$LATEST"
        ]
    except client.exceptions.ResourceNotFoundException:
        return []
    return sorted(found, key=lambda version: int(version.number))


def image_digest(client: Any, function: str, version: str = "$LATEST") -> str:
    """`sha256:…` of the image that a version runs; "" for one that was made of a zip."""
    code = client.get_function(FunctionName=function, Qualifier=version)["Code"]
    return str(code.get("ResolvedImageUri", "")).rpartition("@")[2]


def publish(client: Any, function: str, *, image: str, commit: str) -> str:
    """The number of a version that runs `image` (repository@digest) with the function's settings of now.

    A new image is told when it was deployed; its commit it carries itself.
    Safe to repeat: Lambda publishes nothing where neither code nor settings have changed since the
    newest version, and answers with that.
    """
    updated = client.get_waiter("function_updated")
    updated.wait(FunctionName=function, WaiterConfig=_PATIENCE)  # `zappa update` may be at it
    if image_digest(client, function) != image.rpartition("@")[2]:
        settings = client.get_function_configuration(FunctionName=function)
        variables = settings.get("Environment", {}).get("Variables", {}) | {"DEPLOYED_AT": _now()}
        client.update_function_configuration(FunctionName=function, Environment={"Variables": variables})
        updated.wait(FunctionName=function, WaiterConfig=_PATIENCE)
        client.update_function_code(FunctionName=function, ImageUri=image, Publish=False)
        updated.wait(FunctionName=function, WaiterConfig=_PATIENCE)
    code = client.get_function_configuration(FunctionName=function)["CodeSha256"]
    number = client.publish_version(FunctionName=function, CodeSha256=code, Description=commit)["Version"]
    active = client.get_waiter("published_version_active")
    active.wait(FunctionName=function, Qualifier=number, WaiterConfig=_PATIENCE)
    return str(number)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_published(client: Any, function: str, version: str) -> bool:
    try:
        client.get_function_configuration(FunctionName=function, Qualifier=version)
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    return True


def to_delete(numbers: list[str], *, used: set[str]) -> list[str]:
    """All but the newest three and those that are used, oldest first."""
    oldest_first = sorted(numbers, key=int)
    return [number for number in oldest_first[:-KEPT] if number not in used]


def delete(client: Any, function: str, version: str) -> None:
    client.delete_function(FunctionName=function, Qualifier=version)


def url_of(client: Any, function: str, alias: str) -> str:
    """Where an alias answers signed requests, made where it is not: `zappa update` takes it away."""
    try:
        told = client.get_function_url_config(FunctionName=function, Qualifier=alias)
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        told = client.create_function_url_config(FunctionName=function, Qualifier=alias, AuthType="AWS_IAM")
    return str(told["FunctionUrl"]).rstrip("/")
