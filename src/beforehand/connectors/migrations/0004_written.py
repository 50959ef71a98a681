from django.db import migrations, models

import beforehand.kernel.fields


class Migration(migrations.Migration):
    dependencies = [
        ("connectors", "0003_meaning"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="called",
            field=beforehand.kernel.fields.InstantField(null=True),
        ),
        migrations.AddField(
            model_name="written",
            name="tried",
            field=beforehand.kernel.fields.InstantField(null=True),
        ),
        migrations.AddIndex(
            model_name="written",
            index=models.Index(
                condition=models.Q(("state", "failed")),
                fields=["provider", "connection", "asked"],
                name="written_failed",
            ),
        ),
        migrations.AddIndex(
            model_name="written",
            index=models.Index(
                condition=models.Q(("repeats__gt", 0)),
                fields=["provider", "connection"],
                name="written_repeated",
            ),
        ),
    ]
