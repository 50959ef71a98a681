"""A new database is made at once: as the migrations would have made it, step by step."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg
import pytest

from .conftest import Make, Place

pytestmark = pytest.mark.program

KINDS = [
    pytest.param("sqlite", marks=pytest.mark.sqlite),
    pytest.param("postgresql", marks=pytest.mark.postgresql),
]
ON_POSTGRESQL = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity
FROM information_schema.columns WHERE table_schema = 'public';
SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public';
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), condeferrable, condeferred
FROM pg_constraint WHERE connamespace = 'public'::regnamespace;
SELECT sequencename FROM pg_sequences WHERE schemaname = 'public';
SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal;
SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'"""
ROWS = """
SELECT app, name FROM django_migrations;
SELECT app_label, model FROM django_content_type;
SELECT codename, app_label, model FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_made_at_once_is_what_all_steps_end_in(make: Make, kind: str) -> None:
    by_steps, at_once = make("steps", kind), make("once", kind)
    by_steps.data.mkdir()
    by_steps.run("django", "migrate", "--verbosity=0", "--settings", "beforehand.config.settings")
    at_once.run("beforehand", "migrate")
    there = looked_at(by_steps)
    assert len(there) > 500
    assert looked_at(at_once) == there


@pytest.mark.postgresql
def test_where_its_tables_cannot_be_made_it_says_so_plainly(make: Make) -> None:
    place = make("shut", "postgresql")
    with psycopg.connect(place.url, autocommit=True) as server:
        name = server.info.dbname
        server.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
    said = place.run("beforehand", "migrate", code=2).stderr
    assert "cannot execute CREATE TABLE in a read-only transaction" in said
    assert "Traceback" not in said


def looked_at(place: Place) -> set[tuple[Any, ...]]:
    """All that a database consists of, but for the order of columns and the numbers of rows."""
    if place.url:
        with psycopg.connect(place.url) as server:

            def ask(query: str) -> list[tuple[Any, ...]]:
                return server.execute(query.encode()).fetchall()

            tables = [name for (name,) in ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
            return told(ask, tables, f"{ON_POSTGRESQL};{ROWS}")
    with closing(sqlite3.connect(place.data / "beforehand.sqlite3")) as file:
        made = file.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        pieces = {(*which, piece) for *which, sql in made for piece in split(sql or "")}
        # It notes the last id of each table, and that of those it made anew while they were empty.
        tables = [name for kind, name, *_ in made if kind == "table" and name != "sqlite_sequence"]
        return pieces | told(lambda query: file.execute(query).fetchall(), tables, ROWS)


def told(
    ask: Callable[[str], list[tuple[Any, ...]]], tables: list[str], queries: str
) -> set[tuple[Any, ...]]:
    """How many rows each table has, and what queries are answered."""
    counts = {(name, *ask(f'SELECT count(*) FROM "{name}"')) for name in tables}
    return counts | {(query, *row) for query in queries.split(";") for row in ask(query)}


def split(sql: str) -> list[str]:
    """The pieces of a CREATE between the commas that stand in no brackets but the outermost."""
    pieces, depth = [""], 0
    for sign in sql:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 1:
            pieces.append("")
        else:
            pieces[-1] += sign
    head, bracket, first = pieces[0].partition("(")
    return [head + bracket, *(piece.strip().removesuffix(")") for piece in (first, *pieces[1:]))]
