from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connectors", "0004_written"),
    ]

    operations = [
        migrations.AddField(
            model_name="word",
            name="names",
            field=models.JSONField(default=list),
        ),
    ]
