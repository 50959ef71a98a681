"""What the page asks of the rows that were written back, and what holds secrets and is printed."""

import pytest
from django.db import connection as database
from tests.connectors.conftest import NOW, make_connection

from beforehand.connectors.changes import Asked, Hooked
from beforehand.connectors.contract import Hook
from beforehand.connectors.models import Written
from beforehand.people.models import Provider


@pytest.mark.django_db
def test_what_failed_or_may_stand_twice_is_found_by_an_index_of_its_own(provider: Provider) -> None:
    line = make_connection(provider, "scripted", {})
    rows = Written.objects.filter(provider=provider, connection=line)
    for asked, name in (
        (rows.filter(state=Written.State.FAILED).order_by("-asked", "-pk")[:20], "written_failed"),
        (rows.filter(repeats__gt=0), "written_repeated"),
    ):
        if database.vendor == "sqlite":
            sql, values = asked.query.sql_with_params()
            with database.cursor() as cursor:
                cursor.execute("EXPLAIN QUERY PLAN " + sql, values)
                assert name in str(cursor.fetchall())


def test_what_is_printed_of_them_holds_no_secret() -> None:
    said = [
        Hook({"authorization": "s3cret"}, b"body", {"key": "s3cret"}),
        Hooked("path-s3cret", "s3cret"),
        Asked("It", {"key": "s3cret"}, 60, 10, NOW),
    ]
    assert "s3cret" not in f"{said!r} {said}"
