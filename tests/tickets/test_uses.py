"""What tickets use of the promises, so that a load leaves it alone."""

import pytest

from beforehand.engine import history as h
from beforehand.promises.models import Version
from beforehand.tickets import ledger
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.models import Source
from beforehand.tickets.uses import used_statuses, used_versions

from .conftest import NOW, at

pytestmark = pytest.mark.django_db


def test_the_versions_and_statuses_of_tickets_are_in_use(source: Source) -> None:
    assert used_versions(source.provider) == set()
    begun = at("2026-03-06T16:10")
    told = [
        h.created(begun, id="1"),
        h.changed(begun, "client", "Contoso", id="2"),
        h.changed(begun, "board", "Desk", id="3"),
        h.status(begun, "On hold", id="4"),
    ]
    ledger.append(source, [TicketEvent("48213", event) for event in told], NOW)
    contoso = Version.objects.get(agreement__client__name="Contoso")
    assert used_versions(source.provider) == {contoso.pk}
    assert used_statuses(source.provider) == {("Desk", "On hold")}
