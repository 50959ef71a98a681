"""A ConnectWise tenant (serving.py has it speak HTTP), with a state that a test changes and moods that it sets.

It filters, orders and pages as ConnectWise says it does. Its links name another host than its own: whoever followed
them as they are would be lost.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.connectors.connectwise.conditions import Row, filtered
from tests.connectors.connectwise.world import (
    ALEX,
    BOARD,
    CASEY,
    CLIENT,
    COMPANY,
    KEY,
    KEY_URL,
    PRIVATE,
    PUBLIC,
    STATUSES,
    set_up,
    status_of,
)

from beforehand.connectors.contract import Hook


class Call(NamedTuple):
    """A call as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


class Mood(NamedTuple):
    """Instead of its answer: a status, a body of any kind, headers, and whether it breaks off in the middle."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False


def when(text: str) -> datetime:
    """09:20 on the second of March 2026, or `03 09:10` on another day."""
    day, _, time = text.rpartition(" ")
    return datetime.fromisoformat(f"2026-03-{day or '02'}T{time}:00+00:00")


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Tenant:
    """`now` is its own clock. `moods` are used up one call each, by the end of a path; `forbidden`: starts of paths
    that the role lacks. `meanwhile` is called before each answer. `writes`: what becomes of the next calls that write:
    500 (nothing is taken), lose or "taken, 500" (it is, and not said so).
    """

    def __init__(self) -> None:
        self.url, self.now, self.codebase = "", when("02 09:00"), "v2025_1/"
        self.lists: dict[str, list[Row]] = set_up()
        self.calls: list[Call] = []
        self.moods: dict[str, list[Mood]] = {}
        self.forbidden: set[str] = set()
        self.meanwhile: Callable[[Call], None] = lambda _call: None
        self.honours_forward = self.links = True
        self.writes: list[str] = []
        self._number = 7000

    # What happens to tickets

    def open(self, number: int, at: str, **more: Any) -> Row:
        """The client writes, and a ticket is made of it."""
        moment = when(at)
        ticket: Row = {
            "id": number, "summary": f"Matter {number}", "recordType": "ServiceTicket", "board": BOARD,
            "status": status_of("New"), "company": {"id": 300, "identifier": "ACME", "name": "Acme Ltd"},
            "site": {"id": 301, "name": "Main"}, "contact": CASEY, "contactName": "Casey Client",
            "type": {"id": 11, "name": "Incident"}, "priority": {"id": 4, "name": "Priority 2"},
            "source": {"id": 2, "name": "Email Connector"}, "agreement": {"id": 900, "name": "Gold"},
            "sla": {"id": 7, "name": "Gold SLA"}, "slaStatus": "Respond by Mon 03/02 10:00 AM UTC+00",
            "isInSla": True, "closedFlag": False, "customFields": [
                {"id": 1, "caption": "Our deadline", "type": "Text", "entryMethod": "EntryField", "value": None},
                {"id": 2, "caption": "Risk", "type": "Number", "entryMethod": "EntryField", "value": 3.0},
            ], "somethingNew": {"nobody": "knows"},
            "_info": {"dateEntered": iso(moment), "enteredBy": "EmailConnector", "lastUpdated": iso(moment)},
            **more,
        }  # fmt: skip
        self.lists["service/tickets"].append(ticket)
        self.audit(number, at, f"Ticket {number} has been created.", "EmailConnector", "Created")
        self.note(number, at, "It does not work.", contact=CASEY, issueFlag=True)
        return ticket

    def ticket(self, number: int) -> Row:
        return next(row for row in self.lists["service/tickets"] if row["id"] == number)

    def save(self, number: int, at: str, **more: Any) -> Row:
        ticket = self.ticket(number)
        ticket.update(more)
        ticket["_info"] = {**ticket["_info"], "lastUpdated": iso(when(at))}
        self.now = max(self.now, when(at))
        return ticket

    def status(self, number: int, name: str, at: str, by: str = "asmith", said: str = "") -> None:
        was = self.ticket(number)["status"]["name"]
        text = said or f'Status has been updated from "{was}" to "{name}".'
        self.audit(number, at, text, by, "Status")
        closed = STATUSES[name][2]
        self.save(
            number,
            at,
            status=status_of(name),
            closedFlag=closed,
            closedDate=iso(when(at)) if closed else None,
        )

    def own(self, number: int, at: str, by: str = "asmith") -> None:
        self.audit(number, at, 'Ticket owner has been set to "Alex Smith".', by, "Owner")
        self.save(number, at, owner=ALEX)

    def note(self, number: int, at: str, text: str, **more: Any) -> int:
        """A note that the client sees, unless `more` says otherwise."""
        self._number += 1
        row = {
            "id": self._number, "ticketId": number, "text": text, "detailDescriptionFlag": True,
            "internalAnalysisFlag": False, "resolutionFlag": False, "dateCreated": iso(when(at)),
            "_info": {"lastUpdated": iso(when(at))}, **more,
        }  # fmt: skip
        self.lists.setdefault(f"service/tickets/{number}/notes", []).append(row)
        self.save(number, at)
        return self._number

    def audit(self, number: int, at: str, text: str, by: str, kind: str) -> None:
        row = {
            "text": text, "enteredDate": iso(when(at)), "enteredBy": by, "auditType": "Ticket",
            "auditSubType": kind, "auditSource": "API",
        }  # fmt: skip
        self.lists.setdefault(f"audit {number}", []).append(row)

    def time(self, number: int, start: str, end: str, **more: Any) -> None:
        self._number += 1
        self.lists["time/entries"].append(
            {
                "id": self._number, "chargeToId": number, "chargeToType": "ServiceTicket", "member": ALEX,
                "timeStart": iso(when(start)), "timeEnd": iso(when(end)), "notes": "Looked at it.",
                "addToDetailDescriptionFlag": False, "workType": {"id": 1, "name": "Remote"}, **more,
            }
        )  # fmt: skip
        self.save(number, end)

    def delete(self, number: int) -> None:
        tickets = self.lists["service/tickets"]
        self.lists["service/tickets"] = [row for row in tickets if row["id"] != number]

    # What is asked

    def asked(self, end: str) -> list[Call]:
        """The calls of a path, by its end."""
        return [call for call in self.calls if call.path.endswith(end)]

    def answer(self, call: Call) -> Mood:
        self.calls.append(call)
        self.meanwhile(call)
        for end, moods in self.moods.items():
            if call.path.endswith(end) and moods:
                return moods.pop(0)
        if call.path == f"/login/companyinfo/{COMPANY}":
            return _said({"CompanyName": "Northwind", "Codebase": self.codebase, "CompanyID": COMPANY})
        if call.path.startswith("/login/companyinfo/"):
            return _said(None)
        if call.path == "/key":
            return _said({"signing_key": KEY})
        base = f"/{self.codebase}apis/3.0/"
        if not call.path.startswith(base):
            return Mood(404, b"<html>no such page</html>", (("Content-Type", "text/html"),))
        mood = self.writes.pop(0) if self.writes and call.method != "GET" else ""
        if mood == "500":
            return Mood(500, b'{"message": "no"}')
        answer = self._api(call, call.path.removeprefix(base))
        if mood == "taken, 500":
            return Mood(500, b'{"message": "no"}')
        return answer._replace(cut=True) if mood == "lose" else answer

    def _api(self, call: Call, path: str) -> Mood:
        pair = base64.b64encode(f"{COMPANY}+{PUBLIC}:{PRIVATE}".encode()).decode()
        headers = call.headers
        if headers.get("authorization") != f"Basic {pair}" or headers.get("clientid") != CLIENT:
            return _said({"code": "Unauthorized", "message": "Unauthorized"}, 401)
        if any(path.startswith(start) for start in self.forbidden):
            return _said({"code": "SecurityPermission", "message": "no"}, 403)
        if call.method == "POST":
            self._number += 1
            row = {"id": self._number, **{name: value for name, value in call.body.items() if name != "id"}}
            self.lists.setdefault(path, []).append(row)
            return _said(row, 201)
        if call.method == "PATCH":
            return self._patch(call, path)
        if call.method == "DELETE":
            start, _, number = path.rpartition("/")
            self.lists[start] = [row for row in self.lists[start] if row["id"] != int(number)]
            return Mood(204, b"")
        return self._get(call, path)

    def _patch(self, call: Call, path: str) -> Mood:
        start, _, number = path.rpartition("/")
        row = next(row for row in self.lists[start] if row["id"] == int(number))
        for one in call.body:
            if one["path"] == "customFields":
                fresh = {field["id"]: field for field in one["value"]}
                row["customFields"] = [fresh.get(field["id"], field) for field in row["customFields"]]
            else:
                row[one["path"]] = one["value"]
        return _said(row)

    def _get(self, call: Call, path: str) -> Mood:
        if path == "system/info":
            return _said({"version": "v2025.1", "serverTimeZone": "Eastern Standard Time"})
        if path.endswith("/count"):
            rows = filtered(self.lists[path.removesuffix("/count")], call.query)
            return _said({"count": len(rows)})
        single = re.fullmatch(r"(service/tickets)/(\d+)", path)
        if single:
            found = [row for row in self.lists[single[1]] if row["id"] == int(single[2])]
            return _said(found[0]) if found else _said({"code": "NotFound", "message": "gone"}, 404)
        if path == "system/audittrail":
            return self._page(call, self.lists.get(f"audit {call.query['id']}", []))
        rows = self.lists.get(path, [])
        return self._page(call, filtered(rows, call.query))

    def _page(self, call: Call, rows: list[Row]) -> Mood:
        size = min(int(call.query.get("pageSize", 25)), 1000)
        forward = call.headers.get("pagination-type") == "forward-only" and self.honours_forward
        if forward:
            rows = [row for row in sorted(rows, key=_id) if _id(row) > int(call.query.get("pageId", 0))]
            some, more = rows[:size], len(rows) > size
            turn = {"pageId": str(_id(some[-1]))} if more else {}
        else:
            if call.query.get("orderBy", "").startswith("id"):
                rows = sorted(rows, key=_id, reverse=call.query["orderBy"].endswith(" desc"))
            page = int(call.query.get("page", 1))
            some, more = rows[(page - 1) * size : page * size], len(rows) > page * size
            turn = {"page": str(page + 1)} if more else {}
        link = f'<https://elsewhere.test/api?{urlencode({**call.query, **turn})}>; rel="next"'
        return _said(some)._replace(headers=(("Link", link),) if more and self.links else ())

    # What it says by itself

    def hook(self, number: int, key: str = KEY, url: str = KEY_URL, **more: Any) -> Hook:
        """A callback of a ticket, signed."""
        self._number += 1
        body = json.dumps(
            {
                "MessageId": f"m-{self._number}", "CompanyId": COMPANY, "Action": "updated", "Type": "ticket",
                "ID": number, "Entity": json.dumps({"id": number}), "Metadata": {"key_url": url}, **more,
            }
        ).encode()  # fmt: skip
        digest = hmac.digest(hashlib.sha256(key.encode()).digest(), body, "sha256")
        return Hook({"x-content-signature": base64.b64encode(digest).decode()}, body, {})


def _id(row: Row) -> int:
    return int(row["id"])


def _said(what: Any, status: int = 200) -> Mood:
    return Mood(status, json.dumps(what).encode())
