"""Who asked, where no vendor tells it: whatever comes in which order, and however often, ends in the same people."""

from datetime import timedelta
from itertools import permutations

import pytest

from beforehand.connectors.plain.reading import Asked
from beforehand.connectors.requesters import BY_MAIL, keep_together
from beforehand.engine import history as h
from beforehand.engine.instants import HOUR, to_instant
from beforehand.people.models import Provider
from beforehand.promises.models import Client, ContactKey
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import Batch
from beforehand.tickets.models import Source, Ticket

from .conftest import NOW

pytestmark = pytest.mark.django_db
SAID = (
    ("Jo Smith", "jo@contoso.example"),
    ("Jo Miller", ""),
    ("J. Miller", "miller@contoso.example"),
    ("", ""),
)


def source(provider: Provider, slug: str) -> Source:
    return Source.objects.create(provider=provider, slug=slug, name=slug)


def asked(
    ticket: str, hours: int, name: str, email: str = "", key: str = "", client: str = "Contoso"
) -> list[TicketEvent]:
    at = to_instant(NOW - timedelta(days=1)) + hours * HOUR
    return [
        TicketEvent(ticket, h.created(at, id="c")),
        TicketEvent(ticket, h.changed(at, "client", client, id="k")),
        Asked(ticket, h.changed(at, "contact", name, id="w"), email, key),
    ]


def test_the_newest_counts_in_whatever_order_it_comes(provider: Provider) -> None:
    for number, order in enumerate(permutations(range(len(SAID)))):
        ours = source(provider, f"s{number}")
        keep_together([Batch(ours, asked("nobody", 9, "", key="C-17"))], NOW)
        for one in (*order, order[0]):
            keep_together([Batch(ours, asked(str(one), one, *SAID[one], "C-17"))], NOW)
        row = ContactKey.objects.get(source=ours.slug)
        assert (row.named, row.email) == ("J. Miller", "miller@contoso.example"), order
        names = set(Ticket.objects.filter(source=ours).values_list("contact", flat=True))
        assert len(names - {""}) == 1, order


def test_many_at_once_are_the_same_as_one_after_the_other(provider: Provider) -> None:
    apart, once = source(provider, "apart"), source(provider, "once")
    events = [asked(str(one), one, *said, "C-17") for one, said in enumerate(SAID)]
    for some in events:
        keep_together([Batch(apart, some)], NOW)
    for _ in range(2):
        keep_together([Batch(once, some) for some in reversed(events)], NOW)
    rows = ContactKey.objects.order_by("source").values_list("named", "email", "client", "said")
    assert rows[0] == rows[1]


def test_a_client_that_has_two_names_has_its_people_once(provider: Provider) -> None:
    ours = source(provider, "ours")
    client = Client.objects.get(name="Contoso")
    client.keys.create(provider=provider, kind="alias", text="CON Ltd", folded="con ltd")
    provider.refresh_from_db()
    keep_together([Batch(ours, asked("1", 0, "Jo", "jo@contoso.example"))], NOW)
    keep_together([Batch(ours, asked("2", 1, "Jo", "jo@contoso.example", client="CON Ltd"))], NOW)
    row = ContactKey.objects.get()
    assert row.key.startswith(BY_MAIL)
    assert "jo" not in row.key


def test_a_ticket_that_moved_takes_nobody_with_it_who_wrote_before(provider: Provider) -> None:
    ours, first = source(provider, "ours"), asked("1", 0, "Jo", "jo@contoso.example")
    keep_together([Batch(ours, first)], NOW)
    moved = TicketEvent("1", h.changed(to_instant(NOW), "client", "Fabrikam", id="m"))
    for _ in range(2):
        keep_together([Batch(ours, [moved]), Batch(ours, first)], NOW)
    assert ContactKey.objects.get().client == "Contoso"


def test_who_is_told_with_and_without_an_id_at_once_is_one(provider: Provider) -> None:
    ours = source(provider, "ours")
    without, told = (
        asked("1", 0, "Jo", "jo@contoso.example"),
        asked("2", 1, "Jo", "jo@contoso.example", "C-17"),
    )
    keep_together([Batch(ours, asked("0", 0, "Al", "al@contoso.example"))], NOW)
    keep_together([Batch(ours, [*without, *told])], NOW)
    also = asked("4", 2, "Al", "al@contoso.example", "C-18")
    keep_together([Batch(ours, [*asked("3", 1, "Al", "al@contoso.example"), *also])], NOW)
    assert sorted(ContactKey.objects.values_list("key", flat=True)) == ["C-17", "C-18"]


def test_an_id_that_begins_like_our_keys_is_nobody_elses(provider: Provider) -> None:
    ours = source(provider, "ours")
    keep_together([Batch(ours, asked("1", 0, "Jo", "desk@contoso.example", "mail-1"))], NOW)
    keep_together([Batch(ours, asked("2", 1, "Al", "desk@contoso.example", "C-2"))], NOW)
    assert set(ContactKey.objects.values_list("key", "named")) == {("mail-1", "Jo"), ("C-2", "Al")}


def test_a_name_that_is_longer_when_it_is_compared_is_kept_as_far_as_it_fits(provider: Provider) -> None:
    ours = source(provider, "ours")
    long = "\ufdfa" * 200
    for _ in range(2):
        keep_together([Batch(ours, asked("1", 0, long, "jo@contoso.example", "C-1", client=long))], NOW)
    row = ContactKey.objects.get()
    assert 0 < len(row.folded) <= 400
    assert 0 < len(row.client_folded) <= 400
