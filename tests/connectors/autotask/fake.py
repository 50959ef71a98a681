"""An Autotask that speaks HTTP, as its documents and those who use it say: its clock, rows and faults are the test's."""

import threading
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

USER, SECRET, CODE = "api@northwind.test", "s3cret-of-the-user", "TRACKINGCODE"
ALEX, SYSTEM, ROBOT = 150, 4, 160
CASEY, CONTOSO = 77, 300
STATUSES = {"New": 1, "Complete": 5, "Waiting Customer": 7, "In Progress": 8, "Waiting Vendor": 12}
QUEUES = {"Level I": 29682833, "Level II": 29682834}
PICKS: dict[str, dict[str, int]] = {
    "status": STATUSES,
    "priority": {"Critical": 4, "P1": 1, "Medium": 2},
    "queueID": QUEUES,
    "source": {"Email": 4, "Phone": 2, "Monitoring Alert": 8},
    "ticketType": {"Incident": 2, "Alert": 5},
    "serviceLevelAgreementID": {"Gold SLA": 2},
    "timeZoneID": {"(GMT) London": 30},
}
Row = dict[str, Any]


class Autotask:
    """`rows` by entity. `clock` is its own. `refuses`: entities that this key may not read; `lame`: those that have an
    error of their own; `spoils`: what the next answers are turned into (html, cut, gone). `writes`: what becomes of
    the next calls that write: 500 (nothing is taken), lose or "taken, 500" (it is, and not said so). `access`: what it
    says of a right by entity and what is done; `fields`: the user-defined ones of tickets.
    """

    def __init__(self) -> None:
        self.picks, self.contract_states = deepcopy(PICKS), {"Inactive": 0, "Active": 1}
        self.url, self.zone, self.page, self.slow = "", 5, 500, 0.0
        self.clock: Callable[[], datetime] = lambda: datetime(2026, 3, 10, 9, tzinfo=UTC)
        self.rows: dict[str, list[Row]] = {
            "Tickets": [],
            "Resources": [
                {"id": ALEX, "firstName": "Alex", "lastName": "Smith", "email": "alex@northwind.test"},
                {"id": SYSTEM, "firstName": "Autotask", "lastName": "Administrator"},
                {"id": ROBOT, "firstName": "API", "lastName": "Beforehand", "userName": USER},
            ],
            "Companies": [{"id": 0, "companyName": "Northwind"}, {"id": CONTOSO, "companyName": "Contoso"}],
            "Contacts": [{"id": CASEY, "firstName": "Casey", "lastName": "Jones"}],
            "Contracts": [{"id": 900, "contractName": "Gold", "serviceLevelAgreementID": 2}],
        }
        self.others, self.threshold, self.circles = 0, 10_000, False
        self.calls: list[datetime] = []
        self.seen: list[tuple[str, str, Any]] = []
        self.refuses: set[str] = set()
        self.lame: set[str] = set()
        self.spoils: list[str] = []
        self.writes: list[str] = []
        self.access: dict[tuple[str, str], object] = {}
        self.fields: list[Row] = [
            {"name": "Our deadline", "label": "Deadline of ours", "type": "string", "isPickList": False},
            {"name": "Hours", "label": "Hours", "type": "decimal"},
            {"name": "Colour", "label": "Colour", "type": "string", "isPickList": True},
        ]
        self.inside: dict[str, int] = {}
        self.most_inside: dict[str, int] = {}
        self.refused = 0
        self.lock = threading.Lock()
        self._ids = 1000

    def create(self, at: datetime, **more: Any) -> int:
        """A ticket of the client, made by mail."""
        id_ = self._next()
        row = {
            "id": id_, "ticketNumber": f"T{at:%Y%m%d}.{id_}", "title": "Printer offline", "companyID": CONTOSO,
            "contactID": CASEY, "createdByContactID": CASEY, "creatorResourceID": SYSTEM, "createDate": iso(at),
            "lastActivityDate": iso(at), "status": 1, "priority": 1, "queueID": QUEUES["Level I"], "source": 4,
            "ticketType": 2, "contractID": 900, "assignedResourceID": None, "completedDate": None,
        }  # fmt: skip
        self.add("Tickets", **(row | more))
        self.add(
            "TicketHistory",
            ticketID=id_,
            action="Created",
            date=iso(at),
            detail="Ticket created",
            resourceID=SYSTEM,
        )
        return id_

    def set(self, id_: int, at: datetime, by: int = ALEX, detail: str = "", **names: str) -> None:
        """Fields become what these names are of; the history says it in English, or in `detail`."""
        row, said = self.ticket(id_), []
        for name, value in names.items():
            field, label = _FIELDS.get(name, (name, name.title()))
            old = row[field]
            row[field] = (ALEX if value else None) if name == "owner" else self.picks[field][value]
            said.append(
                f"{label}: changed from {self._label(field, old)} to {self._label(field, row[field])}"
            )
        if "status" in names:
            done = row["status"] == STATUSES["Complete"]
            row["completedDate"], row["completedByResourceID"] = (iso(at), by) if done else (None, None)
        row["lastActivityDate"] = iso(at)
        text = detail or "\n".join(said)
        self.add("TicketHistory", ticketID=id_, action="Edited", date=iso(at), detail=text, resourceID=by)

    def note(
        self, id_: int, at: datetime, text: str, by: int = ALEX, contact: int | None = None, publish: int = 1
    ) -> int:
        """A note of a resource, or of a contact."""
        self.ticket(id_)["lastActivityDate"] = iso(at)
        return self.add(
            "TicketNotes", ticketID=id_, createDateTime=iso(at), publish=publish, noteType=1, description=text,
            creatorResourceID=None if contact else by, createdByContactID=contact,
        )  # fmt: skip

    def work(
        self, id_: int, start: datetime, end: datetime, summary: str | None, touches: bool = True
    ) -> None:
        """A time entry; `touches`: whether the ticket's stamp moves with it."""
        self.add(
            "TimeEntries", ticketID=id_, resourceID=ALEX, startDateTime=iso(start), endDateTime=iso(end),
            summaryNotes=summary, createDateTime=iso(end), lastModifiedDateTime=iso(end),
        )  # fmt: skip
        if touches:
            self.ticket(id_)["lastActivityDate"] = iso(end)

    def visit(self, id_: int, made: datetime, start: datetime) -> None:
        """A service call."""
        call = self.add(
            "ServiceCalls", createDateTime=iso(made), startDateTime=iso(start), creatorResourceID=ALEX,
            lastModifiedDateTime=iso(made), isComplete=0,
        )  # fmt: skip
        self.add("ServiceCallTickets", serviceCallID=call, ticketID=id_)
        self.ticket(id_)["lastActivityDate"] = iso(made)

    def delete(self, id_: int) -> None:
        """A ticket is gone."""
        self.rows["Tickets"].remove(self.ticket(id_))

    def ticket(self, id_: int) -> Row:
        return next(row for row in self.rows["Tickets"] if row["id"] == id_)

    def add(self, entity: str, **row: Any) -> int:
        """A row of an entity; its id."""
        made = {"id": row["id"] if "id" in row else self._next(), **row}
        self.rows.setdefault(entity, []).append(made)
        return int(made["id"])

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(one.startswith(path) for _, one, _ in self.seen)

    def used(self) -> int:
        """Calls of the rolling hour, of all integrations."""
        since = self.clock() - timedelta(hours=1)
        return self.others + sum(at > since for at in self.calls)

    def _label(self, field: str, value: Any) -> str:
        if value is None:
            return "(none)"
        if field == "assignedResourceID":
            row = next(row for row in self.rows["Resources"] if row["id"] == value)
            return f"{row['lastName']}, {row['firstName']}"
        return next(label for label, id_ in self.picks[field].items() if id_ == value)

    def _next(self) -> int:
        self._ids += 1
        return self._ids


_FIELDS = {"queue": ("queueID", "Queue"), "owner": ("assignedResourceID", "Primary Resource")}


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
