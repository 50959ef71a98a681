"""Rows that were changed in Python, written back together."""

from collections.abc import Sequence

from django.db import connection, models


def save_each(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write the named fields of rows of one model, in the order of their keys: one statement, prepared once.

    Of a foreign key the name is that of its column: `mailbox_id`.
    """
    if not rows:
        return
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields = [next(field for field in meta.concrete_fields if field.attname == name) for name in names]
    columns = ", ".join(
        f"{quote(field.column or name)} = %s" for field, name in zip(fields, names, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {quote(meta.db_table)} SET {columns} WHERE id = %s",
            [
                [
                    *(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields),
                    row.pk,
                ]
                for row in sorted(rows, key=lambda row: row.pk)
            ],
        )
