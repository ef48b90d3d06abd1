"""Where a release happens: one stage, in the one account that belongs to it."""

import functools
import os
import secrets
import socket
from dataclasses import dataclass
from typing import Any

import boto3.session

from deploy.release import traffic
from deploy.release.journal import Book

#: Of each stage, as the service calls it: ENVIRONMENT, and the dimension of its figures.
ENVIRONMENTS = {"prod": "production", "staging": "staging"}


@dataclass(frozen=True)
class Place:
    stage: str
    function: str
    session: Any
    functions: Any
    images: Any
    figures: Any
    book: Book

    @property
    def live(self) -> traffic.Alias:
        return traffic.Alias(self.functions, self.function, traffic.LIVE)

    @property
    def green(self) -> traffic.Alias:
        return traffic.Alias(self.functions, self.function, traffic.GREEN)

    @property
    def environment(self) -> str:
        return ENVIRONMENTS[self.stage]


def of(stage: str, *, lease: float) -> Place:
    """The stage's place in the account whose credentials the environment gives."""
    session = _session()
    account = session.client("sts").get_caller_identity()["Account"]
    book = Book(
        session.client("s3"),
        bucket=f"{account}-currency-zappa-packages",
        stage=stage,
        who=_who(),
        lease=lease,
    )
    return Place(
        stage=stage,
        function=f"currency-service-{stage}",
        session=session,
        functions=session.client("lambda"),
        images=session.client("ecr"),
        figures=session.client("cloudwatch"),
        book=book,
    )


@functools.cache
def _session() -> Any:
    # One for the process: it reads the descriptions of AWS's services, which takes longer than asking them.
    return boto3.session.Session()


def _who() -> str:
    """This process and no other, in words that lead a person to it."""
    run = os.environ.get("GITHUB_RUN_ID")
    where = f"run {run}" if run else f"{socket.gethostname()} process {os.getpid()}"
    return f"{where} ({secrets.token_hex(4)})"
