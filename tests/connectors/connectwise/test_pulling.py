"""Tickets of a tenant as `sync` keeps them: each of them, with all that was said on it."""

from datetime import timedelta

import pytest
from tests.connectors.connectwise.conftest import Hand, clock
from tests.connectors.connectwise.fake import Call, Mood, Tenant, iso, when
from tests.connectors.connectwise.world import ALEX, BOARD, CASEY

from beforehand.connectors.meaning import TECHNICIAN
from beforehand.connectors.meaning_changes import confirm_words
from beforehand.connectors.models import Remote, Word
from beforehand.engine.codes import (
    ABSORBED,
    BY_AUTOMATION,
    BY_PERSON,
    KINDS,
    MERGED,
    PROVIDER,
    PUBLIC,
    RESPONSE,
    RUNNING,
    VISIT,
)  # fmt: skip
from beforehand.tickets.models import Clock, PsaView, SourceState, Ticket

pytestmark = pytest.mark.django_db


@pytest.mark.program
def test_the_past_is_read_newest_first_in_pages_and_no_further_than_asked(tenant: Tenant, hand: Hand) -> None:
    for number in range(1, 226):
        at = when("01 09:00") if number > 20 else when("01 09:00") - timedelta(days=60)
        tenant.open(number, "01 09:00")
        tenant.ticket(number)["_info"]["dateEntered"] = iso(at)
    hand.at("02 09:00")
    assert Ticket.objects.count() == 205
    connection = hand.connection
    assert (connection.back_read, connection.back_total) == (205, 205)
    assert connection.back_done is not None
    first = next(
        call for call in tenant.calls if call.query.get("orderBy") == "id desc" and "conditions" in call.query
    )
    assert first.query["conditions"] == "dateEntered>=[2026-01-31T08:00:00Z]"


@pytest.mark.program
def test_tickets_saved_while_pages_are_read_are_missed_by_none(tenant: Tenant, hand: Hand) -> None:
    hand.at("09:00")
    for number in range(1, 231):
        tenant.open(number, "09:01")

    def meanwhile(call: Call) -> None:
        """After the first page its first ticket goes, another is saved, and a new one comes."""
        if call.query.get("pageId") == "200":
            tenant.meanwhile = lambda _call: None
            tenant.delete(1)
            tenant.save(2, "09:03", summary="saved meanwhile")
            tenant.open(231, "09:03")

    tenant.meanwhile = meanwhile
    hand.at("09:03")
    hand.at("09:05")
    assert set(Ticket.objects.values_list("external_id", flat=True)) >= {
        str(number) for number in range(2, 232)
    }
    assert Ticket.objects.get(external_id="2").subject == "saved meanwhile"


@pytest.mark.program
def test_pages_are_followed_where_neither_forward_paging_nor_links_come(tenant: Tenant, hand: Hand) -> None:
    hand.at("09:00")
    tenant.honours_forward = False
    for number in range(1, 206):
        tenant.open(number, "09:01")
    hand.at("09:03")
    assert Ticket.objects.count() == 205
    tenant.honours_forward, tenant.links = True, False
    for number in range(206, 411):
        tenant.open(number, "09:04")
    hand.at("09:06")
    assert Ticket.objects.count() == 410


@pytest.mark.program
@pytest.mark.parametrize("skew", [-300, 300])
def test_a_clock_that_is_five_minutes_off_loses_nothing(tenant: Tenant, hand: Hand, skew: int) -> None:
    tenant.now = when("09:00") + timedelta(seconds=skew)
    hand.at("09:00")
    for minute in range(1, 9):
        moment = when("09:00") + timedelta(minutes=minute, seconds=skew)
        tenant.open(minute, moment.strftime("%d %H:%M"))
        hand.at(f"09:{minute:02}")
        assert Ticket.objects.count() == minute


@pytest.mark.program
def test_a_ticket_with_five_thousand_notes_is_kept_with_all_of_them(tenant: Tenant, hand: Hand) -> None:
    tenant.open(1, "09:00")
    for number in range(4_999):
        tenant.note(1, "10:00", f"Note {number}", member=ALEX)
    hand.at("10:05")
    assert sum(1 for event in hand.told("1") if event.id.startswith("note-")) == 5_000
    assert len(tenant.asked("/1/notes")) == 6  # the last is full, and has no link


def test_one_that_is_deleted_is_gone_and_one_that_comes_back_is_not(tenant: Tenant, hand: Hand) -> None:
    tenant.open(1, "09:00")
    hand.at("09:05")
    row = tenant.ticket(1)
    tenant.delete(1)
    Remote.objects.update(shallow=True)
    hand.at("09:10")
    assert KINDS[hand.told("1")[-1].kind] == "deleted"
    tenant.lists["service/tickets"].append(row)
    tenant.save(1, "09:12")
    hand.at("09:15")
    assert "deleted" not in {KINDS[event.kind] for event in hand.told("1")}


def test_a_merged_ticket_names_its_survivor_which_takes_its_start(tenant: Tenant, hand: Hand) -> None:
    tenant.open(1, "09:00")
    tenant.open(2, "09:30")
    tenant.status(1, "Closed", "09:40")
    tenant.save(1, "09:41", mergedParentTicket={"id": 2, "summary": "Matter 2"})
    tenant.save(2, "09:41", hasMergedChildTicketFlag=True)
    other = {
        "id": 9900,
        "noteType": "TicketNote",
        "text": "Mine too",
        "contact": CASEY,
        "_info": {"lastUpdated": iso(when("09:41"))},
    }
    tenant.lists["service/tickets/2/allNotes"] = [other]
    hand.at("09:45")
    merged = next(event for event in hand.told("1") if event.kind == MERGED)
    assert (clock(merged.at), merged.value) == ("02 09:40", "2")
    absorbed = next(event for event in hand.told("2") if event.kind == ABSORBED)
    assert absorbed.since is not None
    assert (absorbed.value, clock(absorbed.since)) == ("1", "02 09:00")
    undated = next(event for event in hand.told("2") if event.id == "note-9900")
    assert undated.until is not None
    assert (clock(undated.at), clock(undated.until)) == ("02 09:30", "02 09:41")


def test_project_tickets_say_so_and_unknown_fields_pass(tenant: Tenant, hand: Hand) -> None:
    tenant.open(1, "09:00", recordType="ProjectTicket", board={"id": 21, "name": "Projects"})
    hand.at("09:05")
    assert ("origin", "project") in {(event.field, event.value) for event in hand.told("1")}


def test_time_is_work_visits_begin_with_the_arrival_and_programs_are_no_people(
    tenant: Tenant, hand: Hand
) -> None:
    tenant.open(1, "09:00")
    tenant.time(1, "09:10", "09:30", addToDetailDescriptionFlag=True)
    tenant.time(1, "10:00", "11:00", workType={"id": 2, "name": "On-Site"})
    tenant.time(1, "11:10", "11:20", member={"id": 151, "identifier": "rmm", "name": "RMM"})
    hand.at("11:30")
    times = {clock(e.at): e.flags for e in hand.told("1") if e.id.startswith("time-")}
    assert times["02 09:30"] == BY_PERSON | PUBLIC
    assert times["02 10:00"] == BY_PERSON | VISIT
    assert times["02 11:20"] == BY_AUTOMATION


def test_without_the_right_to_time_and_audit_notes_and_polls_have_to_do(tenant: Tenant, hand: Hand) -> None:
    tenant.forbidden = {"time/entries", "system/audittrail", "system/members"}
    tenant.open(1, "09:00")
    tenant.status(1, "In Progress", "09:20")
    note = {
        "id": 5,
        "noteType": "TimeEntryNote",
        "text": "Done",
        "detailDescriptionFlag": True,
        "member": ALEX,
        "timeEnd": iso(when("09:30")),
    }
    tenant.lists["service/tickets/1/allNotes"] = [note]
    hand.at("09:40")
    assert "time-5" in {event.id for event in hand.told("1")}
    (event,) = [event for event in hand.told("1") if event.kind == 4]
    assert event.until is not None
    assert PsaView.objects.get().said["lacking"] == [
        "the audit trail may not be read",
        "time entries may not be read",
    ]
    assert any("members may not be read" in said for said in hand.connection.missing)


def test_appointments_are_plans_only_where_clients_are_told_of_them(tenant: Tenant, hand: Hand) -> None:
    tenant.open(1, "09:00")
    tenant.lists["schedule/entries"] = [
        {
            "id": 3,
            "objectId": 1,
            "type": {"identifier": "S"},
            "_info": {"dateEntered": iso(when("09:30")), "enteredBy": "asmith"},
        }
    ]
    hand.at("09:40")
    assert "plan-3" not in {event.id for event in hand.told("1")}
    connection = hand.connection
    connection.settings = {**connection.settings, "appointments": "true"}
    connection.save()
    tenant.save(1, "09:41")
    hand.at("09:45")
    assert "plan-3" in {event.id for event in hand.told("1")}


def test_an_odd_ticket_stops_no_other(tenant: Tenant, hand: Hand) -> None:
    tenant.open(1, "09:00")
    del tenant.open(2, "09:00")["_info"]["dateEntered"]
    tenant.open(3, "09:00", status=None, company=None, board=["odd"])
    tenant.lists["service/tickets/3/notes"].append({"id": 8, "text": None, "member": "odd"})
    hand.at("09:05")
    assert set(Ticket.objects.values_list("external_id", flat=True)) == {"1", "3"}


def test_a_tenant_that_moves_refuses_or_limits_is_caught_up_with(tenant: Tenant, hand: Hand) -> None:
    tenant.open(1, "09:00")
    hand.at("09:05")
    tenant.codebase = "v2026_1/"
    tenant.open(2, "09:06")
    hand.at("09:07")
    assert Ticket.objects.count() == 2
    tenant.open(3, "09:08")
    tenant.moods["service/tickets"] = [Mood(401)]
    assert "401" in hand.at("09:09").trouble
    assert SourceState.objects.get().failing is not None
    tenant.moods["service/tickets"] = [Mood(429, headers=(("Retry-After", "90"),))]
    came = hand.at("09:11")
    assert came.again == int(when("09:11").timestamp() + 90) * 1_000_000
    hand.at("09:13")
    assert Ticket.objects.count() == 3
    assert SourceState.objects.get().failing is None


def test_its_words_are_kept_with_proposals(tenant: Tenant, hand: Hand) -> None:
    hand.at("09:00")
    means = {(row.board, row.name): row.proposed for row in Word.objects.filter(kind="status")}
    assert means["Service Desk", "Waiting on Vendor"] == "waiting-on-vendor"
    assert means["Service Desk", "Closed"] == "closed"
    assert any("time zone" in said and "“Office”" in said for said in hand.connection.missing)
    assert BOARD["name"] in Word.objects.filter(kind="board").values_list("name", flat=True)


def test_what_a_technician_typed_in_is_the_providers_once_that_is_confirmed(
    tenant: Tenant, hand: Hand
) -> None:
    """2.6: a ticket that a technician began has no response clock; what came by mail is the client's."""
    tenant.open(1, "09:00")["_info"]["enteredBy"] = "asmith"
    tenant.open(2, "09:00")
    hand.at("09:05")
    word = Word.objects.get(kind="creator", name=TECHNICIAN)
    assert (word.proposed, word.confirmed) == ("provider", False)
    assert confirm_words(hand.connection, {word.pk: "provider"}, hand.now) == 2
    hand.at("09:06")
    tenant.save(1, "09:07")
    hand.at("09:10")
    assert dict(Ticket.objects.values_list("external_id", "origin")) == {"1": PROVIDER, "2": 0}
    running = Clock.objects.filter(metric=RESPONSE, run=RUNNING)
    assert set(running.values_list("ticket__external_id", flat=True)) == {"2"}
