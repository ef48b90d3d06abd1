"""AWS for the tests: `python -m tests.aws_server PORT`, or `with running() as address`.

It is moto's server, over HTTP, with five differences, all towards what AWS does:

* Requests are carried out one at a time. moto keeps its state in plain dictionaries; two threads
  would undo each other's writes, which DynamoDB's isolation forbids. Not so SQS, whose requests
  wait for messages, and which promises no more than that each is delivered at least once.
* A transaction remembers only the items it touches. moto copies every table it touches, once for
  each of its items, so that 30,000 selections would take hours.
* A query looks into its own partition. moto sorts and searches the whole table for each.
* A table can be restored to any moment since its backups began. moto names one instant, when they did.
* The code of a function can be fetched where it is told to be. moto tells an address of Amazon's.
* A function's addresses can be listed, and it can be named with its version. moto knows neither.
"""

import copy
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: What a client needs besides the address; moto takes any.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_REGION": "ap-northeast-2",
    "AWS_DEFAULT_REGION": "ap-northeast-2",
}


@contextmanager
def running() -> Iterator[str]:
    """A server of its own on a free port; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.aws_server", str(port)], cwd=ROOT, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/moto-api/", timeout=5).close()  # noqa: S310 - our own server
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("moto_server did not start")


def _one_at_a_time(application: Any) -> Any:
    lock = threading.Lock()

    def serve(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ.get("HTTP_X_AMZ_TARGET", "").startswith("AmazonSQS."):
            return list(application(environ, start_response))
        with lock:
            return list(application(environ, start_response))

    return serve


def _remember_touched_items_only() -> None:
    from moto.dynamodb import models
    from moto.dynamodb.models.table import Table

    backend: Any = models.DynamoDBBackend
    original = backend.transact_write_items
    inside = threading.local()

    def copied(table: Any, memo: dict[int, Any]) -> Any:
        if getattr(inside, "transaction", False):
            return table  # the items are put back below
        twin = object.__new__(type(table))
        memo[id(table)] = twin
        twin.__dict__.update(copy.deepcopy(table.__dict__, memo))
        return twin

    def transact(self: Any, transact_items: list[dict[str, Any]]) -> None:
        before = []
        for entry in transact_items:
            ((_, operation),) = entry.items()
            table = self.get_table(operation["TableName"])
            keys = self.get_keys_value(table, operation.get("Key") or operation["Item"])
            place, key = _place(table, *keys)
            before.append((place, key, copy.deepcopy(place.get(key))))
        inside.transaction = True
        try:
            original(self, transact_items)
        except BaseException:
            for place, key, item in before:
                place.pop(key, None)
                if item is not None:
                    place[key] = item
            raise
        finally:
            inside.transaction = False

    setattr(Table, "__deepcopy__", copied)  # noqa: B010 - it has none that could be assigned to
    backend.transact_write_items = transact


def _place(table: Any, hash_key: Any, range_key: Any) -> tuple[Any, Any]:
    """Where an item is: the dictionary that holds it, and its key there."""
    return (table.items[hash_key], range_key) if table.has_range_key else (table.items, hash_key)


def _look_into_one_partition() -> None:
    from moto.dynamodb.models.table import Table

    every, query = Table.all_items, Table.query
    inside = threading.local()

    def all_items(table: Any) -> Any:
        wanted = getattr(inside, "partition", None)
        if wanted is None or not table.has_range_key:
            return every(table)
        return [item for _, item in sorted(table.items.get(wanted, {}).items())]

    def asked(table: Any, hash_key: Any, *options: Any, **named: Any) -> Any:
        index_name = options[6]
        inside.partition = None if index_name else hash_key
        try:
            return query(table, hash_key, *options, **named)
        finally:
            inside.partition = None

    setattr(Table, "all_items", all_items)  # noqa: B010 - mypy: a method is not assigned to
    setattr(Table, "query", asked)  # noqa: B010


def _go_on_with_backups() -> None:
    from moto.dynamodb.models import DynamoDBBackend

    described = DynamoDBBackend.describe_continuous_backups

    def describe(self: Any, table_name: str) -> dict[str, Any]:
        told: dict[str, Any] = copy.deepcopy(described(self, table_name))
        recovery = told["PointInTimeRecoveryDescription"]
        if recovery["PointInTimeRecoveryStatus"] == "ENABLED":
            recovery["LatestRestorableDateTime"] = time.time()
        return told

    setattr(DynamoDBBackend, "describe_continuous_backups", describe)  # noqa: B010 - mypy, as above


def _hand_out_code(application: Any, port: int) -> Any:
    """`zappa rollback` fetches the code of an earlier version, and uploads it again."""
    from moto.awslambda.models import LambdaFunction

    described, place = LambdaFunction.get_code, "/code-of-functions/"
    kept: dict[str, bytes] = {}

    def get_code(function: Any) -> dict[str, Any]:
        told: dict[str, Any] = described(function)
        if function.package_type == "Zip":
            kept[function.code_digest.rpartition(":")[2]] = function.code_bytes
            address = f"http://127.0.0.1:{port}{place}{function.code_digest.rpartition(':')[2]}"
            told["Code"] = {"Location": address, "RepositoryType": "S3"}
        return told

    setattr(LambdaFunction, "get_code", get_code)  # noqa: B010 - mypy: a method is not assigned to

    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        if not path.startswith(place):
            return application(environ, start_response)
        code = kept[path.removeprefix(place)]
        start_response("200 OK", [("Content-Length", str(len(code)))])
        return [code]

    return serve


_ADDRESSES_OF = re.compile(r"/2021-10-31/functions/(?:arn:.*:function:)?([^/:]+)[^/]*/urls")


def _as_zappa_asks(application: Any) -> Any:
    """`zappa update` lists the addresses of a function, to take them away; `rollback` names a version."""
    from moto.awslambda.models import LambdaBackend, lambda_backends
    from moto.core.models import DEFAULT_ACCOUNT_ID

    by_name = LambdaBackend.get_function

    def get_function(backend: Any, name: str, qualifier: str | None = None) -> Any:
        if name.startswith("function:"):
            _, name, qualifier = name.split(":")
        return by_name(backend, name, qualifier)

    setattr(LambdaBackend, "get_function", get_function)  # noqa: B010

    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        asked = _ADDRESSES_OF.fullmatch(environ["PATH_INFO"])
        if asked is None:
            return application(environ, start_response)
        backend = lambda_backends[DEFAULT_ACCOUNT_ID][CREDENTIALS["AWS_REGION"]]
        config = backend.get_function(asked[1]).url_config
        body = json.dumps({"FunctionUrlConfigs": [config.to_dict()] if config else []}).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return serve


def main(port: int) -> None:
    os.environ["MOTO_PORT"] = str(port)
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import run_simple

    _remember_touched_items_only()
    _look_into_one_partition()
    _go_on_with_backups()
    application = _hand_out_code(DomainDispatcherApplication(create_backend_app), port)
    application = _one_at_a_time(_as_zappa_asks(application))
    run_simple("127.0.0.1", port, application, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main(int(sys.argv[1]))
