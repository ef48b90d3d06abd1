"""The DynamoDB tables, as CreateTable takes them. Terraform makes the same in production.

Names and keys are published: other systems read these tables. What is in an item is told in
`ranking.stores.dynamodb`.
"""

from typing import Any

SELECTIONS = "travel_destination_selections"
RESULTS = "RankingResults"

COUNTRY_DATE_INDEX = "country-date-index"
#: Seconds since 1970 after which DynamoDB deletes an item of SELECTIONS by itself, within days.
EXPIRES_AT = "expires_at"

TABLES: tuple[dict[str, Any], ...] = (
    {
        "TableName": SELECTIONS,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "selection_date", "AttributeType": "S"},
            {"AttributeName": "selection_timestamp_userid", "AttributeType": "S"},
            {"AttributeName": "country_code", "AttributeType": "S"},
        ],
        "KeySchema": [
            {"AttributeName": "selection_date", "KeyType": "HASH"},
            {"AttributeName": "selection_timestamp_userid", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": COUNTRY_DATE_INDEX,
                "KeySchema": [
                    {"AttributeName": "country_code", "KeyType": "HASH"},
                    {"AttributeName": "selection_date", "KeyType": "RANGE"},
                ],
                # The keys tell what was chosen and when; what is personal is kept in one place only.
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": [EXPIRES_AT]},
            }
        ],
    },
    {
        "TableName": RESULTS,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "period", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "period", "KeyType": "HASH"}],
    },
)
