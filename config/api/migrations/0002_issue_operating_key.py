from django.db import migrations


class Migration(migrations.Migration):
    """A permission of its own for keys that may call the operators' endpoints."""

    dependencies = [("api", "0001_initial")]

    operations = [
        migrations.AlterModelOptions(
            name="apikey",
            options={
                "ordering": ("-created",),
                "permissions": (("issue_operating_key", "Can issue keys that may operate"),),
                "verbose_name": "API key",
                "verbose_name_plural": "API keys",
            },
        ),
    ]
