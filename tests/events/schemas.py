"""The schemas of events, as a consumer reads them."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from config.events.event import Event
from tests.aws_server import ROOT

FOLDER = ROOT / "config" / "events" / "schemas"


@cache
def _validator(name: str) -> Any:
    schema = json.loads((FOLDER / name).read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def complaints(event: Event) -> list[str]:
    """What its schema has against an event."""
    validator = _validator(f"{event.type}.{event.schema_version}.json")
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(json.loads(event.body))]
