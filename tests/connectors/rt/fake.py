"""RT's REST2 as far as we ask it, over HTTP: with queries, pages that leave things out, and every kind of bad answer."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "1-29-0123456789abcdef"
PEOPLE = {
    "6": ("Nobody", "", "0"), "1": ("RT_System", "", "0"), "27": ("agent1", "Ada Ferrant", "1"),
    "28": ("agent2", "", "1"), "31": ("alice@contoso.test", "", "0"), "32": ("bob@contoso.test", "Bob Lang", "0"),
}  # fmt: skip
LOGINS = {login: id_ for id_, (login, _, _) in PEOPLE.items()}
UNSET = "1970-01-01T00:00:00Z"


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Rt:
    """What there is in it. `before` sees each call, and may answer it in its place: (status, headers, body)."""

    def __init__(self) -> None:
        self.queues = {"3": "Support", "4": "Network"}
        self.people = dict(PEOPLE)
        self.logins = dict(LOGINS)
        self.tickets: dict[int, dict[str, Any]] = {}
        self.rows: list[dict[str, Any]] = []
        self.parts: list[dict[str, Any]] = []
        self.hidden: set[int] = set()
        self.sees_all = False
        self.calls: list[str] = []
        self.before: Callable[[str], tuple[int, dict[str, str], bytes] | None] = lambda _path: None
        self.url = ""
        self._lock = threading.Lock()

    def create(self, at: datetime, who: str = "alice@contoso.test", **more: Any) -> int:
        id_ = max(self.tickets, default=0) + 1
        self.tickets[id_] = {
            "id": str(id_), "Subject": f"t{id_}", "Status": "new", "SLA": "P2", "Created": iso(at), "Starts": UNSET,
            "Started": UNSET, "Due": UNSET, "Resolved": UNSET, "Told": UNSET, "LastUpdated": iso(at),
            "Owner": "Nobody", "Requestor": ["alice@contoso.test"], "Priority": "0", "Queue": "3", "Type": "ticket",
            "Effective": id_, "Creator": who, **more,
        }  # fmt: skip
        self.add(id_, at, "Create", who)
        return id_

    def add(
        self, ticket: int, at: datetime, type_: str, who: str, field: str = "", old: str = "", new: str = ""
    ) -> int:
        id_ = self.rows[-1]["id"] + 1 if self.rows else 41
        self.rows.append(
            {
                "id": id_, "Type": type_, "Field": field, "OldValue": old, "NewValue": new, "Created": iso(at),
                "Creator": who, "ObjectId": ticket,
            }
        )  # fmt: skip
        self.tickets[ticket]["LastUpdated"] = iso(at)
        return id_

    def set(self, ticket: int, at: datetime, field: str, value: str, who: str = "agent1") -> int:
        old = self.tickets[ticket][field]
        self.tickets[ticket][field] = value
        if field == "Owner":
            old, value = self.logins[old], self.logins[value]
        return self.add(ticket, at, "Status" if field == "Status" else "Set", who, field, old, value)

    def say(
        self, ticket: int, at: datetime, text: str, who: str = "agent1", type_: str = "Correspond"
    ) -> int:
        id_ = self.add(ticket, at, type_, who)
        for kind, words in (("text/html", f"<p>{text}</p>"), ("text/plain", text)):
            self.parts.append(
                {"id": len(self.parts) + 1, "TransactionId": str(id_), "ContentType": kind, "Content": words}
            )
        return id_

    def merge(self, ticket: int, into: int, at: datetime) -> None:
        self.tickets[ticket]["Effective"] = into
        self.add(ticket, at, "AddLink", "agent1", "MergedInto", "", f"fsck.com-rt://x/ticket/{into}")
        self.add(
            into, at, "AddLink", "agent1", "MergedInto", "", f"fsck.com-rt://x/ticket/{into}"
        )  # as RT does

    def answer(self, method: str, url: str, token: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(url)
        path = parts.path.removeprefix("/REST/2.0/")
        with self._lock:
            self.calls.append(path)
            instead = self.before(path)
            if instead is not None:
                return instead
            if token != f"token {TOKEN}":
                return 401, {}, b'{"message":"Unauthorized"}'
            status, said = self._answer(path, {k: v[0] for k, v in parse_qs(parts.query).items()}, body)
        return status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(said).encode()

    def _answer(self, path: str, asked: dict[str, str], body: bytes) -> tuple[int, Any]:
        kind, _, id_ = path.partition("/")
        if kind == "tickets":
            rows = [
                self._shown(t)
                for i, t in self.tickets.items()
                if t["Effective"] == i and t["Status"] != "deleted"
            ]
            return self._page([r for r in rows if _fits(r, asked["query"])], asked)
        if kind == "transactions":
            rows = [dict(r, ObjectType="RT::Ticket") for r in self.rows]
            for r in rows:
                r["TicketQueue"] = self.queues[self.tickets[r["ObjectId"]]["Queue"]]
            return self._page([r for r in rows if _fits(r, asked["query"])], asked)
        if kind == "attachments":
            wanted = json.loads(body)[0]["value"]
            return self._page([p for p in self.parts if p["TransactionId"] in wanted], asked)
        if kind == "queues":
            items = [
                {"id": i, "Name": n, "Lifecycle": "default", "SLADisabled": "0"}
                for i, n in self.queues.items()
            ]
            return self._page(items, asked)
        if kind == "user":
            number = self.logins.get(id_, id_)
            if number not in self.people:
                return 404, {"message": "Not Found"}
            login, real, privileged = self.people[number]
            return 200, {
                "id": int(number),
                "Name": login,
                "RealName": real or None,
                "Privileged": int(privileged),
            }
        if kind == "ticket" and int(id_) in self.tickets:
            return 200, self._shown(self.tickets[self.tickets[int(id_)]["Effective"]])
        return 404, {"message": "Not Found"}

    def _shown(self, ticket: dict[str, Any]) -> dict[str, Any]:
        queue = ticket["Queue"]
        return {
            **ticket, "Queue": {"id": queue, "Name": self.queues[queue]}, "Owner": {"id": ticket["Owner"]},
            "Creator": {"id": ticket["Creator"]},
            "Requestor": [{"id": login, "EmailAddress": login} for login in ticket["Requestor"]],
        }  # fmt: skip

    def _page(self, rows: list[dict[str, Any]], asked: dict[str, str]) -> tuple[int, Any]:
        rows = sorted(rows, key=lambda row: int(row["id"]), reverse=asked.get("order") == "DESC")
        size, number = min(int(asked.get("per_page", "20")), 100), int(asked.get("page", "1"))
        items = [
            {**row, "id": str(row["id"])}
            for row in rows[size * (number - 1) : size * number]
            if row["id"] not in self.hidden
        ]
        for item in items:
            if isinstance(item.get("Creator"), str):
                item["Creator"] = {"id": item["Creator"], "type": "user"}
            if "ObjectId" in item:
                item["ObjectId"] = str(item["ObjectId"])
        total = len(rows) if self.sees_all else None
        more = {"next_page": "there"} if self.sees_all and size * number < len(rows) else {}
        return 200, {
            "items": items,
            "count": len(items),
            "total": total,
            "pages": None,
            "per_page": size,
            **more,
        }


def _fits(row: dict[str, Any], query: str) -> bool:
    """Whether a row is what a query wants: conditions, AND, OR and brackets."""
    tokens = re.findall(r"'(?:\\.|[^'\\])*'|\(|\)|<=|>=|!=|[<>=]|[\w.:-]+", query)

    def one() -> bool:
        if tokens[0] == "(":
            tokens.pop(0)
            found = some()
            assert tokens.pop(0) == ")"
            return found
        name, sign, value = tokens.pop(0), tokens.pop(0), tokens.pop(0)
        here = row.get(name, "")
        here = here["Name"] if isinstance(here, dict) else here
        there = re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == "'" else value
        a, b = (int(here), int(there)) if there.isdecimal() else (str(here), there)
        return {"=": a == b, "!=": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[sign]

    def some() -> bool:
        found = one()
        while tokens and tokens[0] in ("AND", "OR"):
            word, other = tokens.pop(0), one()
            found = (found and other) if word == "AND" else (found or other)
        return found

    found = some()
    assert not tokens, query
    return found


@contextmanager
def serving(rt: Rt) -> Iterator[Rt]:
    """RT on a port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, said = rt.answer(
                self.command, self.path, self.headers.get("Authorization", ""), body
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)
            if "Content-Length" in headers:
                self.close_connection = True

        do_GET = do_POST = _do  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    rt.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield rt
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
