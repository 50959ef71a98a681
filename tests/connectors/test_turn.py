"""What a turn does first, and what of it outlives whatever stops it."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.connectors.conftest import make_connection
from tests.connectors.scripted import BORN, KIND, Driven, Source

from beforehand.connectors.contract import Told
from beforehand.connectors.models import Nudged, Remote
from beforehand.connectors.steps import A_READ, STEPS
from beforehand.connectors.trouble import Down, Forbidden, Odd
from beforehand.connectors.turn import A_WHILE
from beforehand.engine.instants import SECOND, to_instant
from beforehand.people.models import Provider
from beforehand.tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def driven(provider: Provider) -> Driven:
    driven = Driven(make_connection(provider, "scripted", {}))
    driven.source = Source()
    return driven


def test_the_newest_first_and_histories_after(driven: Driven) -> None:
    for number in range(1, 6):
        driven.source.put(f"{number}", "New", BORN + number * SECOND)
    driven.work()
    assert driven.source.asked[:6] == ["begin", "set_up", "back", "back", "back", "read 5"]
    assert Ticket.objects.count() == 5
    assert not Remote.objects.filter(shallow=True).exists()
    assert (driven.connection.back_read, driven.connection.back_total) == (5, 5)


def test_what_happens_now_goes_before_the_past(driven: Driven) -> None:
    for number in range(1, 9):
        driven.source.put(f"{number}", "New")

    def change(call: str) -> None:
        if call == "back" and driven.source.asked.count("back") == 2:
            driven.source.put("1", "Working", to_instant(driven.now))
            driven.now += timedelta(minutes=2)

    driven.source.on = change
    driven.work()
    asked = driven.source.asked
    assert asked.index("read 1") < len(asked) - 1 - asked[::-1].index("back")
    assert driven.status("1") == ["New", "Working"]


def test_stopped_anywhere_it_goes_on_and_ends_the_same(driven: Driven) -> None:
    """Each call of a backfill is the last of some worker."""
    for number in range(1, 6):
        driven.source.put(f"{number}", "New" if number % 2 else "Working", BORN + number * SECOND)
    fatal = 1

    def stop(call: str) -> None:
        if len(driven.source.asked) >= fatal:
            raise KeyboardInterrupt

    driven.source.on = stop
    for fatal in range(1, 60):  # noqa: B007
        driven.source.asked = []
        try:
            driven.work()
        except KeyboardInterrupt:
            driven.now += timedelta(seconds=1)
        else:
            break
    assert fatal < 59
    assert {t: driven.status(t) for t in "12345"} == {
        t: ["New"] if t in "135" else ["New", "Working"] for t in "12345"
    }
    ids = [event.id for event in driven.kept("4")["4"]]
    assert len(ids) == len(set(ids))


def test_a_change_while_the_past_is_read_is_not_lost(driven: Driven) -> None:
    for number in range(1, 7):
        driven.source.put(f"{number}", "New")

    def change(call: str) -> None:
        if call == "back":
            driven.source.put("6", f"Status {len(driven.source.asked)}", to_instant(driven.now))

    driven.source.on = change
    driven.work()
    driven.now += timedelta(minutes=2)
    driven.work()
    assert driven.status("6")[-1] == driven.source.tickets["6"][1]


def test_a_ticket_that_cannot_be_read_stops_no_other_and_is_not_asked_for_all_the_time(
    driven: Driven,
) -> None:
    for number in range(1, 4):
        driven.source.put(f"{number}", "New")
    driven.source.bad = {"2": Odd("half a ticket"), "3": KeyError("id")}
    driven.work()
    assert driven.status("1") == ["New"]
    assert driven.source.asked.count("read 2") == 1
    assert Remote.objects.get(external_id="2").fault == "half a ticket"
    for _ in range(10):
        driven.now += timedelta(minutes=10)
        driven.work()
    assert driven.source.asked.count("read 2") == 5
    driven.now += timedelta(days=1)
    driven.source.bad = {}
    driven.work()
    assert not Remote.objects.filter(shallow=True).exists()
    assert not Remote.objects.exclude(fault="").exists()


def test_those_read_together_are_tried_alone_where_one_cannot_be(driven: Driven) -> None:
    driven.kind = KIND._replace(reads=10)
    for number in range(1, 6):
        driven.source.put(f"{number}", "New", BORN + number * SECOND)
    driven.source.bad = {"3": Forbidden("no")}
    driven.work()
    assert driven.source.asked.count("read 5 4 3 2 1") == 1
    assert Remote.objects.filter(shallow=True).values_list("external_id", flat=True).get() == "3"


def test_a_ticket_that_the_ledger_refuses_stops_no_other(driven: Driven) -> None:
    driven.source.put("1", "New")
    driven.source.put("2", "bad\x00status", BORN + SECOND)
    driven.work()
    assert driven.status("1") == ["New"]
    assert "NUL" in Remote.objects.get(external_id="2").fault


def test_a_nudge_that_comes_while_the_ticket_is_read_is_not_lost(driven: Driven) -> None:
    driven.source.put("1", "New")
    driven.work()
    at = driven.connection
    nudge = Nudged.objects.create(provider=at.provider, connection=at, external_id="1", at=driven.now)
    again = []

    def more(call: str) -> None:
        if call == "read 1" and not again:
            again.append(call)
            Nudged.objects.filter(pk=nudge.pk).update(turn=2)

    driven.source.asked, driven.source.on = [], more
    driven.work()
    assert driven.source.asked == ["read 1", "read 1"]
    assert not Nudged.objects.exists()


def test_many_nudges_are_read_some_at_a_time(driven: Driven) -> None:
    at = driven.connection
    for number in range(A_READ + 5):
        driven.source.put(f"{number}", "New")
        Nudged.objects.create(provider=at.provider, connection=at, external_id=f"{number}", at=driven.now)
    turn = driven.turn()
    STEPS[0](turn)
    assert STEPS[1](turn)
    assert Nudged.objects.count() == 5


def nudge_all(driven: Driven, *tickets: str) -> None:
    at = driven.connection
    for number, ticket in enumerate(tickets):
        when = driven.now + timedelta(seconds=number)
        Nudged.objects.create(provider=at.provider, connection=at, external_id=ticket, at=when)


def test_what_a_step_reads_one_by_one_is_kept_together(driven: Driven) -> None:
    """On SQLite each commit makes those wait who take in webhooks."""
    names = [f"{number:02}" for number in range(A_READ)]
    for name in names:
        driven.source.put(name, "New")
    nudge_all(driven, *names)
    turn = driven.turn()
    STEPS[0](turn)
    with CaptureQueriesContext(connection) as asked:
        assert STEPS[1](turn)
    written = [row["sql"].split(" (")[0] for row in asked if row["sql"].startswith(("INSERT", "DELETE"))]
    assert written.count('INSERT INTO "connectors_remote"') == 1
    assert sum("nudged" in one for one in written) == 1
    assert driven.source.asked[1:] == [f"read {name}" for name in names]
    assert Ticket.objects.filter(created__isnull=False).count() == A_READ


def test_what_was_read_is_kept_though_the_source_goes_away_or_tells_something_strange(driven: Driven) -> None:
    for name in "1234":
        driven.source.put(name, "New")
    driven.source.bad = {"4": Down("away")}
    whole = driven.source.read

    def strange(ids: Sequence[str]) -> Sequence[Told]:
        return [one._replace(events=None) if one.id == "2" else one for one in whole(ids)]

    driven.source.read = strange  # type: ignore[method-assign, assignment]
    nudge_all(driven, *"1234")
    turn = driven.turn()
    STEPS[0](turn)
    with pytest.raises(Down):
        STEPS[1](turn)
    assert [driven.status(name) for name in "13"] == [["New"], ["New"]]
    assert "nobody expected (TypeError)" in Remote.objects.get(external_id="2").fault
    assert Nudged.objects.count() == 4  # to be read again: nothing of it is lost


def test_a_ticket_waits_for_a_slow_source_to_tell_others_only_a_while(driven: Driven) -> None:
    kept = []

    def slow(call: str) -> None:
        driven.now += A_WHILE / 2
        kept.append(Ticket.objects.count())

    for name in "1234":
        driven.source.put(name, "New")
    turn = driven.turn()
    driven.source.on = slow
    turn.read(["1", "2", "3", "4"])
    assert kept == [0, 0, 2, 2]
