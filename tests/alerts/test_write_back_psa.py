"""Writing back to each PSA that can be written to: an alert climbs its chain, and what comes of it stands there once.

Each runs over HTTP against the fake server of its system, with the reader, the ledger and the worker that there are.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from beforehand.alerts.remarks import MARK
from beforehand.connectors.autotask import memory
from beforehand.connectors.connectwise import client, people
from beforehand.connectors.contract import OURS
from beforehand.connectors.models import Connection, Written
from beforehand.connectors.secrets import sealed
from beforehand.engine.codes import BY_AUTOMATION, MESSAGE
from beforehand.engine.codes import PUBLIC as SEEN
from beforehand.tickets.known import events_of
from beforehand.tickets.models import Clock, Ticket
from tests.connectors.autotask.fake import CODE, SECRET, USER, Autotask
from tests.connectors.autotask.serving import serving
from tests.connectors.connectwise.fake import Call, Tenant
from tests.connectors.connectwise.serving import serve
from tests.connectors.connectwise.world import CLIENT, COMPANY, PRIVATE, PUBLIC
from tests.connectors.halo.fake import Called, halo_at
from tests.support.connected import connected
from tests.support.post import Post

from .conftest import FIRST, Desk

pytestmark = pytest.mark.program
DAY = "2026-03-10T"
NAMES = {"deadline": "Our deadline", "risk": "Our risk", "line": "Our line"}


class System:
    """A PSA with one new ticket of Contoso, of the first priority; what was written to it, in one form for all."""

    slug: str
    settings: dict[str, str]
    secrets: dict[str, str]
    ticket: str

    def notes(self) -> list[tuple[str, bool]]:
        """The notes that we wrote: their text, and whether the client sees them."""
        raise NotImplementedError

    def fields(self) -> dict[str, str]:
        raise NotImplementedError

    def statuses(self) -> Any:
        """How its status stands, and who changed it."""
        raise NotImplementedError

    def mood(self, *moods: str) -> None:
        """What becomes of the next calls that write."""
        raise NotImplementedError

    def assign(self) -> None:
        """Ada takes the ticket, now."""
        raise NotImplementedError


class ConnectWise(System):
    slug = "connectwise"

    def __init__(self, desk: Desk, stack: ExitStack) -> None:
        client._codebases.clear()
        people._kept.clear()
        self.desk, self.tenant = desk, stack.enter_context(serve(Tenant()))
        self.tenant.meanwhile = self._tick
        self.tenant.lists["system/members"] += [
            {"id": 9, "identifier": "ada", "firstName": "Ada", "licenseClass": "F"},
            {"id": 10, "identifier": "api", "firstName": "API", "licenseClass": "A"},
        ]
        self.tenant.lists["company/companies"][0]["name"] = "Contoso"
        captions = enumerate(NAMES.values(), 1)
        self.tenant.open(
            1, "10 09:00", company={"id": 300, "name": "Contoso"}, priority={"id": 1, "name": "P1"},
            team={"id": 5, "name": "Desk"},
            customFields=[{"id": n, "caption": one, "type": "Text", "value": None} for n, one in captions],
        )  # fmt: skip
        self.ticket = "1"
        self.settings = {"site": self.tenant.url, "company": COMPANY, "public_key": PUBLIC}
        self.secrets = {"private_key": PRIVATE, "client_id": CLIENT}

    def _tick(self, call: Call) -> None:
        self.tenant.now = self.desk.now
        if call.method == "POST" and call.path.endswith("/notes"):
            # Who writes it and when is for ConnectWise to say.
            call.body["dateCreated"] = self.desk.now.strftime("%Y-%m-%dT%H:%M:%SZ")
            call.body["createdBy"] = "api"
            self.tenant.save(1, self.desk.now.strftime("%d %H:%M"))

    def notes(self) -> list[tuple[str, bool]]:
        rows = [row for row in self.tenant.lists["service/tickets/1/notes"] if row.get("createdBy") == "api"]
        return [
            (
                row["text"],
                row["detailDescriptionFlag"] or row["resolutionFlag"] or not row["internalAnalysisFlag"],
            )
            for row in rows
        ]

    def fields(self) -> dict[str, str]:
        return {one["caption"]: one["value"] or "" for one in self.tenant.ticket(1)["customFields"]}

    def statuses(self) -> Any:
        patched = [one["path"] for call in self.tenant.calls if call.method == "PATCH" for one in call.body]
        return self.tenant.ticket(1)["status"]["name"], set(patched) - {"customFields"}

    def mood(self, *moods: str) -> None:
        self.tenant.writes = list(moods)

    def assign(self) -> None:
        at = self.desk.now.strftime("%d %H:%M")
        self.tenant.audit(1, at, 'Ticket owner has been set to "Ada".', "ada", "Owner")
        self.tenant.save(1, at, owner={"id": 9, "identifier": "ada", "name": "Ada"})


class AutotaskPsa(System):
    slug = "autotask"

    def __init__(self, desk: Desk, stack: ExitStack) -> None:
        memory._memories.clear()
        self.desk, self.fake = desk, stack.enter_context(serving(Autotask()))
        self.fake.clock = lambda: desk.now
        self.fake.rows["Resources"].append({"id": 9, "firstName": "Ada", "lastName": ""})
        self.id = self.fake.create(desk.now)
        self.ticket = str(self.id)
        self.settings = {"user": USER, "server": f"{self.fake.url}/ATServicesRest"}
        self.secrets = {"secret": SECRET, "code": CODE}

    def notes(self) -> list[tuple[str, bool]]:
        return [(row["description"], row["publish"] != 2) for row in self.fake.rows.get("TicketNotes", [])]

    def fields(self) -> dict[str, str]:
        row = self.fake.ticket(self.id)
        return {one["name"]: one["value"] for one in row.get("userDefinedFields", [])}

    def statuses(self) -> Any:
        patched = [set(body) for method, _, body in self.fake.seen if method == "PATCH"]
        return self.fake.ticket(self.id)["status"], set().union(*patched) - {"id", "userDefinedFields"}

    def mood(self, *moods: str) -> None:
        self.fake.writes = list(moods)

    def assign(self) -> None:
        self.fake.ticket(self.id).update(
            assignedResourceID=9, lastActivityDate=self.desk.now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        )


class HaloPsa(System):
    slug = "halo"

    def __init__(self, desk: Desk, stack: ExitStack) -> None:
        self.desk, self.halo = desk, stack.enter_context(halo_at(desk.now))
        self.halo.on_call = self._tick
        self.halo.tables["Agent"].append({"id": 9, "name": "Ada"})
        self.halo.open(1, desk.now, team="Desk", priority_id=1, priority_name="P1")
        self.ticket = "1"
        self.settings = {"address": self.halo.url, "client_id": "id-of-ours"}
        self.secrets = {"client_secret": "s3cret"}

    def _tick(self, _call: Called) -> None:
        self.halo.now = self.desk.now

    def notes(self) -> list[tuple[str, bool]]:
        ours = [one for one in self.halo.actions[1] if one.get("actionby_application_id") == "id-of-ours"]
        return [(one["note"], not one["hiddenfromuser"] or bool(one["emaildirection"])) for one in ours]

    def fields(self) -> dict[str, str]:
        return {one["name"]: one["value"] for one in self.halo.tickets[1].get("customfields", [])}

    def statuses(self) -> Any:
        bodies = [one.body[0] for one in self.halo.calls if one.method == "POST" and "/api/" in one.path]
        return self.halo.tickets[1]["status_id"], {
            name for body in bodies for name in body if "status" in name
        }

    def mood(self, *moods: str) -> None:
        self.halo.writes = list(moods)

    def assign(self) -> None:
        self.halo.act(1, self.desk.now, agent=9, new_agent=9)


EACH = (ConnectWise, AutotaskPsa, HaloPsa)


@pytest.fixture(params=[pytest.param(one, id=one.slug) for one in EACH])
def system(request: pytest.FixtureRequest, desk: Desk, post: Post) -> Iterator[System]:
    """The PSA behind the desk; its past is read, and notes and fields are written."""
    with ExitStack() as stack:
        made: System = request.param(desk, stack)
        connected(
            desk.provider, desk.now, connector=made.slug, source=desk.source, interval=300, share=100,
            settings=made.settings, secrets=sealed(made.secrets), allow_private=True, cursor="", looked=None,
            back_done=None, set_up_read=None, proved=None, since=desk.now - timedelta(days=3),
            write_notes=True, write_fields=NAMES,
        )  # fmt: skip
        yield made


def states() -> list[tuple[str, str, int]]:
    rows = Written.objects.exclude(key=Written.FIELDS).order_by("pk")
    return [(row.state, row.fault, row.repeats) for row in rows]


def begin(desk: Desk) -> None:
    """The ticket is read, and everything rings."""
    from beforehand.connectors.sync import ask

    ask(Connection.objects.get(), desk.now)
    desk.at(DAY + "09:05")
    desk.switch_on(FIRST)


def test_a_step_and_the_end_of_its_chain_are_one_internal_note_each(desk: Desk, system: System) -> None:
    begin(desk)
    status, _ = system.statuses()
    desk.at(DAY + "09:35")
    ((first, seen),) = system.notes()
    assert first.startswith(f"{MARK} 50% of the response target reached")
    assert not seen
    system.assign()
    desk.at(DAY + "09:44")
    assert [text for text, _ in system.notes()][1:] == [
        f"{MARK} Nobody else is told of 50% of the response target: assigned to Ada."
    ]
    desk.at(DAY + "09:53")
    assert [seen for _, seen in system.notes()] == [False] * len(system.notes())
    assert system.fields() == {
        "Our deadline": "2026-03-10T10:00:00Z", "Our risk": "3 some", "Our line": system.fields()["Our line"],
    }  # fmt: skip
    assert system.fields()["Our line"]
    assert system.statuses() == (status, set())
    assert {state for state, _, _ in states()} == {"written"}


def test_our_own_note_read_back_is_nobodys_work(desk: Desk, system: System) -> None:
    """3.4: nothing automatic stops a clock, and nothing that the client does not see."""
    begin(desk)
    desk.at(DAY + "09:40")
    ((text, _),) = system.notes()
    ticket = Ticket.objects.get(external_id=system.ticket)
    kept = events_of(desk.source, [system.ticket])[system.ticket]
    ours = [event for event in kept if event.kind == MESSAGE]
    assert all(not event.flags & SEEN and event.flags & BY_AUTOMATION for event in ours)
    assert all(clock.stop is None for clock in Clock.objects.filter(ticket=ticket, metric=0))
    assert text.startswith(OURS)


@pytest.mark.parametrize("moods", [["lose"], ["taken, 500"], ["500", "lose"]])
def test_a_note_whose_answer_is_lost_stands_there_once(
    desk: Desk, system: System, moods: Sequence[str]
) -> None:
    Connection.objects.update(write_fields={})
    begin(desk)
    system.mood(*moods)
    desk.at(DAY + "09:44")
    assert [text.partition("dispatcher.")[2] for text, _ in system.notes()] == [""]
    assert states() == [("written", "", 0)]


def test_a_worker_that_ended_after_it_wrote_writes_nothing_again(desk: Desk, system: System) -> None:
    Connection.objects.update(write_fields={})
    begin(desk)
    desk.at(DAY + "09:35")
    Written.objects.update(state=Written.State.SENDING, tries=1, tried=desk.now)
    desk.at(DAY + "09:44")
    assert len(system.notes()) == 1
    assert states() == [("written", "", 0)]


def test_the_same_errand_again_writes_nothing_again(desk: Desk, system: System) -> None:
    begin(desk)
    desk.at(DAY + "09:35")
    before = system.notes(), system.fields()
    desk.reread()
    desk.at(DAY + "09:40")
    assert (system.notes(), system.fields()) == before


def test_a_psa_that_takes_nothing_is_read_all_the_same(desk: Desk, system: System) -> None:
    begin(desk)
    system.mood(*["500"] * 40)
    desk.at(DAY + "09:40")
    assert system.notes() == []
    system.assign()
    desk.at(DAY + "09:46")
    assert Ticket.objects.get(external_id=system.ticket).assignee.startswith("Ada")
    state = desk.source.state
    assert state.failing is None
