from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("alerts", "0003_known_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="steptaken",
            name="links",
            field=models.JSONField(default=list),
        ),
    ]
