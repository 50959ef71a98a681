"""Tickets whose clocks are open when the watching of clocks begins are looked at, once, like those that change."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0009_ticket_runs"), ("kernel", "0001_due")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO kernel_due (provider_id, kind, key, lane, due_at, turn, owner, tries, fault)"
            " SELECT provider_id, 'ticket', id, 0, last_at, 1, 0, 0, '' FROM tickets_ticket WHERE runs > 0",
            migrations.RunSQL.noop,
        )
    ]
