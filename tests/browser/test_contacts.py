"""The people of a client in a browser: nothing for axe-core to find, and a tier said by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.browser.test_connect import DESK, PHONE, Findings, inside, provider, there

from beforehand.people.models import Provider
from beforehand.promises.book import Book
from beforehand.promises.contacts import ContactSaid, learn
from beforehand.promises.models import Client, ContactTier
from beforehand.tickets.models import Source
from beforehand.web import moment

__all__ = ["inside", "provider", "there"]  # the fixtures are those of connecting
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_vip_is_named_by_keyboard(
    inside: Page,
    live_server: LiveServer,
    provider: Provider,
    size: object,
    scheme: str,
    axe_findings: Findings,
) -> None:
    now = moment.now()
    ours = Client.objects.filter(provider=provider).order_by("pk")[0]
    Source.objects.create(provider=provider, slug="desk", name="Desk")
    said = [
        ContactSaid("7", "Vera Chief", "vera@ashcombe.test", ours.name),
        ContactSaid("8", "Casey Clerk", "", ours.name, tier="VIP"),
    ]
    learn(provider, "desk", said, now, Book(provider))
    inside.set_viewport_size(size)  # type: ignore[arg-type]
    inside.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    inside.goto(f"{live_server.url}/clients/{ours.pk}/contacts/")
    assert axe_findings(inside) == []
    inside.get_by_label("Tier of Vera Chief").focus()
    inside.keyboard.type("VIP")
    inside.keyboard.press("Enter")
    expect(inside.get_by_role("status")).to_be_visible()
    assert set(ContactTier.objects.values_list("tier", flat=True)) == {"VIP"}
    assert axe_findings(inside) == []
    width = inside.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
