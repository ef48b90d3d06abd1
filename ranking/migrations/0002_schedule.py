"""The first schedule; rows that are there already are the operators', and stay as they are."""

from django.db import migrations

from config.schedule import Entry, seed

ENTRIES = [
    Entry(
        name="rank every five minutes",
        task="ranking.recalculate",
        cron="*/5 * * * *",
        description="Picks up what was not announced.",
        expires=300,
    ),
    Entry(
        name="rank at midnight",
        task="ranking.recalculate",
        cron="0 0 * * *",
        description="The day's windows close, whatever becomes of the row above.",
    ),
    Entry(
        name="expire selections",
        task="ranking.expire_selections",
        cron="23 2,8,14,20 * * *",
        description="Selections past their retention go, their counts stay.",
    ),
]


def fill(apps, schema_editor):
    seed(apps, ENTRIES)


class Migration(migrations.Migration):
    dependencies = [
        ("ranking", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    # Undone, the rows stay: they may have been edited.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
