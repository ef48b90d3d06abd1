"""moto's AWS with a record of what it was asked for, in the words of IAM: (action, resource)."""

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from werkzeug.serving import make_server

REGION, ACCOUNT = "ap-northeast-2", "123456789012"

#: Amazon's Service Authorization Reference: a batch of SQS asks for the right to the single operation, and a
#: transaction of DynamoDB for the rights to what is in it.
_BATCHES = {
    "SendMessageBatch": "SendMessage",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
}
_IN_A_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
#: Of an object, by method; HEAD asks for the right to GET.
_OF_OBJECTS = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


@dataclass
class Recorded:
    """What a test sets up, as Terraform would have, is asked for before the record is on."""

    address: str = ""
    is_on: bool = False
    asked: set[tuple[str, str]] = field(default_factory=set)


@contextmanager
def running() -> Iterator[Recorded]:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    inner = DomainDispatcherApplication(create_backend_app)
    recorded = Recorded()

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        if recorded.is_on:
            recorded.asked.update(_rights(environ, body))
        answer: Iterable[bytes] = inner(environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, application, threaded=True)
    recorded.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield recorded
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def _rights(environ: dict[str, Any], body: bytes) -> Iterator[tuple[str, str]]:
    protocol, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
    if not operation:
        yield from _of_s3(environ)
        return
    request = json.loads(body)
    if protocol == "AmazonSQS":
        queue = request["QueueUrl"].rpartition("/")[2]
        yield f"sqs:{_BATCHES.get(operation, operation)}", _arn("sqs", queue)
    elif protocol == "AmazonSSM":
        yield f"ssm:{operation}", _arn("ssm", f"parameter{request['Path']}")
    elif protocol.startswith("DynamoDB"):
        yield from _of_dynamodb(operation, request)
    else:
        raise AssertionError(f"{protocol}.{operation}: of which resource?")


def _of_dynamodb(operation: str, request: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if operation == "TransactWriteItems":
        for item in request["TransactItems"]:
            ((kind, what),) = item.items()
            yield f"dynamodb:{_IN_A_TRANSACTION[kind]}", _arn("dynamodb", f"table/{what['TableName']}")
        return
    for table in request.get("RequestItems") or [request["TableName"]]:
        index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
        yield f"dynamodb:{operation}", _arn("dynamodb", f"table/{table}{index}")


def _of_s3(environ: dict[str, Any]) -> Iterator[tuple[str, str]]:
    _, bucket, *key = environ["PATH_INFO"].split("/", 2)
    if key and key[0]:
        yield f"s3:{_OF_OBJECTS[environ['REQUEST_METHOD']]}", f"arn:aws:s3:::{bucket}/{key[0]}"
    elif environ["REQUEST_METHOD"] == "HEAD" or "list-type" in parse_qs(environ["QUERY_STRING"]):
        yield "s3:ListBucket", f"arn:aws:s3:::{bucket}"
    else:
        yield f"s3:{environ['REQUEST_METHOD']}Bucket", f"arn:aws:s3:::{bucket}"


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"
