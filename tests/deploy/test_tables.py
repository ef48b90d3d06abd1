"""The DynamoDB tables Terraform makes are those the stores expect: a change in either has to be made in both.

That Terraform makes of tables.json what it says is asserted on its plan (deploy/terraform/tests).
"""

import json
import re
from pathlib import Path

from ranking.stores.dynamodb_tables import EXPIRES_AT, SELECTIONS, TABLES

TERRAFORM = Path(__file__).resolve().parent.parent.parent / "deploy" / "terraform"


def test_terraform_makes_the_tables_that_the_stores_would_make():
    tables = json.loads((TERRAFORM / "modules" / "data" / "tables.json").read_text())

    assert tables == list(TABLES)


def test_terraform_lets_selections_expire_where_the_store_says_when():
    code = (TERRAFORM / "modules" / "data" / "dynamodb.tf").read_text()
    [expiring] = re.findall(r"^  expiring = \{ (.+) \}$", code, re.MULTILINE)

    assert dict(re.findall(r'(\w+) = "(\w+)"', expiring)) == {SELECTIONS: EXPIRES_AT}


def test_roles_and_alarms_are_told_the_names_of_the_tables():
    code = (TERRAFORM / "main.tf").read_text()
    [names] = re.findall(r"^  tables\s+= \{ (.+) \}$", code, re.MULTILINE)

    assert [name for _, name in re.findall(r'(\w+) = "(\w+)"', names)] == [
        table["TableName"] for table in TABLES
    ]
