"""What Zappa calls while it deploys or updates a stage (`callbacks` in zappa_settings.toml)."""

import subprocess
from datetime import UTC, datetime
from typing import Any

#: Which version answers; made here once, moved by `python -m deploy.release` alone.
LIVE = "live"
#: Where a zip is unpacked, and what deploy.package has put there.
_LIBRARIES = "/var/task/lib"


def choose_code(cli: Any) -> None:
    """The stage's image, where it names one: Zappa itself takes an image from its command line alone.

    A zip is told its commit (an image carries its own), and both when they were deployed: /version. And where
    the database's library finds the rest of it, which an image has installed.
    """
    given = cli.vargs or {}
    if "docker_image_uri" not in given:
        return  # nothing is deployed by this command
    variables = cli.aws_environment_variables
    if not given["zip"] and not given["docker_image_uri"]:
        given["docker_image_uri"] = cli.stage_config.get("docker_image_uri")
    if not given["docker_image_uri"]:
        variables["COMMIT"] = _commit()
        variables["MARIADB_PLUGIN_DIR"] = _LIBRARIES
    variables["DEPLOYED_AT"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tell_live(cli: Any) -> None:
    """Make the alias that API Gateway calls, on the first deployment; afterwards say what it points to.

    A version is published of what was just uploaded: Zappa's own has the code without its settings.
    """
    client, name = cli.zappa.lambda_client, cli.lambda_name
    cli.zappa.wait_until_lambda_function_is_updated(name)
    version = client.publish_version(FunctionName=name)["Version"]
    try:
        live = client.get_alias(FunctionName=name, Name=LIVE)["FunctionVersion"]
    except client.exceptions.ResourceNotFoundException:
        live = client.create_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)["FunctionVersion"]
    print(f"Version {version} is published; {LIVE} answers with version {live}.")
    if live != version:
        print(f"Nothing changes for anybody until: python -m deploy.release switch --stage {cli.api_stage}")


def _commit() -> str:
    found = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
