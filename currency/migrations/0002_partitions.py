"""Monthly partitions of the observations; nothing on SQLite. Can be run again, and undone."""

from datetime import UTC, datetime

from django.db import migrations

from currency import partitions


def partition(apps, schema_editor):
    partitions.partition(schema_editor.connection, today=datetime.now(UTC).date())


def unpartition(apps, schema_editor):
    partitions.unpartition(schema_editor.connection)


class Migration(migrations.Migration):
    # DDL commits by itself on MySQL; a transaction around it would only pretend.
    atomic = False

    dependencies = [("currency", "0001_initial")]

    operations = [migrations.RunPython(partition, unpartition)]
