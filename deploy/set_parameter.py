"""`python -m deploy.set_parameter NAME`: a secret into the Parameter Store, if production would start with it.

The value is asked for, or read from standard input where that is no terminal. It is never an
argument: those can be read by every user of the machine, and stay in the shell's history.
`--generate` makes a new key and keeps the old one where it is still needed; `--list` shows what
there is, without any value.
"""

import argparse
import getpass
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.fernet import Fernet

from config.settings.parameters import NAMES, UNSET

PATH = "/currency-service/"
KEY = "alias/currency-service-data"
ROOT = Path(__file__).resolve().parent.parent

#: Bytes that a standard parameter holds.
_ROOM = 4096
#: What else production refuses to start without, while one value is tried.
_STAND_INS = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "DATABASE_IAM_AUTH": "true",  # so the web tier and pods come to the database
    "ALLOWED_HOSTS": "localhost",
    "SECRET_KEY": "stand-in",
    "DATABASE_URL": "mysql://stand-in@localhost/stand-in",
    "CACHE_URL": "redis://localhost",
    "ENCRYPTION_KEYS": "A" * 43 + "=",
    "VISITOR_KEY": "stand-in",
}
_WEB = "the web tier, by a new release (python -m deploy.release)"
_CLUSTER = "workers, beat and the admin (kubectl --namespace currency-service rollout restart deployment)"
#: Where it is not both; the admin's pod is the web tier once more.
_READ_BY = {
    "PROVIDER_ECOS_API_KEY": (_CLUSTER,),
    "PROVIDER_EXIMBANK_API_KEY": (_CLUSTER,),
    "PROVIDER_FRED_API_KEY": (_CLUSTER,),
}
_AFTERWARDS = {
    "ENCRYPTION_KEYS": "Then: manage.py rotate_encryption_keys, and when it has ended, set ENCRYPTION_KEYS"
    " without the old key.",
    "VISITOR_KEY": "Until Seoul midnight, visitors who have been counted today are counted once more.",
}


class Refused(Exception):
    """What is to be stored cannot be; the message is for whoever typed it, and tells no value."""


# --- values -----------------------------------------------------------------------------------


def check(values: dict[str, str]) -> None:
    """Start production's settings with these. Raises: Refused, with the line that they end with."""
    for name, value in values.items():
        if len(value.encode()) > _ROOM:
            raise Refused(f"{name}: is longer than the {_ROOM} bytes that a parameter holds")
        if not value.isprintable():
            raise Refused(f"{name}: has a line break or a control character in it")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    others = {name: value for name, value in _STAND_INS.items() if name not in values}
    told = {name: value for name, value in values.items() if value != UNSET}
    started = subprocess.run(
        [sys.executable, "-c", "import config.settings.production"],
        cwd=ROOT,
        env={**kept, **others, **told},
        capture_output=True,
        text=True,
        check=False,
    )
    if started.returncode:
        line = started.stderr.strip().splitlines()[-1]
        # Any other than the settings' own may repeat the value.
        raise Refused(line if line.startswith("Configuration: ") else f"{', '.join(values)}: cannot be read")


def generated(name: str, current: dict[str, str]) -> dict[str, str]:
    """What to store for a new key, in this order; `current` is what is stored now.

    At no moment is a key gone that something alive was made with.
    Raises: Refused where `name` is no key of ours.
    """
    old = current.get(name, UNSET)
    if name == "VISITOR_KEY":
        return {name: secrets.token_urlsafe(48)}
    if name == "ENCRYPTION_KEYS":
        new = Fernet.generate_key().decode()
        return {name: new if old == UNSET else f"{new},{old}"}
    if name == "SECRET_KEY":
        made = {name: secrets.token_urlsafe(48)}
        if old == UNSET:
            return made
        if "," in old:
            raise Refused("SECRET_KEY: has a comma in it, so it cannot be kept among the fallbacks")
        known = current.get("SECRET_KEY_FALLBACKS", UNSET)
        fallbacks = [old, *(key for key in known.split(",") if key not in {UNSET, old})]
        # Sessions live for half a day: what the third key has signed has ended.
        return {"SECRET_KEY_FALLBACKS": ",".join(fallbacks[:2]), **made}
    raise Refused(f"{name}: is given to us, not made by us")


# --- the store --------------------------------------------------------------------------------


def _store() -> Any:
    return Session(region_name=os.environ.get("AWS_REGION", "ap-northeast-2")).client("ssm")


def stored(ssm: Any) -> dict[str, str]:
    """Every value, by name."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=PATH, WithDecryption=True)
    return {
        parameter["Name"].removeprefix(PATH): parameter["Value"]
        for page in pages
        for parameter in page["Parameters"]
    }


def write(ssm: Any, name: str, value: str) -> int:
    """Store it, encrypted; the version it is."""
    answer = ssm.put_parameter(Name=PATH + name, Value=value, Type="SecureString", KeyId=KEY, Overwrite=True)
    return int(answer["Version"])


def lines(ssm: Any, *, now: datetime) -> Iterator[str]:
    """A line for each name: which version, and how many days old."""
    filters = [{"Key": "Path", "Option": "OneLevel", "Values": [PATH.rstrip("/")]}]
    pages = ssm.get_paginator("describe_parameters").paginate(ParameterFilters=filters)
    there = {entry["Name"].removeprefix(PATH): entry for page in pages for entry in page["Parameters"]}
    for name in sorted({*NAMES, *there}):
        if name not in there:
            yield f"{name:28} is not there"
            continue
        days = (now - there[name]["LastModifiedDate"]).days
        stranger = "" if name in NAMES else "  is read by nobody"
        yield f"{name:28} version {there[name]['Version']:<4} {days:>4} days{stranger}"


# --- the command ------------------------------------------------------------------------------


def _asked(name: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"{name} (or `{UNSET}`): ").strip()
    return sys.stdin.read().strip()


def _set(ssm: Any, name: str, *, generate: bool) -> None:
    values = generated(name, stored(ssm)) if generate else {name: _asked(name)}
    check(values)
    for each, value in values.items():
        print(f"{PATH}{each} is now version {write(ssm, each, value)}.")
    print("It is read when a process starts. To be started again:")
    for reader in _READ_BY.get(name, (_WEB, _CLUSTER)):
        print(f"  {reader}")
    if name in _AFTERWARDS:
        print(_AFTERWARDS[name])


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.set_parameter", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--generate", action="store_true", help="make a key instead of asking for one")
    parser.add_argument("--list", action="store_true", help="show names, versions and ages")
    told = parser.parse_args(words)
    if told.list == bool(told.name):
        parser.error("one of NAME and --list is needed")
    try:
        if told.list:
            print(*lines(_store(), now=datetime.now(UTC)), sep="\n")
        else:
            _set(_store(), told.name, generate=told.generate)
    except Refused as exc:
        sys.exit(str(exc))
    except ClientError as exc:
        sys.exit(f"{exc.operation_name}: {exc.response['Error']['Code']}: {exc.response['Error']['Message']}")
    except BotoCoreError as exc:
        sys.exit(str(exc))


if __name__ == "__main__":
    main()
