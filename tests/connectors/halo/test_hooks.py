"""Webhooks: by a secret in a header or as a password, in each of the payloads that HaloPSA offers."""

import base64
import json
from typing import Any

import pytest

from beforehand.connectors.contract import Forged, Hook
from beforehand.connectors.halo.hooks import hear

SECRET = {"hook_secret": "gr33n-door"}


def heard(said: Any, **headers: str) -> list[str]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = sent or {"x-beforehand-secret": "gr33n-door"}
    return list(hear(SECRET, Hook(sent, json.dumps(said).encode(), {})).tickets)


def _basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"halo:{password}".encode()).decode()


def test_the_secret_comes_in_a_header_or_as_a_password() -> None:
    assert heard({"object_id": 7}, x_beforehand_secret="gr33n-door") == ["7"]
    assert heard({"object_id": 7}, authorization=_basic("gr33n-door")) == ["7"]
    assert heard({"object_id": 7}, authorization="Bearer gr33n-door") == ["7"]


@pytest.mark.parametrize(
    "headers",
    [
        {"x_other": "gr33n-door"},
        {"x_beforehand_secret": "gr33n-doo"},
        {"x_beforehand_secret": "\udcff"},
        {"authorization": _basic("wrong")},
        {"authorization": "Basic ???"},
        {"authorization": "Basic"},
        {"authorization": "gr33n-door"},
    ],
)
def test_without_the_secret_it_is_forged(headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        heard({"object_id": 7}, **headers)


def test_without_a_secret_of_ours_nothing_is_believed() -> None:
    with pytest.raises(Forged):
        hear({}, Hook({"x-beforehand-secret": ""}, b"{}", {}))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 200_000])
def test_what_is_no_json_is_forged(body: bytes) -> None:
    with pytest.raises(Forged):
        hear(SECRET, Hook({"x-beforehand-secret": "gr33n-door"}, body, {}))


@pytest.mark.parametrize(
    ("said", "tickets"),
    [
        ({"webhook_id": "a", "event": "Ticket Updated", "object_id": 1001, "timestamp": "x"}, ["1001"]),
        ({"ticket": {"id": 1001.0, "client_id": 3}, "event": "New Ticket Logged"}, ["1001"]),
        ({"event": "New Action", "action": {"id": 5, "ticket_id": "1001"}}, ["1001"]),
        ({"event": "New Action", "object_id": 5}, []),
        ({"event": "Ticket Updated", "object": {"id": 1001}}, ["1001"]),
        ({"id": 1001, "summary": "x"}, ["1001"]),
        ([{"object_id": 1}, {"object_id": 2}, {"object_id": 1}], ["1", "2"]),
        ({"events": [{"ticket_id": 1}, {"ticket_id": 2}]}, ["1", "2"]),
        ({"event": "Client Updated", "name": "x"}, []),
        ("hello", []),
        ([[[[[{"object_id": 1}]]]]], []),
        ({"object_id": "9" * 30}, []),
        (None, []),
    ],
)
def test_payloads(said: Any, tickets: list[str]) -> None:
    assert heard(said) == tickets
