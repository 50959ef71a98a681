"""The calls to RT's REST2: a token, searches in pages by id, and single things."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from beforehand.connectors.line import Line
from beforehand.connectors.trouble import Odd

PAGE = 100
"""RT gives no more at once, whatever is asked for."""
ASKED = 1_000
"""Messages whose texts are asked for together: after the last page of them comes an empty one."""
Item = Mapping[str, Any]


class Client:
    """REST2 of the RT at `url`, as the user of `token`."""

    def __init__(self, line: Line, url: str, token: str) -> None:
        self.url = url.rstrip("/").removesuffix("/REST/2.0")
        self._line = line
        self._headers = {"Authorization": f"token {token}", "Accept": "application/json"}

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """One thing."""
        return self._line.json(
            "GET", f"{self.url}/REST/2.0/{path}", headers=self._headers, params=params or {}
        )

    def search(
        self,
        what: str,
        query: str,
        fields: str,
        *,
        order: str = "ASC",
        size: int = PAGE,
        parts: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """A page of tickets or transactions, in the order of their ids."""
        params = {"query": query, "orderby": "id", "order": order, "per_page": str(size), "fields": fields}
        return _page(self.get(what, params | dict(parts or {})))

    def all(
        self, what: str, query: str, fields: str, parts: Mapping[str, str] | None = None
    ) -> Iterator[Item]:
        """All that a search finds, the smallest ids first.

        RT leaves out of a page what its user may not see, and does not say how many there are: only a page without
        anything shows the end. Asked by id and not by page, so that nothing shifts meanwhile.
        """
        last = 0
        while True:
            page = self.search(what, f"({query}) AND id > {last}", fields, parts=parts)
            items = page["items"]
            yield from items
            if not items or is_last(page):
                return
            last = max(map(number, items))

    def texts(self, transactions: Sequence[str]) -> list[Item]:
        """The texts of messages, by the transactions they came in: of each all its parts, plain and HTML."""
        found: list[Item] = []
        for start in range(0, len(transactions), ASKED):
            some = list(transactions[start : start + ASKED])
            number = 1
            while (page := self._texts(some, number))["items"]:
                found += page["items"]
                number += 1
                if is_last(page):
                    break
        return found

    def _texts(self, transactions: Sequence[str], page: int) -> Mapping[str, Any]:
        answer = self._line.json(
            "POST",
            f"{self.url}/REST/2.0/attachments",
            headers=self._headers,
            params={
                "fields": "TransactionId,ContentType,Filename,Content",
                "orderby": "id",
                "per_page": str(PAGE),
                "page": str(page),
            },
            json=[{"field": "TransactionId", "operator": "IN", "value": transactions}],
            twice=True,
        )
        return _page(answer)


def is_last(page: Mapping[str, Any]) -> bool:
    """Whether RT says for certain that nothing follows: only where its user sees all of it."""
    return page.get("total") is not None and "next_page" not in page


def number(item: Item) -> int:
    """The id of something: RT writes it as a text in lists, and as a number alone."""
    try:
        return int(item["id"])
    except (KeyError, TypeError, ValueError):
        raise Odd("RT told something without an id") from None


def quoted(text: str) -> str:
    """A text in a query of RT."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _page(answer: Any) -> Mapping[str, Any]:
    if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
        raise Odd("RT answered a search with something that is no page")
    return answer
