"""What it takes to know the first names of a source's things: every page of tickets asks."""

from typing import Any

import pytest
from tests.connectors.conftest import NOW, make_connection

from beforehand.connectors.contract import Told
from beforehand.connectors.models import Word
from beforehand.connectors.steady import Steady, meet
from beforehand.engine.instants import to_instant
from beforehand.people.models import Provider

pytestmark = pytest.mark.django_db


def test_however_many_have_another_name_a_page_asks_the_database_as_often(
    provider: Provider, django_assert_num_queries: Any
) -> None:
    row = make_connection(provider, "scripted", {})
    own = {"provider": provider, "connection": row, "kind": "client", "seen": NOW}
    for n in range(20):
        Word.objects.create(
            key=str(n),
            name=f"Client {n}",
            named=f"Client {n} Ltd",
            names=[[f"Client {n}", to_instant(NOW)]],
            **own,
        )
    told = [Told(str(n), 1, {"client": f"Client {n} Ltd"}, keys={"client": str(n)}) for n in range(20)]
    with django_assert_num_queries(4):
        meet(row, told, NOW)
        steady = Steady(row, told)
    assert [steady.told(one).fields["client"] for one in told] == [f"Client {n}" for n in range(20)]


def test_one_that_a_ticket_calls_otherwise_is_called_so_from_then_on(provider: Provider) -> None:
    row = make_connection(provider, "scripted", {})
    Word.objects.create(
        provider=provider, connection=row, kind="client", key="1", name="Acme", named="Acme", seen=NOW
    )
    meet(row, [Told("1", 1, {"client": "Acme Ltd"}, keys={"client": "1"})], NOW)
    word = Word.objects.get()
    assert (word.name, word.named, word.names) == ("Acme", "Acme Ltd", [["Acme", to_instant(NOW)]])
