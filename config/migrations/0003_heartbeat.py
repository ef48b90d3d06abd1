"""Where heartbeats are taken down, and the row of the schedule that sends them."""

from django.db import migrations, models

from config.schedule import Entry, seed

HEARTBEAT = Entry(
    name="heartbeat",
    task="config.heartbeat",
    cron="* * * * *",
    description="Shows that beat, the queue and its workers work; without it /health tells of a silence.",
    expires=600,
)


def fill(apps, schema_editor):
    seed(apps, [HEARTBEAT])


class Migration(migrations.Migration):
    dependencies = [
        ("platform", "0002_outbox"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sent_at", models.DateTimeField()),
            ],
            options={"db_table": "heartbeats", "default_permissions": ()},
        ),
        # Undone, the row stays: it may have been edited.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
