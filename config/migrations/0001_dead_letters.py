from django.db import migrations, models


class Migration(migrations.Migration):
    """No table: the permissions to see dead letters and to act on them."""

    initial = True
    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={"managed": False, "default_permissions": ("view", "change")},
        ),
    ]
