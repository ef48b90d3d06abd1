"""What is in the DynamoDB tables, looked at past the store."""

from typing import Any

from ranking.stores.dynamodb_calls import pages

TABLE = "travel_destination_selections"


def everything() -> list[dict[str, Any]]:
    return [item for page in pages("scan", TableName=TABLE, ConsistentRead=True) for item in page]


def kinds() -> dict[str, list[dict[str, Any]]]:
    """What is stored by what it is: selection, counts, visits, idempotency."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in everything():
        first, *_, last = item["selection_date"].split("#")
        kind = first if first == "idempotency" else last if not last.isdigit() else "selection"
        found.setdefault(kind, []).append(item)
    return found
