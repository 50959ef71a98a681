from django.db import migrations, models

ROLES = [("owner", "Owner"), ("manager", "Manager"), ("member", "Member"), ("read-only", "Read-only")]


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_token"),
    ]

    operations = [
        # Until now every user could do everything, so those who are there become owners.
        migrations.AddField(
            model_name="user",
            name="role",
            field=models.CharField(choices=ROLES, default="owner", max_length=12),
        ),
        migrations.AlterField(
            model_name="user",
            name="role",
            field=models.CharField(choices=ROLES, default="read-only", max_length=12),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", [role for role, _ in ROLES])),
                name="user_has_a_role",
            ),
        ),
    ]
