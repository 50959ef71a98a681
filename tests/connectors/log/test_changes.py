"""Logs with a row for each change: what becomes of the rows."""

import random

import pytest

from beforehand.connectors.log.mapping import LogMapping
from beforehand.connectors.log.notation import parse_mapping
from beforehand.connectors.log.summary import sentences, standing
from beforehand.engine.codes import BREACHED, BY_AUTOMATION, BY_PERSON, RESOLUTION
from beforehand.promises.book import current
from beforehand.tickets.models import Clock, Conflict, Event, Source, Ticket

from .conftest import CHANGES, HEADER, LOG, Take, counts, told


def test_each_changed_field_becomes_an_event(take: Take) -> None:
    assert counts(take(LOG)) == (6, 0, 0)
    assert [one[1:] for one in told() if one[0] == "T1"] == [
        ("created", "02 09:00", ""),
        ("2026-03-02T09:05:00Z#0/opening/client", "02 09:00", "Contoso"),
        ("2026-03-02T09:05:00Z#0/opening/priority", "02 09:00", "P3"),
        ("2026-03-02T09:05:00Z#0/status", "02 09:05", "New"),
        ("2026-03-02T10:00:00Z#1/assignee", "02 10:00", "bob"),
        ("2026-03-02T10:00:00Z#1/priority", "02 10:00", "P1"),
        ("2026-03-02T10:00:00Z#1/team", "02 10:00", "Network"),
        ("2026-03-02T10:00:00Z#2/updated", "02 10:00", ""),
        ("2026-03-03T11:00:00Z#4/assignee", "03 11:00", ""),
        ("2026-03-03T11:00:00Z#4/status", "03 11:00", "Closed"),
    ]


def test_the_clocks_are_read(take: Take) -> None:
    take(LOG)
    clock = Clock.objects.get(ticket__external_id="T1", metric=RESOLUTION)
    assert clock.verdict == BREACHED
    ticket = Ticket.objects.get(external_id="T1")
    assert (ticket.client_name, ticket.priority, ticket.status, ticket.assignee) == (
        "Contoso",
        "P1",
        "Closed",
        "",
    )


def test_who_did_it_is_kept(take: Take) -> None:
    take(LOG)
    closed = Event.objects.get(ticket__external_id="T1", value="Closed")
    assert (closed.person, closed.flags) == ("robot", BY_AUTOMATION)
    assert set(Event.objects.filter(person="bob").values_list("flags", flat=True)) == {BY_PERSON}


def test_the_same_log_again_is_known_already(take: Take) -> None:
    take(LOG)
    before = told()
    again = take(LOG)
    assert (counts(again), again.events, told()) == ((0, 6, 0), 0, before)


def test_a_longer_log_adds_only_what_is_new(take: Take) -> None:
    most = LOG.splitlines(keepends=True)[:-1]
    take("".join(most))
    longer = take(LOG)
    assert (counts(longer), longer.events) == ((1, 5, 0), 2)


def test_rows_of_old_tickets_alone_are_told_from_what_the_ledger_knows(take: Take) -> None:
    *most, last = LOG.splitlines(keepends=True)
    take("".join(most))
    assert counts(take(HEADER + last)) == (1, 0, 0)
    whole = told()
    assert counts(take(LOG)) == (0, 6, 0)
    assert told() == whole


def test_a_row_that_comes_late_leaves_its_ticket_as_the_rows_after_it_say(take: Take) -> None:
    row = "T1,{},2/3/2026 09:00,2/3/2026 1{}:00,{},{},Contoso,P3,?,{},?\n"
    rows = [row.format(0, 0, "ann", "New", "bob"), row.format(1, 1, "bob", "Waiting", "?"),
            row.format(2, 2, "cid", "New", "bob"), row.format(3, 3, "bob", "New", "dan")]  # fmt: skip
    take(HEADER + rows[0] + rows[2] + rows[3])
    assert counts(take(HEADER + rows[1])) == (1, 0, 0)
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.assignee) == ("New", "dan")
    late = told()
    whole = take(HEADER + "".join(rows))
    assert (counts(whole), whole.conflicts, told()) == ((0, 4, 0), 0, late)


def test_a_first_row_that_comes_late_leaves_what_the_next_row_took_back(take: Take) -> None:
    row = "T1,{},2/3/2026 09:00,2/3/2026 1{}:00,ann,New,Contoso,P3,?,{},?\n"
    rows = [row.format(0, 0, "bob"), row.format(1, 1, "?")]
    take(HEADER + rows[1])
    assert counts(take(HEADER + rows[0])) == (1, 0, 0)
    assert Ticket.objects.get().assignee == ""
    assert counts(take(HEADER + "".join(rows))) == (0, 2, 0)


def test_a_row_that_stands_twice_is_known_the_second_time(take: Take) -> None:
    lines = LOG.splitlines(keepends=True)
    assert counts(take("".join([*lines[:3], lines[2], *lines[3:]]))) == (6, 1, 0)


def many(tickets: int, rows: int) -> list[str]:
    """Rows of tickets that have one change a day, in the order of their time: the tickets stand interleaved."""
    chance = random.Random(3)
    return [
        f"T{ticket},{row},1/3/2026 09:00,{row + 1}/3/2026 10:00,ann,{chance.choice(('New', 'Waiting'))},Contoso,"
        f"{chance.choice(('P1', 'P3'))},?,{chance.choice(('bob', '?'))},?\n"
        for row in range(rows)
        for ticket in range(tickets)
    ]


@pytest.mark.parametrize("mapping_text", [CHANGES, CHANGES.replace('    sequence: "no"\n', "")])
def test_interleaved_rows_need_no_memory_of_all_tickets(take: Take, mapping_text: str) -> None:
    mapping = parse_mapping(mapping_text, "changes.yaml")
    rows = many(tickets=20, rows=6)
    take(HEADER + "".join(sorted(rows)), mapping)
    together = told()
    Event.objects.all().delete()
    Clock.objects.all().delete()
    Ticket.objects.all().delete()
    assert counts(take(HEADER + "".join(rows), mapping, run=7, remembered=3)) == (120, 0, 0)
    assert told() == together
    assert counts(take(HEADER + "".join(rows), mapping, run=11, remembered=2)) == (0, 120, 0)
    assert told() == together


def test_rows_that_stand_together_may_run_back_in_time(take: Take) -> None:
    lines = LOG.splitlines(keepends=True)
    take("".join([lines[0], lines[2], lines[1], *lines[3:]]), run=2)
    back = told()
    assert counts(take(LOG)) == (0, 6, 0)
    assert told() == back


def test_without_a_sequence_rows_of_one_minute_keep_their_order(take: Take) -> None:
    mapping = parse_mapping(CHANGES.replace('    sequence: "no"\n', ""), "changes.yaml")
    row = "T1,0,2/3/2026 09:00,2/3/2026 09:05,ann,{},Contoso,P3,?,?,?\n"
    take(HEADER + row.format("New") + row.format("Resolved") + row.format("New"), mapping)
    states = [(one[1], one[3]) for one in told() if one[1].endswith("status")]
    assert states == [
        ("2026-03-02T09:05:00Z#0/status", "New"),
        ("2026-03-02T09:05:00Z#1/status", "Resolved"),
        ("2026-03-02T09:05:00Z#2/status", "New"),
    ]


def test_the_same_event_with_other_content_is_a_conflict_and_listed(take: Take, changes: LogMapping) -> None:
    take(LOG)
    came = take(LOG.replace(",robot,Closed,", ",robot,Resolved,"))
    assert (came.conflicts, counts(came)) == (1, (0, 6, 0))
    assert Event.objects.filter(value="Closed").exists()
    conflict = Conflict.objects.get()
    assert conflict.event_id == "2026-03-03T11:00:00Z#4/status"
    source = Source.objects.get()
    said = "\n".join(sentences([came], standing(source, current(source.provider)), source))
    assert "ticket T1, event 2026-03-03T11:00:00Z#4/status: value 'Closed' kept, 'Resolved' found" in said


def test_statuses_that_nobody_mapped_and_unknown_clients_are_counted(take: Take) -> None:
    came = take(LOG.replace(",New,Contoso", ",Nwe,Contoso").replace("Fabrikam", "?"))
    source = Source.objects.get()
    now = standing(source, current(source.provider))
    assert (now.tickets, now.uncovered) == (2, 1)
    assert (now.unknown_clients, now.unmapped) == ([("", 1)], [("Nwe", 1)])
    said = "\n".join(sentences([came], now, source))
    assert "6 rows: 6 taken, 0 known already, 0 rejected" in said
    assert "Nwe: 1" in said
