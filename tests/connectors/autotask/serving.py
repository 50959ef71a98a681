"""The server of a fake Autotask: what it answers, in its vendor's shapes, and what goes wrong on the way."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from tests.connectors.autotask.fake import CODE, ROBOT, SECRET, USER, Autotask, Row, iso

from beforehand.connectors.autotask import memory

AT_ONCE = 3
_OPS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "noteq": lambda a, b: a != b,
    "gte": lambda a, b: a is not None and a >= b,
    "lt": lambda a, b: a is not None and a < b,
    "in": lambda a, b: a in b,
    "exist": lambda a, _: a is not None,
}


def answer(at: Autotask, path: str, method: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
    """What is said to a call."""
    said = urlsplit(path)
    if said.path.endswith("/V1.0/ZoneInformation"):
        if parse_qs(said.query).get("user") != [USER]:
            return 500, _error("Zone information could not be found.")
        url = f"{at.url}/zone{at.zone}/ATServicesRest/"
        return 200, {"zoneName": "Test", "url": url, "webUrl": "https://ww5.autotask.net/", "ci": 1}
    base = f"/zone{at.zone}/ATServicesRest/V1.0/"
    sent = (headers.get("ApiIntegrationCode"), headers.get("UserName"), headers.get("Secret"))
    if not said.path.startswith(base) or sent != (CODE, USER, SECRET):
        return 401, _error("Unauthorized")
    rest = said.path.removeprefix(base)
    entity = rest.partition("/")[0]
    with at.lock:
        at.seen.append((method, rest, body))
        if at.used() >= at.threshold:
            at.refused += 1
            return 429, _error("The request threshold has been exceeded.")
        at.calls.append(at.clock())
    if entity in at.lame or "everything" in at.lame:
        return 500, _error("An unexpected error has occurred.")
    if entity in at.refuses:
        return 500, _error("You do not have permission to view this entity.")
    return _routed(at, rest, entity, method, body, said.query)


def _routed(at: Autotask, rest: str, entity: str, method: str, body: Any, query: str) -> tuple[int, Any]:
    asks = rest.removeprefix(f"{entity}/") if method == "POST" else ""
    if rest == "ThresholdInformation":
        return 200, {
            "externalRequestThreshold": at.threshold, "requestThresholdTimeframe": 60,
            "currentTimeframeRequestCount": at.used(),
        }  # fmt: skip
    if rest.endswith("/entityInformation/fields"):
        return 200, {"fields": _fields(at, entity)}
    if rest.endswith("/entityInformation/userDefinedFields"):
        return 200, {"fields": at.fields}
    if rest.endswith("/entityInformation"):
        whose = {
            f"userAccessFor{what}": at.access.get((entity, what), "All") for what in ("Create", "Update")
        }
        return 200, {"info": {"name": entity, "canCreate": True, "canUpdate": True, **whose}}
    if asks == "query/count":
        return 200, {"queryCount": len(_found(at, entity, body))}
    if asks in ("query", "query/next"):
        one = [(part["op"], part["field"]) for part in body["filter"]]
        if entity == "TicketHistory" and one != [("eq", "ticketID")]:
            return 500, _error("TicketHistory takes one filter, on ticketID.")
        return _paged(at, entity, body, query)
    return _written(at, rest, method, body)


def _written(at: Autotask, rest: str, method: str, body: Any) -> tuple[int, Any]:
    mood = at.writes.pop(0) if at.writes else ""
    if mood == "500":
        return 500, _error("An unexpected error has occurred.")
    said = _write(at, rest, method, body)
    if mood == "lose":
        at.spoils.insert(0, "cut")
    return (500, _error("An unexpected error has occurred.")) if mood == "taken, 500" else said


def _write(at: Autotask, rest: str, method: str, body: Any) -> tuple[int, Any]:
    id_ = body["id"] if rest == "Tickets" else body.get("ticketID")
    if not any(row["id"] == id_ for row in at.rows["Tickets"]):
        return 500, _error("No such ticket.")
    if method == "POST" and rest == f"Tickets/{id_}/Notes":
        return 200, {"itemId": at.note(id_, at.clock(), body["description"], ROBOT, publish=body["publish"])}
    if method == "PATCH" and rest == "Tickets":
        at.ticket(id_).update(userDefinedFields=body["userDefinedFields"], lastActivityDate=iso(at.clock()))
        return 200, {"itemId": id_}
    return 404, _error("Not found")


def _paged(at: Autotask, entity: str, body: Any, query: str) -> tuple[int, Any]:
    mark = sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:12]
    after = -1
    if query:
        paging = json.loads(parse_qs(query)["paging"][0])
        if paging["of"] != mark:
            return 500, _error("The body is another than that of the first page.")
        after = paging["nextId"]
    rows = [row for row in _found(at, entity, body) if row["id"] > after]
    page, more = rows[: at.page], len(rows) > at.page
    paging = (
        {
            "pageSize": at.page,
            "nextId": page[0]["id"] - 1 if at.circles else page[-1]["id"],
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


def _found(at: Autotask, entity: str, body: Any) -> list[Row]:
    rows = [row for row in at.rows.get(entity, []) if all(_fits(row, one) for one in body["filter"])]
    return sorted(rows, key=lambda row: row["id"])


def _fields(at: Autotask, entity: str) -> list[Row]:
    own = {
        "TicketNotes": {"noteType": {"Task Notes": 1, "Workflow Rule Note": 13}},
        "Contracts": {"status": at.contract_states},
    }
    picks = own.get(entity, at.picks)
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


def _error(said: str) -> dict[str, list[str]]:
    return {"errors": [said]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
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
            status, said = answer(at, self.path, self.command, self.headers, json.loads(raw) if raw else None)
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
    """Listening on a port of its own; whatever was kept of one before it, whose port may be the same, is forgotten."""
    memory._memories.clear()
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
