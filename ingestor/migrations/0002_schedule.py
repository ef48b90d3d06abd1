"""The first schedule; rows that are there already are the operators', and stay as they are."""

from django.db import migrations

from config.schedule import Entry, seed
from ingestor.registry import collection

FRESHNESS = Entry(
    name="check freshness",
    task="ingestor.check_freshness",
    cron="7 * * * *",
    description="A warning in the logs for every publication that did not arrive.",
)


def fill(apps, schema_editor):
    # On an empty database there is no provider yet: each gets its row when its own is written.
    keys = apps.get_model("currency", "Provider").objects.values_list("key", flat=True)
    seed(apps, [FRESHNESS, *map(collection, keys)])


class Migration(migrations.Migration):
    dependencies = [
        ("ingestor", "0001_initial"),
        ("currency", "0001_initial"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    # Undone, the rows stay: they may have been edited.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
