"""The callback by which ConnectWise says that a ticket changed: there is one of each, and it is an API member's own."""

from collections.abc import Iterator

from .client import Client
from .values import Row, key_of, text

PATH = "system/callbacks"


def register(client: Client, url: str, name: str) -> None:
    """Have ticket changes told to an address. A second equal one is refused there: one that is idle is woken, and one
    of this name at an address of before is moved to this one.
    """
    ours = list(_ours(client, url, name))
    there = next((row for row in ours if text(row.get("url")) == url), ours[0] if ours else None)
    if there is None:
        client.call("POST", PATH, json=_body(url, name))
        return
    patch = [] if text(there.get("url")) == url else [_replaced("url", url)]
    if there.get("inactiveFlag") is True:
        patch.append(_replaced("inactiveFlag", False))
    if patch:
        client.call("PATCH", f"{PATH}/{key_of(there)}", json=patch)
    for row in ours:
        if row is not there:
            client.call("DELETE", f"{PATH}/{key_of(row)}", ok=(404,))


def is_there(client: Client, url: str) -> bool:
    """Whether ticket changes are told to an address."""
    there = (row for row in _ours(client, url, "") if text(row.get("url")) == url)
    return any(row.get("inactiveFlag") is not True for row in there)


def withdraw(client: Client, url: str, name: str) -> None:
    """Have nothing told to this address any more, nor to those of this name. One that is gone is gone."""
    for row in _ours(client, url, name):
        client.call("DELETE", f"{PATH}/{key_of(row)}", ok=(404,))


def _ours(client: Client, url: str, name: str) -> Iterator[Row]:
    """Callbacks of tickets to this address, and of this name."""
    for row in client.all(PATH):
        is_named = bool(name) and text(row.get("description")) == name
        if text(row.get("type")).lower() == "ticket" and (text(row.get("url")) == url or is_named):
            yield row


def _replaced(path: str, value: object) -> dict[str, object]:
    return {"op": "replace", "path": path, "value": value}


def _body(url: str, name: str) -> dict[str, object]:
    return {
        "id": 0,
        "url": url,
        "objectId": 1,
        "type": "ticket",
        "level": "owner",
        "description": name,
        "payloadVersion": "3.0.0",
        "inactiveFlag": False,
        "isSelfSuppressedFlag": True,
    }
