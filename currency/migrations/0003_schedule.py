"""The first schedule; rows that are there already are the operators', and stay as they are."""

from django.db import migrations

from config.schedule import Entry, seed

ENTRIES = [
    Entry(
        name="prepare partitions",
        task="currency.prepare_partitions",
        cron="41 4,10,16,22 * * *",
        description="The coming months of the observations (MySQL, MariaDB).",
    ),
]


def fill(apps, schema_editor):
    seed(apps, ENTRIES)


class Migration(migrations.Migration):
    dependencies = [
        ("currency", "0002_partitions"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    # Undone, the rows stay: they may have been edited.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
