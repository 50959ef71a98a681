"""Connecting a source in a browser: nothing for axe-core to find, and all of it by keyboard alone."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer
from tests.support import msp
from tests.support.toy import KEY, TOY, WORDS, Toy, registered, toy

from beforehand.connectors import changes
from beforehand.connectors.models import Connection, Proof, Remote
from beforehand.connectors.sync import pull
from beforehand.kernel.due.handlers import Going
from beforehand.people.models import Provider
from beforehand.people.roles import Role
from beforehand.tickets.models import SourceState, Ticket
from beforehand.web import moment

pytestmark = pytest.mark.django_db(transaction=True)
Findings = Callable[[Page], list[str]]
DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)


@pytest.fixture
def there() -> Iterator[Toy]:
    with registered(), toy() as kept:
        kept.words = list(WORDS)
        yield kept


@pytest.fixture
def provider(db: None) -> Provider:
    return msp.make_promises(moment.now())


@pytest.fixture
def inside(page: Page, live_server: LiveServer, there: Toy, provider: Provider) -> Page:
    """A browser in which Marta, an owner, is signed in."""
    user = msp.make_user(provider)
    user.role = Role.OWNER
    user.save()
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    return page


def connected(provider: Provider, there: Toy) -> Connection:
    """A connection that was read, with something of everything that can be wrong with one."""
    now = moment.now()
    born = now - timedelta(days=2)
    there.add("T1", born, status="Awaiting parts", board="Desk", client="Ashcombe Dental Ltd.", type="Alert",
              priority="Priority 1 - Critical", assignee="Ada Ferrant", subject="Line 3 is down")  # fmt: skip
    there.add("T2", born, status="Of old", board="Desk", client="Brightwater Schools")
    there.missing = ["Its holiday lists may not be read: no right to System, Holidays."]
    row = changes.new_connection(provider, TOY, None, now)
    asked = changes.Asked(
        "Our desk", {"url": there.url, "key": KEY, "region": "", "pages": "50", "closed": ""}, 60, 10,
        now - timedelta(days=30), True,
    )  # fmt: skip
    changes.save_connection(row, asked, now)
    changes.set_active(provider, row.pk, True, now)
    pull(Connection.objects.select_related("source", "provider").get(), Going(lambda: now, lambda: True))
    there.change("T1", now, status="Resolved")
    later = now + timedelta(seconds=70)
    pull(Connection.objects.select_related("source", "provider").get(), Going(lambda: later, lambda: True))
    Remote.objects.create(
        provider=provider, connection=row, external_id="T9", updated=now, read=now, missed=2,
        fault="toy.example answered 200 with text/html that is not whole JSON",
    )  # fmt: skip
    latest = Proof.objects.order_by("-day")[0]
    latest.missing, latest.gone = ["T44", "T45"], ["T55"]
    latest.save()
    return Connection.objects.get()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(
    inside: Page,
    live_server: LiveServer,
    axe_findings: Findings,
    there: Toy,
    provider: Provider,
    scheme: str,
    size: ViewportSize,
) -> None:
    inside.set_viewport_size(size)
    inside.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    def look(name: str, address: str = "") -> None:
        if address:
            inside.goto(live_server.url + address)
        assert (name, axe_findings(inside)) == (name, [])
        assert inside.evaluate("document.documentElement.scrollWidth") <= size["width"], name

    look("no source", "/sources/")
    look("the kinds", "/sources/connect/")
    look("a new one", "/sources/connect/toy/")
    inside.get_by_label("Address").fill("ftp://nowhere")
    inside.get_by_label("API key").fill(KEY)
    inside.get_by_role("button", name="Save, then check it").click()
    expect(inside.locator(".field .error")).to_have_count(1)
    look("one that cannot be")
    row = connected(provider, there)
    here = f"/sources/{row.pk}/"
    look("read", here)
    look("its words", f"{here}meaning/")
    look("settings", f"{here}settings/")
    look("removing it", f"{here}remove/")
    inside.goto(live_server.url + here)
    inside.get_by_role("button", name="Make an address and a secret").click()
    look("a webhook")
    there.refused = {"/setup"}
    inside.get_by_role("button", name="Check the connection").click()
    look("a right that is missing")
    then = moment.now() - timedelta(minutes=74)
    SourceState.objects.update(reached=then, failing=then, fault="toy.example does not accept the key (401)")
    look("failing", here)
    look("every page", "/clients/")
    look("the sources", "/sources/")
    look("a ticket", f"/tickets/{Ticket.objects.get(external_id='T1').pk}/")
    changes.set_active(provider, row.pk, False, then)
    Connection.objects.update(looked=None, back_begun=None, back_done=None)
    look("not started", f"{here}?tickets=50000")


def test_a_source_is_connected_by_keyboard_alone(inside: Page, live_server: LiveServer, there: Toy) -> None:
    there.add("T1", moment.now() - timedelta(days=2), status="New")
    inside.goto(f"{live_server.url}/sources/")
    inside.get_by_role("link", name="Connect your ticket system").focus()
    inside.keyboard.press("Enter")
    inside.get_by_role("link", name="Toy Desk", exact=True).focus()
    inside.keyboard.press("Enter")
    inside.get_by_label("May be within a private network").focus()
    inside.keyboard.press("Space")
    inside.get_by_label("Address").fill(there.url)
    inside.get_by_label("API key").focus()
    inside.keyboard.type(KEY)
    inside.keyboard.press("Enter")
    expect(inside.get_by_role("heading", name="Is Toy Desk whole?")).to_be_visible()
    inside.get_by_role("button", name="Check the connection").focus()
    inside.keyboard.press("Enter")
    expect(inside.get_by_role("status")).to_contain_text("all that is needed may be read")
    expect(inside.get_by_text("1 ticket", exact=True)).to_be_visible()
    inside.get_by_role("button", name="Start reading").focus()
    inside.keyboard.press("Enter")
    expect(inside.get_by_role("heading", name="It is read")).to_be_visible()


def test_a_connection_counts_on_by_itself(
    inside: Page, live_server: LiveServer, there: Toy, provider: Provider
) -> None:
    row = connected(provider, there)
    Connection.objects.update(back_done=None, back_read=40, back_total=1000)
    inside.goto(f"{live_server.url}/sources/{row.pk}/")
    expect(inside.get_by_text("40 of 1,000 tickets")).to_be_visible()
    Connection.objects.update(back_read=333)
    expect(inside.get_by_text("333 of 1,000 tickets")).to_be_visible()
