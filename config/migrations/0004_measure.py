"""The row of the schedule that has ages measured."""

from django.db import migrations

from config.schedule import Entry, seed

MEASURE = Entry(
    name="measure",
    task="config.measure",
    cron="* * * * *",
    description="Tells CloudWatch and Prometheus how old rates and rankings are, and what waits.",
    expires=60,
)


def fill(apps, schema_editor):
    seed(apps, [MEASURE])


class Migration(migrations.Migration):
    dependencies = [("platform", "0003_heartbeat")]

    # Undone, the row stays: it may have been edited.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
