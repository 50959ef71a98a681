"""A ticket system that is no real one: a small server that speaks HTTP, and the connector that reads it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from beforehand.connectors import registry
from beforehand.connectors.contract import (
    Connector,
    Forged,
    Hook,
    Nudge,
    Page,
    Right,
    Setting,
    SetUp,
    Tells,
    Told,
    Word,
    at_creation,
)
from beforehand.connectors.line import Line
from beforehand.connectors.trouble import Forbidden
from beforehand.engine import history as h
from beforehand.engine.codes import BY_CLIENT
from beforehand.engine.instants import HOUR, SECOND, to_instant
from beforehand.tickets.events import TicketEvent

KEY = "tulips-are-red-and-this-is-secret"
HOW = "In Admin, Rights, tick it for the key's user."


class Toy:
    """What the ticket system holds; a test changes it as it goes. `refused`: paths that the key may not read."""

    def __init__(self) -> None:
        self.tickets: dict[str, dict[str, Any]] = {}
        self.words: list[Word] = []
        self.missing: list[str] = []
        self.refused: set[str] = set()
        self.key = KEY
        self.calls: list[str] = []
        self.url = ""

    def add(self, id_: str, created: datetime, **fields: str) -> None:
        """A ticket that was created with these fields, which it has had since."""
        self.tickets[id_] = {"created": to_instant(created), "updated": to_instant(created), "fields": fields}

    def change(self, id_: str, at: datetime, **fields: str) -> None:
        """A ticket's fields become others."""
        self.tickets[id_]["updated"] = to_instant(at)
        self.tickets[id_]["fields"] |= fields

    def answer(self, path: str, query: Mapping[str, list[str]], key: str) -> tuple[int, Any]:
        """The status and what is said."""
        self.calls.append(path)
        if key != self.key:
            return 401, {"error": f"no such key: {key}"}
        if path in self.refused:
            return 403, {}
        if path == "/setup":
            return 200, {"words": [word._asdict() for word in self.words], "missing": self.missing}
        ids = query.get("id") or list(self.tickets)
        return 200, [{"id": one, **self.tickets[one]} for one in ids if one in self.tickets]


@contextmanager
def toy() -> Iterator[Toy]:
    """A toy that answers on this machine."""
    kept = Toy()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            status, said = kept.answer(asked.path, parse_qs(asked.query), self.headers.get("X-Key", ""))
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class ToyReader:
    """Reads a toy."""

    def __init__(self, settings: Mapping[str, str], line: Line) -> None:
        self._settings, self._line = settings, line

    def _get(self, path: str, **params: str) -> Any:
        headers = {"X-Key": self._settings["key"]}
        return self._line.json("GET", self._settings["url"] + path, headers=headers, params=params)

    def check(self) -> Sequence[Right]:
        found = []
        for path, purpose in (
            ("/tickets", "to read tickets at all"),
            ("/setup", "to propose what statuses mean"),
        ):
            try:
                self._get(path)
            except Forbidden:
                found.append(Right(path[1:], False, purpose, HOW))
            else:
                found.append(Right(path[1:], True, purpose))
        return found

    def set_up(self) -> SetUp:
        said = self._get("/setup")
        return SetUp([Word(**word) for word in said["words"]], (), said["missing"])

    def begin(self) -> str:
        return "begun"

    def changes(self, cursor: str) -> Page:
        return Page([self._told(row) for row in self._get("/tickets")], cursor, False)

    def back(self, _cursor: str, _since: int) -> Page:
        rows = [self._told(row) for row in self._get("/tickets")]
        return Page(rows, "", False, len(rows))

    def read(self, ids: Sequence[str]) -> Sequence[Told]:
        return [self._told(row) for one in ids for row in self._get("/tickets", id=one)]

    def ids_between(self, since: int, until: int) -> Sequence[str]:
        return [row["id"] for row in self._get("/tickets") if since <= row["created"] < until]

    def _told(self, row: Mapping[str, Any]) -> Told:
        born = h.created(row["created"], id="created", flags=BY_CLIENT)
        view = {"dueDate": "2026-03-02T10:00:00Z", "sla": {"name": "Gold", "isMet": True}}
        first = [at_creation(row["id"], row["created"], "number", row["id"])]
        told = [TicketEvent(row["id"], born), *first]
        return Told(row["id"], row["updated"], row["fields"], told, view=view, keys=row.get("keys", {}))


def hear(settings: Mapping[str, str], hook: Hook) -> Nudge:
    """A toy's webhook."""
    if hook.headers.get("x-secret") != settings.get("hook_secret"):
        raise Forged
    return Nudge([hook.body.decode()])


TOY = Connector(
    "toy",
    "Toy Desk",
    (
        Setting("url", "Address", "Where it answers.", "url", "https://toy.example"),
        Setting("key", "API key", "Made in Admin, Keys.", "secret"),
        Setting("region", "Region", "Where it is run.", "choice", required=False, choices=("EU", "US")),
        Setting("pages", "Tickets of a page", "At most 100.", "whole", default="50", required=False),
        Setting("closed", "Closed tickets too", "Those of before.", "flag", required=False),
    ),
    Tells(SECOND),
    ToyReader,
    lambda tickets: 2 * tickets,
    hear,
    limit=(1_000, HOUR),
    share=10,
    docs="guide/source-toy.md",
)


@contextmanager
def registered(kind: Connector = TOY) -> Iterator[Connector]:
    """A connector that is there for a while."""
    registry.register(kind)
    try:
        yield kind
    finally:
        registry.withdraw(kind.slug)


WORDS = [
    Word("status", "1", "New", "Desk", "working", "it is the first status"),
    Word("status", "2", "Awaiting parts", "Desk", "waiting-on-vendor", "its flag NoEscalation is set"),
    Word("status", "3", "Resolved", "Desk"),
    Word("priority", "1", "Priority 1 - Critical", proposed="P1", why="the first of four"),
    Word("priority", "2", "Priority 3 - Medium", proposed="P3"),
    Word("type", "1", "Alert", "Desk", "machine", "its name says so"),
    Word("type", "2", "Incident", "Desk"),
    Word("board", "1", "Desk"),
    Word("client", "77", "Ashcombe Dental Ltd."),
    Word("client", "78", "Brightwater Schools"),
    Word("client", "79", "Nobody Knows Inc"),
    Word("person", "5", "Ada Ferrant", said={"email": "ada@example.com"}),
    Word("person", "6", "Zoe Quill"),
    Word("team", "1", "Service desk"),
]
