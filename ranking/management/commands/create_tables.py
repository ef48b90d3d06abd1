"""`manage.py create_tables`: the tables of the selections store, where Terraform has not made them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ranking.stores import StoreUnavailable, store
from ranking.stores.dynamodb_tables import TABLES


class Command(BaseCommand):
    """Safe to repeat: what is there stays as it is."""

    help = "Make the DynamoDB tables that are missing (SELECTION_STORE=dynamodb)."

    def handle(self, *args: Any, **options: Any) -> None:
        kept = store()
        if kept.name != "dynamodb":
            self.stdout.write(
                "Nothing to make: SELECTION_STORE=sql keeps selections in the database, "
                "whose tables `manage.py migrate` makes."
            )
            return
        try:
            made = kept.create_tables()
        except StoreUnavailable as exc:
            raise CommandError(f"DynamoDB: {exc}") from exc
        for table in TABLES:
            name = table["TableName"]
            self.stdout.write(f"{name}: {'made' if name in made else 'was there already'}")
