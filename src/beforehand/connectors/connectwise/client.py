"""The calls: where the API is, who we are, page after page, and what goes wrong in our words.

The API's address has a part that changes with every upgrade of the tenant (its codebase): an address that is not found
may be one that has moved, so it is asked for anew, and the call made again where it has.
"""

import base64
import re
import threading
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from beforehand.engine.instants import to_instant

from ..line import Line, Odd, Trouble, Unauthorised, json_of, trouble_of
from .values import Row

PAGE = 1000
"""Rows of a page: the most that ConnectWise gives."""
PAGES = 500
"""More pages than any list has: what goes on after them goes in a circle."""
CLOUD = ".myconnectwise.net"
FORWARD = {"pagination-type": "forward-only"}
_NOT_FOUND = 404
_CODEBASE = re.compile(r"[\w.-]+/?")
_codebases: dict[tuple[str, str], str] = {}
_lock = threading.Lock()


class Rows(NamedTuple):
    """A page: its rows, what the next one is asked by (nothing after the last), and ConnectWise's own time."""

    rows: list[Row]
    more: Mapping[str, str]
    at: int | None


class Client:
    """Calls under the settings of a connection."""

    def __init__(self, settings: Mapping[str, str], line: Line) -> None:
        self.site, self.company = api_site(settings.get("site", "")), settings.get("company", "").strip()
        pair = f"{self.company}+{settings.get('public_key', '').strip()}:{settings.get('private_key', '').strip()}"
        client = settings.get("client_id", "").strip()
        if not client.isascii() or not client.isprintable():
            raise Trouble("the client id has signs that no client id has: copy it again", 3600)
        self._line = line
        self._headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "clientId": client,
        }

    def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        ok: tuple[int, ...] = (),
    ) -> httpx.Response:
        """One call of the API, at the address that it has now."""
        codebase, said = self._codebase(), {**self._headers, **(headers or {})}
        for last in (False, True):
            url = f"{self.site}/{codebase}/apis/3.0/{path}"
            answer = self._line.call(
                method, url, headers=said, params=params, json=json, ok=(*ok, _NOT_FOUND)
            )
            if answer.status_code != _NOT_FOUND:
                return answer
            now = codebase if last else self._discovered()
            if now == codebase:
                break
            codebase = now
        if _NOT_FOUND in ok:
            return answer
        raise trouble_of(answer)

    def one(self, path: str) -> Row:
        """A thing by its address."""
        said = json_of(self.call("GET", path))
        if not isinstance(said, dict):
            raise Odd(f"{self.company}: ConnectWise answered something else than one thing at {path}")
        return said

    def page(self, path: str, params: Mapping[str, str], forward: bool = False) -> Rows:
        """A page of a list. `forward`: each page begins after the last id of the one before, so that rows that come or
        go meanwhile move no other over the edge.
        """
        answer = self.call("GET", path, params, headers=FORWARD if forward else None)
        said = json_of(answer)
        if not isinstance(said, list) or not all(isinstance(row, dict) for row in said):
            raise Odd(f"ConnectWise answered something else than a list at {path}")
        return Rows(said, _more(answer, params, said, forward), _date(answer))

    def all(
        self, path: str, params: Mapping[str, str] | None = None, *, forward: bool = False, by: str = "id"
    ) -> Iterator[Row]:
        """All rows of a list, page after page, in the order of `by`: by another one rows could change places."""
        asked = {"pageSize": str(PAGE), **({"orderBy": by} if by else {}), **(params or {})}
        seen: set[tuple[tuple[str, str], ...]] = set()
        for _ in range(PAGES):
            page = self.page(path, asked, forward)
            yield from page.rows
            turn = tuple(sorted(page.more.items()))
            if not turn:
                return
            if turn in seen:
                break
            seen.add(turn)
            asked = {**asked, **page.more}
        raise Odd(f"the pages of {path} go round in a circle")

    def count(self, path: str, conditions: str) -> int | None:
        """How many there are; None where the answer says nothing of it."""
        said = json_of(self.call("GET", f"{path}/count", {"conditions": conditions}))
        found = said.get("count") if isinstance(said, dict) else None
        return found if isinstance(found, int) else None

    def _codebase(self) -> str:
        with _lock:
            known = _codebases.get((self.site, self.company))
        return known or self._discovered()

    def _discovered(self) -> str:
        """Ask where the API is now."""
        url = f"{self.site}/login/companyinfo/{quote(self.company, safe='')}"
        said = json_of(self._line.call("GET", url, counted=False))
        if said is None:
            raise Unauthorised(f"ConnectWise knows no company “{self.company}” at this address")
        found = said.get("Codebase") if isinstance(said, dict) else None
        if not isinstance(found, str) or not _CODEBASE.fullmatch(found):
            raise Odd("ConnectWise does not say where its API is: is this the address where you sign in?")
        with _lock:
            _codebases[self.site, self.company] = found.rstrip("/")
        return found.rstrip("/")


def api_site(site: str) -> str:
    """Where the API of a site is: in the cloud another host than the one where people sign in."""
    whole = site.strip().rstrip("/")
    parts = urlsplit(whole if "//" in whole else f"https://{whole}")
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    if host.endswith(CLOUD) and host.count(".") == CLOUD.count(".") and not host.startswith("api-"):
        host = f"api-{host}"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _more(
    answer: httpx.Response, params: Mapping[str, str], rows: list[Row], forward: bool
) -> dict[str, str]:
    """What the next page is asked by. Of the link only that is taken: its host is not for it to say.

    A full page may go on where a proxy took the link away.
    """
    if not rows:
        return {}
    link = answer.links.get("next", {}).get("url", "")
    if link:
        query = parse_qs(urlsplit(link).query)
        said: dict[str, str] = {name: query[name][0] for name in ("page", "pageId") if name in query}
        if said:
            return said
    if len(rows) < int(params.get("pageSize", "25")):
        return {}
    if forward and "page" not in params:
        return {"pageId": str(rows[-1].get("id", ""))}
    return {"page": str(int(params.get("page", "1")) + 1)}


def _date(answer: httpx.Response) -> int | None:
    """ConnectWise's time, as its answer says it."""
    try:
        return to_instant(parsedate_to_datetime(answer.headers.get("date", "")))
    except (TypeError, ValueError):
        return None
