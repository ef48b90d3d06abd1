"""The first schedule; rows that are there already are the operators', and stay as they are."""

from django.db import migrations

from config.schedule import Entry, seed

ENTRIES = [
    Entry(
        name="rebuild bars",
        task="history.rebuild_bars",
        cron="17 3,9,15,21 * * *",
        description="The bars of the last weeks, where they differ from their observations.",
    ),
]


def fill(apps, schema_editor):
    seed(apps, ENTRIES)


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    # Undone, the rows stay: they may have been edited.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
