"""Calls to an Autotask: its zone, its pages, its errors, and the calls that all integrations share."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from beforehand.connectors.limits import BUCKETS, SPARED
from beforehand.connectors.line import Line, json_of, trouble_of, without_secrets
from beforehand.connectors.trouble import Down, Forbidden, Limited, Missing, Odd, Unauthorised
from beforehand.engine.instants import MINUTE, to_instant

from .cost import ROWS
from .memory import Threshold, Zone, memory_of
from .names import Item
from .settings import value

CHUNK = 200
"""Ids in one question."""
PAGES = 2_000
"""More pages than any answer has."""
_WATCH_EVERY, _WATCH_CALLS = 5 * MINUTE, 100
_PACES = 6
"""The past is spread over the hour in so many parts."""
_BUSY, _FULL = 0.75, 0.9
"""Parts of the database's calls at which the past waits, and at which everything does: from the first on Autotask
itself is slow for everybody, and at the whole it answers nobody."""


class Client:
    """Speaks with one Autotask. `now`: the time by its own clock at its last answer, in microseconds."""

    def __init__(self, told: Mapping[str, str], line: Line) -> None:
        self._line, self._user = line, told.get("user", "")
        self._server, self._pinned = (_base(url) for url in (value(told, "server"), told.get("zone", "")))
        self._headers = {
            "ApiIntegrationCode": told.get("code", ""),
            "UserName": self._user,
            "Secret": told.get("secret", ""),
            "Accept": "application/json",
        }
        self.memory = memory_of(self._server, self._pinned, self._user)
        self.now: int | None = None
        self._looked = False
        self._leave()

    def zone(self) -> Zone:
        """Where the database is."""
        if self._pinned:
            return Zone(self._pinned, _web_of(self._pinned))
        if self.memory.zone is None:
            self.memory.zone = self._discover()
        return self.memory.zone

    def page(self, entity: str, where: Sequence[Item], following: str = "") -> tuple[list[Item], str]:
        """A page of rows, and what the following one is asked with, "" for none. The body is the same for each."""
        said = self.call("POST", following or f"{entity}/query", {"filter": list(where), "MaxRecords": ROWS})
        details = _dict(said.get("pageDetails"))
        return _rows(said, "items", entity), _path_of(details.get("nextPageUrl"))

    def query(self, entity: str, where: Sequence[Item]) -> Iterator[Item]:
        """All rows."""
        following, met = "", {""}
        for _ in range(PAGES):
            rows, following = self.page(entity, where, following)
            yield from rows
            if not following:
                return
            if following in met:
                break
            met.add(following)
        raise Odd(f"the pages of {entity} have no end")

    def of(self, entity: str, name: str, ids: Sequence[int], *more: Item) -> Iterator[Item]:
        """All rows in which a field is one of these ids."""
        for start in range(0, len(ids), CHUNK):
            yield from self.query(entity, [one_of(name, ids[start : start + CHUNK]), *more])

    def count(self, entity: str, where: Sequence[Item]) -> int:
        """How many rows there are."""
        said = self.call("POST", f"{entity}/query/count", {"filter": list(where)}).get("queryCount")
        if not isinstance(said, int):
            raise Odd(f"it does not say how many {entity} there are")
        return said

    def fields(self, entity: str) -> list[Item]:
        """The fields of an entity with their picklists."""
        return _rows(self.call("GET", f"{entity}/entityInformation/fields"), "fields", entity)

    def look(self) -> Threshold:
        """How much of the calls of all integrations is used; of none where this key may not know."""
        self._looked = True
        try:
            said = _object(self._send("GET", "ThresholdInformation", None))
        except (Missing, Forbidden):
            said = {}
        most, used = said.get("externalRequestThreshold"), said.get("currentTimeframeRequestCount")
        seen = Threshold(self.now or 0, 0, 0)
        if isinstance(most, int) and isinstance(used, int):
            seen = Threshold(self.now or 0, used, most)
        self.memory.threshold = seen
        return seen

    def call(self, method: str, path: str, body: Item | None = None) -> dict[str, Any]:
        """One call, unless others have used up nearly all there are."""
        self._watch()
        answer = self._send(method, path, body)
        if answer.status_code == 500:
            answer = self._again(method, path, body, answer)
        self._leave()
        return _object(answer)

    def _send(self, method: str, path: str, body: Item | None) -> httpx.Response:
        answer = self._send_to(self.zone(), method, path, body)
        if answer.status_code == 401 and not self._pinned:
            self.memory.zone = self._discover()
            answer = self._send_to(self.memory.zone, method, path, body)
        if answer.status_code == 401:
            raise trouble_of(answer)
        return answer

    def _send_to(self, zone: Zone, method: str, path: str, body: Item | None) -> httpx.Response:
        with self.memory.door(path.partition("/")[0]):
            answer = self._line.call(
                method,
                f"{zone.url}/V1.0/{path}",
                headers=self._headers,
                json=body,
                ok=(401, 500),
                twice=_asks(method, path),
            )
        self.now = _date_of(answer) or self.now
        self.memory.now = self.now or self.memory.now
        return answer

    def _again(self, method: str, path: str, body: Item | None, answer: httpx.Response) -> httpx.Response:
        """A second look at a 500, which Autotask also says for what is not there, or not for this key."""
        said, entity = _errors(answer), path.partition("/")[0]
        if "itgenatr005" in said.casefold():
            raise Limited("Autotask has more than three calls at a time from this tracking identifier", 10)
        if "threshold" in said.casefold():
            raise Limited("Autotask says that the calls of all integrations together are used up", 300)
        if "unable to find" in said.casefold():
            raise Odd(f"Autotask does not take a call that should be right: {said}")
        if not self._answers(entity):
            raise Down(f"Autotask has an error of its own (500): {said}")
        if not _asks(method, path):
            raise Missing(f"Autotask has no such thing in {entity}, or not for this key: {said}")
        second = self._send(method, path, body)
        if second.status_code == 500:
            raise Forbidden(f"Autotask does not let this key read {entity}: {_errors(second)}")
        return second

    def _answers(self, entity: str) -> bool:
        """Whether it answers something that must be there, and that is not what it just refused."""
        looks: list[tuple[str, str, Item | None]] = [("GET", "ThresholdInformation", None)]
        if entity != "Tickets":
            looks.append(
                ("POST", "Tickets/query/count", {"filter": [{"op": "gte", "field": "id", "value": 0}]})
            )
        return any(self._send(*look).is_success for look in looks)

    def _watch(self) -> None:
        """See from time to time how much others leave; nothing is asked where that is nearly nothing."""
        seen = self.memory.threshold
        if (
            seen is None
            or seen.ours >= _WATCH_CALLS
            or self.memory.now - seen.at > _WATCH_EVERY
            or (seen.part() >= _FULL and not self._looked)
        ):
            seen = self.look()
        seen.ours += 1
        if seen.part() >= _FULL:
            raise Limited(
                f"all integrations together have used {seen.used:,} of the {seen.most:,} calls that Autotask "
                "takes in an hour: the rest is left to them",
                120,
            )

    def _leave(self) -> None:
        """What can wait waits where others use much, and where it would use up our own share faster than that lasts:
        used in a burst, nothing was free for the rest of the hour.
        """
        limits, seen = self._line.limits, self.memory.threshold
        parts = {int(part): count for part, count in limits.used().items()}
        since = max(parts, default=0) - BUCKETS // _PACES
        lately = sum(count for part, count in parts.items() if part > since)
        total, left = sum(parts.values()), limits.left()
        fast = left is not None and lately * _PACES * 100 >= (total + left) * (100 - SPARED)
        limits.busy = fast or (seen is not None and seen.part() >= _BUSY)

    def _discover(self) -> Zone:
        answer = self._line.call(
            "GET",
            f"{self._server}/V1.0/ZoneInformation",
            params={"user": self._user},
            ok=(500,),
            counted=False,
        )
        if answer.status_code == 500:
            raise Unauthorised("Autotask knows no API user of this name (500)")
        said = _object(answer)
        url = str(said.get("url") or "").rstrip("/")
        if not self._may_have_our_key(url):
            raise Odd("Autotask named an address for its zone that is none of its own")
        web = str(said.get("webUrl") or "").rstrip("/")
        return Zone(url, web if web.startswith("https://") else "")

    def _may_have_our_key(self, url: str) -> bool:
        parts, server = urlsplit(url), urlsplit(self._server)
        if parts.hostname == server.hostname and parts.scheme == server.scheme:
            return True
        return parts.scheme == "https" and (parts.hostname or "").endswith(".autotask.net")


def _asks(method: str, path: str) -> bool:
    """Whether a call changes nothing there: questions are sent by POST too."""
    return method == "GET" or path.partition("?")[0].endswith(("/query", "/query/count", "/query/next"))


def one_of(name: str, ids: Sequence[int]) -> Item:
    """The filter for a field that is one of these ids."""
    return {"op": "in", "field": name, "value": list(ids)}


def _path_of(url: Any) -> str:
    """The part of a next page's address that is asked at our own zone: no other host gets our key."""
    if not url:
        return ""
    parts = urlsplit(str(url))
    _, _, path = re.sub("/v1.0/", "/V1.0/", parts.path, flags=re.IGNORECASE).partition("/V1.0/")
    if not path:
        raise Odd("Autotask names a next page that is none of its own")
    return f"{path}?{parts.query}" if parts.query else path


def _base(url: str) -> str:
    """An address as people copy it, without the version at its end."""
    return re.sub(r"(/v1\.0)?/*$", "", url.strip(), flags=re.IGNORECASE)


def _web_of(zone: str) -> str:
    host = urlsplit(zone).hostname or ""
    return f"https://{host.replace('webservices', 'ww', 1)}" if host.startswith("webservices") else ""


def _date_of(answer: httpx.Response) -> int | None:
    try:
        return to_instant(parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC))
    except (TypeError, ValueError):
        return None


def _object(answer: httpx.Response) -> dict[str, Any]:
    said = json_of(answer)
    if not isinstance(said, dict):
        raise Odd("Autotask answered with JSON that is none of its answers")
    return said


def _dict(said: Any) -> dict[str, Any]:
    return said if isinstance(said, dict) else {}


def _rows(said: Mapping[str, Any], name: str, entity: str) -> list[Item]:
    rows = said.get(name)
    if not isinstance(rows, list):
        raise Odd(f"Autotask's answer of {entity} has no {name}")
    return [row for row in rows if isinstance(row, dict)]


def _errors(answer: httpx.Response) -> str:
    """What an error says, short."""
    try:
        said = answer.json()
    except ValueError:
        return ""
    errors = said.get("errors") if isinstance(said, dict) else None
    found = " ".join(str(one) for one in errors) if isinstance(errors, list) else ""
    return without_secrets(found, answer)[:300]
