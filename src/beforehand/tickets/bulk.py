"""Many rows at once, each database's own way: PostgreSQL copies rows in, SQLite is at its best row by row."""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import connection

from .rows import CLOCK_COLUMNS, TICKET_COLUMNS, Row

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

MANY = 100
"""From so many rows on, copying is faster than inserting."""


def names(columns: Iterable[str]) -> str:
    """Columns as SQL."""
    return ", ".join(f'"{name}"' for name in columns)


def insert_statement(table: str, columns: Sequence[str], conflict: str = "") -> str:
    """An INSERT of one row."""
    return f'INSERT INTO "{table}" ({names(columns)}) VALUES ({", ".join(["%s"] * len(columns))}) {conflict}'


def insert(cursor: "CursorWrapper", table: str, columns: Sequence[str], rows: Collection[Row]) -> None:
    """Add rows to a table."""
    if connection.vendor == "postgresql" and len(rows) >= MANY:
        _copy(cursor, table, columns, rows)
    elif rows:
        cursor.executemany(insert_statement(table, columns), list(rows))


def update_tickets(cursor: "CursorWrapper", rows: Collection[Row]) -> None:
    """Write the derived columns of tickets; each row is TICKET_COLUMNS and then the ticket's id."""
    columns = (*TICKET_COLUMNS, "id")
    if connection.vendor == "postgresql" and len(rows) >= MANY:
        # A name for each statement's own rows; it lasts as long as the connection and is empty between transactions.
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS standing ON COMMIT DELETE ROWS AS"
            f" SELECT {names(columns)} FROM tickets_ticket WITH NO DATA"
        )
        cursor.execute("DELETE FROM standing")
        _copy(cursor, "standing", columns, rows)
        changes = ", ".join(f'"{name}" = standing."{name}"' for name in TICKET_COLUMNS)
        cursor.execute(
            f"UPDATE tickets_ticket SET {changes} FROM standing WHERE tickets_ticket.id = standing.id"
        )
    elif rows:
        changes = ", ".join(f'"{name}" = %s' for name in TICKET_COLUMNS)
        cursor.executemany(f'UPDATE tickets_ticket SET {changes} WHERE "id" = %s', list(rows))


def insert_clocks(cursor: "CursorWrapper", rows: Collection[Row]) -> None:
    """Add clocks."""
    insert(cursor, "tickets_clock", CLOCK_COLUMNS, rows)


def delete_clocks_of(cursor: "CursorWrapper", ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Delete the clocks with ids in some ranges, [first, end); what they counted for: tally and verdict."""
    counted: list[tuple[int, int]] = []
    if connection.vendor == "postgresql" and ranges:
        cursor.execute(
            "DELETE FROM tickets_clock USING (SELECT unnest(%s) AS first, unnest(%s) AS last) AS spans"
            " WHERE tickets_clock.id >= spans.first AND tickets_clock.id < spans.last RETURNING tally, verdict",
            [[first for first, _ in ranges], [end for _, end in ranges]],
        )
        counted = cursor.fetchall()
    elif ranges:
        for some in ranges:
            cursor.execute(
                "DELETE FROM tickets_clock WHERE id >= %s AND id < %s RETURNING tally, verdict", some
            )
            counted += cursor.fetchall()
    return [one for one in counted if one[0] is not None]


def delete_clocks(cursor: "CursorWrapper", clocks: Collection[int]) -> None:
    """Delete clocks by id."""
    if connection.vendor == "postgresql" and clocks:
        cursor.execute("DELETE FROM tickets_clock WHERE id = ANY(%s)", [list(clocks)])
    elif clocks:
        cursor.executemany("DELETE FROM tickets_clock WHERE id = %s", [(clock,) for clock in clocks])


def _copy(cursor: "CursorWrapper", table: str, columns: Sequence[str], rows: Collection[Row]) -> None:
    with cursor.copy(f'COPY "{table}" ({names(columns)}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
