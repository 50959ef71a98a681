"""Statuses that nobody mapped, counted for whoever has to map them."""

import pytest

from beforehand.engine import history as h
from beforehand.engine.codes import STATUS
from beforehand.promises.book import current
from beforehand.tickets import ledger
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.mending import unmapped
from beforehand.tickets.models import Source

from .conftest import NOW, at

pytestmark = pytest.mark.django_db


def test_what_takes_a_status_back_is_no_status(source: Source) -> None:
    begun = at("2026-03-06T16:10")
    told = [
        h.created(begun, id="1"),
        h.status(begun, "Parked", id="2"),
        h.status(begun + 1, "Seen wrongly", id="3"),
        h.Event(begun + 1, STATUS, id="4", retracts="3"),
    ]
    ledger.append(source, [TicketEvent("48213", event) for event in told], NOW)
    statuses = current(source.provider).uncovered.terms.statuses
    assert "" not in [one.status for one in unmapped(source, statuses)]
    assert "Parked" in [one.status for one in unmapped(source, statuses)]
