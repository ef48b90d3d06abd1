from django.db import migrations, models

from config.schedule import Entry, seed

ENTRIES = [
    Entry(
        name="relay events",
        task="config.relay_events",
        cron="* * * * *",
        description="Events that wait go to Kafka; without KAFKA_BOOTSTRAP_SERVERS there are none.",
        expires=60,
    ),
]


def fill(apps, schema_editor):
    seed(apps, ENTRIES)


def told():
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("event_id", models.CharField(help_text="A UUID that begins with the time", max_length=36, unique=True)),
        ("type", models.CharField(max_length=40)),
        ("schema_version", models.PositiveSmallIntegerField()),
        ("key", models.CharField(help_text="Events of one key are published in their order", max_length=100)),
        ("occurred_at", models.DateTimeField()),
        ("body", models.TextField(help_text="JSON")),
    ]


class Migration(migrations.Migration):
    """Events on their way to Kafka, those it refused, and who may do what one process does at a time."""

    dependencies = [
        ("platform", "0001_dead_letters"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("holder", models.CharField(blank=True, max_length=120)),
                ("expires_at", models.DateTimeField()),
            ],
            options={"db_table": "platform_leases"},
        ),
        migrations.CreateModel(name="WaitingEvent", fields=told(), options={"db_table": "waiting_events"}),
        migrations.CreateModel(
            name="RefusedEvent",
            fields=[
                *told(),
                ("reason", models.CharField(max_length=200)),
                ("refused_at", models.DateTimeField()),
            ],
            options={"db_table": "refused_events"},
        ),
        # Undone, the rows stay: they may have been edited.
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
