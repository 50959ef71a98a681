"""An Autotask that speaks HTTP, as its documents and those who use it say: its clock, rows and faults are the test's."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

USER, SECRET, CODE = "api@northwind.test", "s3cret-of-the-user", "TRACKINGCODE"
AT_ONCE = 3
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
_OPS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "noteq": lambda a, b: a != b,
    "gte": lambda a, b: a is not None and a >= b,
    "lt": lambda a, b: a is not None and a < b,
    "in": lambda a, b: a in b,
    "exist": lambda a, _: a is not None,
}
Row = dict[str, Any]


class Autotask:
    """`rows` by entity. `clock` is its own. `refuses`: entities that this key may not read; `lame`: those that have an
    error of their own; `spoils`: what the next answers are turned into (html, cut, gone).
    """

    def __init__(self) -> None:
        self.url, self.zone, self.page, self.slow = "", 5, 500, 0.0
        self.clock: Callable[[], datetime] = lambda: datetime(2026, 3, 10, 9, tzinfo=UTC)
        self.rows: dict[str, list[Row]] = {
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
            row[field] = (ALEX if value else None) if name == "owner" else PICKS[field][value]
            said.append(f"{label}: changed from {_label(field, old)} to {_label(field, row[field])}")
        if "status" in names:
            done = names["status"] == "Complete"
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

    def answer(self, path: str, method: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        """What is said to a call."""
        said = urlsplit(path)
        if said.path.endswith("/V1.0/ZoneInformation"):
            if parse_qs(said.query).get("user") != [USER]:
                return 500, _error("Zone information could not be found.")
            url = f"{self.url}/zone{self.zone}/ATServicesRest/"
            return 200, {"zoneName": "Test", "url": url, "webUrl": "https://ww5.autotask.net/", "ci": 1}
        base = f"/zone{self.zone}/ATServicesRest/V1.0/"
        sent = (headers.get("ApiIntegrationCode"), headers.get("UserName"), headers.get("Secret"))
        if not said.path.startswith(base) or sent != (CODE, USER, SECRET):
            return 401, _error("Unauthorized")
        rest = said.path.removeprefix(base)
        entity = rest.partition("/")[0]
        with self.lock:
            self.seen.append((method, rest, body))
            if self.used() >= self.threshold:
                self.refused += 1
                return 429, _error("The request threshold has been exceeded.")
            self.calls.append(self.clock())
        if entity in self.lame or "everything" in self.lame:
            return 500, _error("An unexpected error has occurred.")
        if entity in self.refuses:
            return 500, _error("You do not have permission to view this entity.")
        return self._routed(rest, entity, method, body, said.query)

    def _routed(self, rest: str, entity: str, method: str, body: Any, query: str) -> tuple[int, Any]:
        asks = rest.removeprefix(f"{entity}/") if method == "POST" else ""
        if rest == "ThresholdInformation":
            return 200, {
                "externalRequestThreshold": self.threshold, "requestThresholdTimeframe": 60,
                "currentTimeframeRequestCount": self.used(),
            }  # fmt: skip
        if rest.endswith("/entityInformation/fields"):
            return 200, {"fields": _fields(entity)}
        if asks == "query/count":
            return 200, {"queryCount": len(self._found(entity, body))}
        if asks in ("query", "query/next"):
            one = [(part["op"], part["field"]) for part in body["filter"]]
            if entity == "TicketHistory" and one != [("eq", "ticketID")]:
                return 500, _error("TicketHistory takes one filter, on ticketID.")
            return self._paged(entity, body, query)
        return self._written(rest, method, body)

    def _written(self, rest: str, method: str, body: Any) -> tuple[int, Any]:
        id_ = body["id"] if rest == "Tickets" else body.get("ticketID")
        if not any(row["id"] == id_ for row in self.rows["Tickets"]):
            return 500, _error("No such ticket.")
        if method == "POST" and rest == f"Tickets/{id_}/Notes":
            return 200, {
                "itemId": self.note(id_, self.clock(), body["description"], ROBOT, publish=body["publish"])
            }
        if method == "PATCH" and rest == "Tickets":
            self.ticket(id_).update(
                userDefinedFields=body["userDefinedFields"], lastActivityDate=iso(self.clock())
            )
            return 200, {"itemId": id_}
        return 404, _error("Not found")

    def _paged(self, entity: str, body: Any, query: str) -> tuple[int, Any]:
        mark = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:12]
        after = -1
        if query:
            paging = json.loads(parse_qs(query)["paging"][0])
            if paging["of"] != mark:
                return 500, _error("The body is another than that of the first page.")
            after = paging["nextId"]
        rows = [row for row in self._found(entity, body) if row["id"] > after]
        page, more = rows[: self.page], len(rows) > self.page
        paging = (
            {
                "pageSize": self.page,
                "nextId": page[0]["id"] - 1 if self.circles else page[-1]["id"],
                "of": mark,
            }
            if page
            else {}
        )
        # The vendor writes the address of a host of its own.
        next_ = f"https://webservices5.autotask.net/atservicesrest/v1.0/{entity}/query/next?paging={quote(json.dumps(paging))}"
        details = {
            "count": len(page),
            "requestCount": 500,
            "prevPageUrl": None,
            "nextPageUrl": next_ if more else None,
        }
        return 200, {"items": page, "pageDetails": details}

    def _found(self, entity: str, body: Any) -> list[Row]:
        rows = [row for row in self.rows.get(entity, []) if all(_fits(row, one) for one in body["filter"])]
        return sorted(rows, key=lambda row: row["id"])

    def _next(self) -> int:
        self._ids += 1
        return self._ids


_FIELDS = {"queue": ("queueID", "Queue"), "owner": ("assignedResourceID", "Primary Resource")}


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _fields(entity: str) -> list[Row]:
    picks = {"noteType": {"Task Notes": 1, "Workflow Rule Note": 13}} if entity == "TicketNotes" else PICKS
    return [
        {
            "name": name,
            "picklistValues": [
                {"value": str(id_), "label": label, "isActive": True, "isSystem": id_ in (1, 5)}
                for label, id_ in values.items()
            ],
        }
        for name, values in picks.items()
    ]


def _fits(row: Row, one: Row) -> bool:
    value, wanted = row.get(one["field"]), one.get("value")
    if isinstance(value, str) and isinstance(wanted, str) and wanted.endswith("Z"):
        return _OPS[one["op"]](datetime.fromisoformat(value), datetime.fromisoformat(wanted))
    return _OPS[one["op"]](value, wanted)


def _label(field: str, value: Any) -> str:
    if value is None:
        return "(none)"
    if field == "assignedResourceID":
        return "Smith, Alex"
    return next(label for label, id_ in PICKS[field].items() if id_ == value)


def _error(said: str) -> dict[str, list[str]]:
    return {"errors": [said]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    autotask: Autotask

    def _take(self) -> None:
        at = self.autotask
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        entity = self.path.partition("/V1.0/")[2].partition("?")[0].partition("/")[0]
        with at.lock:
            inside = at.inside[entity] = at.inside.get(entity, 0) + 1
            at.most_inside[entity] = max(inside, at.most_inside.get(entity, 0))
        time.sleep(at.slow)
        if inside > AT_ONCE and entity != "ZoneInformation":
            status, said = 500, _error("Itgenatr005: the thread threshold of this endpoint was exceeded.")
        else:
            status, said = at.answer(self.path, self.command, self.headers, json.loads(raw) if raw else None)
        with at.lock:
            at.inside[entity] -= 1
        spoilt = at.spoils.pop(0) if at.spoils and entity != "ZoneInformation" else ""
        self._send(status, json.dumps(said).encode(), spoilt)

    def _send(self, status: int, body: bytes, spoilt: str) -> None:
        self.close_connection = spoilt in ("gone", "cut")
        if spoilt == "gone":
            return
        if spoilt == "html":
            body = b"<html>Scheduled maintenance</html>"
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if spoilt == "html" else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if spoilt == "cut" else body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.autotask.clock().astimezone(UTC), usegmt=True)

    do_GET = do_POST = do_PATCH = _take  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Nothing: what came is in `seen`."""


@contextmanager
def serving(autotask: Autotask) -> Iterator[Autotask]:
    """Listening on a port of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"autotask": autotask}))
    server.daemon_threads = True
    autotask.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield autotask
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
