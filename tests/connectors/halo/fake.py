"""A HaloPSA of our own over HTTP, with tickets that change, tokens that end, and a temper that a test can give it."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from tests.connectors.halo.tables import Row, set_up

from beforehand.connectors.halo import session

EMPTY = "1900-01-01T00:00:00"


def stamp(at: datetime) -> str:
    """Naive, in UTC, with what Halo leaves of fractions."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return text.rstrip("0") if "." in text else text


class Called(NamedTuple):
    method: str
    path: str
    query: dict[str, str]
    body: Any


class Halo:
    """`now` is its own clock. `moods`: how the next calls are answered, one each: html, cut, 401, 429, 429+, 500,
    refused, absent, quota. `forbidden`: what may not be read. `bare`: lists come without their object. `ignores`:
    parameters it does not know. `on_call`: what happens before each call. `writes`: what becomes of the next calls
    that write: 500 (nothing is taken), lose or "taken, 500" (it is, and not said so). `allows`: the scopes that its
    application may ask for, everything where there is none; `grants`: what it says that a token is good for, what was
    asked for unless it is said.
    """

    def __init__(self, now: datetime) -> None:
        self.now, self.url, self.auth = now, "", ""
        self.tickets: dict[int, Row] = {}
        self.actions: dict[int, list[Row]] = {}
        self.appointments: list[Row] = []
        self.tables: dict[str, list[Row]] = set_up()
        self.calls: list[Called] = []
        self.tokens: dict[str, datetime] = {}
        self.token_life = 3_600.0
        self.secret, self.scope_known = "s3cret", True
        self.allows: set[str] = set()
        self.grants: str | None = None
        self.cap = 100
        self.limit: tuple[int, float] | None = None
        self.window: list[datetime] = []
        self.moods: list[str] = []
        self.writes: list[str] = []
        self.forbidden: set[str] = set()
        self.bare = self.loops = False
        self.ignores: set[str] = set()
        self.on_call: Callable[[Called], None] = lambda _: None

    def open(self, id_: int, at: datetime, subject: str = "Printer offline", **more: Any) -> Row:
        """A ticket that a client's person opens by mail."""
        row = {
            "id": id_, "dateoccurred": stamp(at), "summary": subject, "status_id": 1, "tickettype_id": 1,
            "sla_id": 3, "priority_id": 2, "client_id": 300, "client_name": "Contoso", "site_id": 301.0,
            "site_name": "Main", "user_id": 77, "user_name": "Casey Client", "team": "First Line", "agent_id": 1,
            "onhold": False, "dateclosed": EMPTY, "dateassigned": EMPTY, "responsedate": "1899-12-30T00:00:00",
            "respondbydate": stamp(at + timedelta(hours=1)), "fixbydate": stamp(at + timedelta(hours=8)),
            "excludefromsla": False, "slaholdtime": 0.0, "lastupdate": stamp(at), "hasbeenclosed": False,
            "reportedby": "casey@contoso.test", "merged_into_id": None,
        } | more  # fmt: skip
        self.tickets[id_], self.actions[id_] = row, []
        self.act(id_, at, user=77, note="It is offline.", outcome="First User Email", way="R", status=1)
        return row

    def act(
        self,
        id_: int,
        at: datetime,
        agent: int = 0,
        user: int = 0,
        note: str = "",
        way: str | None = None,
        hidden: bool = False,
        status: int = 0,
        **more: Any,
    ) -> Row:
        """Something that is done to a ticket, with the change of status that goes with it."""
        ticket = self.tickets[id_]
        made = {
            "id": len(self.actions[id_]) + 1, "ticket_id": id_, "datetime": stamp(at), "note": note,
            "actiondatecreated": stamp(at), "who_type": 1 if agent else 0, "who_agentid": agent,
            "actionby_agent_id": agent, "actionby_user_id": user, "emaildirection": way, "hiddenfromuser": hidden,
            "old_status": ticket["status_id"] if status and status != ticket["status_id"] else 0,
            "new_status": status, "timetaken": 0.0,
        } | more  # fmt: skip
        self.actions[id_].append(made)
        self.change(id_, at, **({"status_id": status} if status else {}))
        if made.get("new_agent"):
            self.change(id_, at, agent_id=made["new_agent"], dateassigned=stamp(at))
        if made.get("new_priority"):
            self.change(id_, at, priority_id=made["new_priority"])
        return made

    def change(self, id_: int, at: datetime, **fields: Any) -> None:
        """Fields that change without an action."""
        self.tickets[id_] |= fields | {"lastupdate": stamp(at), "lastactiondate": stamp(at)}

    def asked(self, path: str) -> list[Called]:
        """The calls to a path of the API."""
        return [one for one in self.calls if one.path == f"/api/{path}"]


LISTS = {
    "Tickets": "tickets",
    "Actions": "actions",
    "Client": "clients",
    "Site": "sites",
    "Users": "users",
    "ClientContract": "contracts",
}
Said = tuple[int, Any]


def answer(halo: Halo, call: Called, headers: Any) -> Said:
    """What is said to a call of the API."""
    if call.path == "/api/authinfo":
        return 200, {"auth_url": halo.auth or f"{halo.url}/auth", "tenant_id": "acme"}
    if call.path == "/auth/token":
        return _token(halo, call)
    until = halo.tokens.get(headers.get("Authorization", "").removeprefix("Bearer "))
    if until is None or until <= halo.now:
        return 401, "Unauthorized"
    name, _, id_ = call.path.removeprefix("/api/").partition("/")
    if name in halo.forbidden:
        return 403, {"error": f"You do not have permission to view {name}"}
    if call.method == "POST":
        return _write(halo, name, call.body[0])
    if name == "Tickets":
        return _ticket(halo, int(id_)) if id_ else (200, _tickets(halo, call.query))
    if name == "Actions":
        return 200, _paged(halo, "actions", halo.actions.get(int(call.query["ticket_id"]), []), call.query)
    if name == "Appointment":
        rows = [one for one in halo.appointments if str(one["ticket_id"]) == call.query["ticket_id"]]
        return 200, rows
    if id_:
        found = [one for one in halo.tables[name] if str(one["id"]) == id_]
        more = {"holidays": halo.tables["Holiday"]} if name == "Workday" else {}
        return (200, found[0] | more) if found else (404, "")
    rows = halo.tables[name]
    return 200, _paged(halo, LISTS[name], _meant(rows, call.query), call.query) if name in LISTS else rows


def _meant(rows: Sequence[Row], query: dict[str, str]) -> list[Row]:
    """Those in use, unless others are asked for, that changed since."""
    since = query.get("lastupdatefromdate", "")
    return [
        one
        for one in rows
        if ("includeinactive" in query or not one.get("inactive")) and one.get("changed", "9") >= since
    ]


def _token(halo: Halo, call: Called) -> Said:
    if call.body.get("client_secret") != halo.secret:
        return 400, {"error": "invalid_client"}
    scope = call.body.get("scope", "")
    if not halo.scope_known or (halo.allows and not set(scope.split()) <= halo.allows):
        return 400, {"error": "invalid_scope"}
    token = f"token-{len(halo.calls)}"
    halo.tokens[token] = halo.now + timedelta(seconds=halo.token_life)
    said = {"access_token": token, "token_type": "Bearer", "expires_in": halo.token_life}
    return 200, said | {"scope": scope if halo.grants is None else halo.grants}


def _ticket(halo: Halo, id_: int) -> Said:
    row = halo.tickets.get(id_)
    if row is None:
        return 400, {"ClassName": "System.Exception", "Message": f"Ticket {id_} could not be found"}
    return 200, {"slastate": "I", "sla_start_date": row["dateoccurred"], "contract_id": 900} | row


def _tickets(halo: Halo, asked: dict[str, str]) -> Any:
    query = {name: value for name, value in asked.items() if name not in halo.ignores}
    rows = list(halo.tickets.values())
    if since := query.get("lastupdatefromdate"):
        rows = [one for one in rows if one["lastupdate"] >= since]
    if query.get("datesearch") == "dateoccured":
        rows = [one for one in rows if query["startdate"] <= one["dateoccurred"] <= query["enddate"]]
    rows.sort(key=lambda one: one[query.get("order", "id")], reverse=query.get("orderdesc") == "true")
    return _paged(halo, "tickets", rows, query)


def _paged(halo: Halo, name: str, rows: Sequence[Row], query: dict[str, str]) -> Any:
    size = min(int(query.get("page_size") or query.get("count") or 10**9), halo.cap)
    start = 0 if halo.loops else (int(query.get("page_no", 1)) - 1) * size
    some = list(rows[start : start + size])
    return some if halo.bare else {"record_count": len(rows), name: some}


def _write(halo: Halo, name: str, body: Row) -> Said:
    if name == "Tickets":
        halo.change(int(body["id"]), halo.now, customfields=body["customfields"])
        return 201, halo.tickets[int(body["id"])]
    made = halo.act(int(body["ticket_id"]), halo.now, agent=160, **_written(body))
    return 201, made


def _written(body: Row) -> Row:
    return {
        "note": body["note"],
        "hidden": body["hiddenfromuser"],
        "outcome": body["outcome"],
        "actionby_application_id": "id-of-ours",
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    halo: Halo
    lock: threading.Lock

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length).decode()
        form = "form" in self.headers.get("Content-Type", "")
        parts = urlsplit(self.path)
        body = dict(parse_qsl(raw)) if form else json.loads(raw or "null")
        call = Called(self.command, parts.path, dict(parse_qsl(parts.query)), body)
        with self.lock:
            self.halo.calls.append(call)
            self.halo.on_call(call)
            api = parts.path not in ("/api/authinfo", "/auth/token")
            mood = self.halo.moods.pop(0) if api and self.halo.moods else ""
            if api and self.command == "POST" and self.halo.writes:
                mood = self.halo.writes.pop(0)
            status, said = MOODS[mood] if mood in MOODS else answer(self.halo, call, self.headers)
            if mood == "taken, 500":
                status, said = MOODS["500"]
            mood = "cut" if mood == "lose" else mood
            if api and self._is_over():
                status, said, mood = 429, "Too many requests", "429"
        self._say(status, said, mood)

    do_POST = do_GET  # noqa: N815

    def _is_over(self) -> bool:
        """Whether the window of its limit is full."""
        halo = self.halo
        if halo.limit is None:
            return False
        most, seconds = halo.limit
        halo.window = [at for at in halo.window if halo.now - at < timedelta(seconds=seconds)]
        halo.window.append(halo.now)
        return len(halo.window) > most

    def _say(self, status: int, said: Any, mood: str) -> None:
        raw = b"<html>Sign in</html>" if mood == "html" else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if mood == "html" else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        if mood == "429+":
            self.send_header("Retry-After", "600")
        self.end_headers()
        self.wfile.write(raw[: len(raw) // 2] if mood == "cut" else raw)
        if mood == "cut":
            self.close_connection = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The time by its own clock."""
        return format_datetime(self.halo.now.astimezone(UTC), usegmt=True)

    def log_message(self, *_: object) -> None:
        """Nothing: what came is in `calls`."""


MOODS: dict[str, Said] = {
    "401": (401, "Unauthorized"),
    "429": (429, "Too many requests"),
    "429+": (429, "Too many requests"),
    "500": (500, {"ClassName": "NullReference", "Message": "Object reference not set"}),
    "refused": (400, "The parameter is wrong"),
    "quota": (200, "API call quota exceeded"),
    "html": (200, None),
}


@contextmanager
def halo_at(now: datetime) -> Iterator[Halo]:
    """The server, at a port of this machine; whatever was kept of one before it is forgotten."""
    # Its port may have been another's, and the process would go on with that one's token and names.
    session._kept.clear()
    halo = Halo(now)
    handler = type("Handler", (_Handler,), {"halo": halo, "lock": threading.Lock()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    halo.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield halo
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
