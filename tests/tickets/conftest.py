"""A provider with one client on four and twenty-four business hours, and a source of tickets."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from beforehand.engine.instants import HOUR, to_instant
from beforehand.people.models import Provider
from beforehand.promises import models as promises
from beforehand.tickets.models import Source

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
OFFICE = {day: [["09:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}
STATUSES = {
    "New": "working",
    "Waiting": "waiting-on-client",
    "Working": "working",
    "Resolved": "resolved",
    "Closed": "closed",
}


def at(text: str) -> int:
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


def make_provider(slug: str) -> Provider:
    """A provider whose clients Contoso and Fabrikam are promised 4 h and 24 h, and 1 h and 8 h for P1."""
    provider = Provider.objects.create(name=slug.title(), slug=slug, zone="Europe/London", created=NOW)
    office = promises.Coverage.objects.create(provider=provider, name="Office", zone="client", hours=OFFICE)
    promises.ProviderTerms.objects.create(
        provider=provider, revision=uuid4().hex, changed=NOW, coverage=office, triage=HOUR
    )
    for status, state in STATUSES.items():
        promises.StatusMapping.objects.create(provider=provider, board="", status=status, state=state)
    plan = promises.Plan.objects.create(provider=provider, name="Standard")
    edition = promises.Edition.objects.create(provider=provider, plan=plan, since=date(2024, 1, 1))
    for priority, response, resolution in (("", 4, 24), ("P1", 1, 8)):
        line = promises.Line.objects.create(provider=provider, edition=edition, priority=priority)
        for metric, hours in (("response", response), ("resolution", resolution)):
            promises.Target.objects.create(provider=provider, line=line, metric=metric, amount=hours * HOUR)
    for name in ("Contoso", "Fabrikam"):
        client = promises.Client.objects.create(provider=provider, name=name, zone="Europe/London")
        promises.ClientKey.objects.create(
            provider=provider, client=client, kind="name", text=name, folded=name.casefold()
        )
        agreement = promises.Agreement.objects.create(provider=provider, client=client, name="Support")
        promises.Version.objects.create(
            provider=provider, agreement=agreement, since=date(2024, 1, 1), plan=plan
        )
    return provider


@pytest.fixture
def provider() -> Provider:
    return make_provider("northwind")


@pytest.fixture
def source(provider: Provider) -> Source:
    return Source.objects.create(provider=provider, slug="psa", name="PSA")
