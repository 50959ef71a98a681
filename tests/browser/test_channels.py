"""The pages of the channels in a browser: nothing for axe-core to find, and a channel added by keyboard alone."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer
from tests.support import msp
from tests.support.receiver import Receiver, receiver

from beforehand.alerts.channel_changes import save_channel
from beforehand.alerts.models import Channel
from beforehand.people.roles import Role
from beforehand.web import moment

pytestmark = pytest.mark.django_db(transaction=True)
Findings = Callable[[Page], list[str]]
DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as kept:
        kept.text = "invalid_token"
        yield kept


@pytest.fixture
def inside(page: Page, live_server: LiveServer, there: Receiver) -> Page:
    """A browser in which Marta, an owner, is signed in, before a channel that was never tried and one out of use."""
    provider = msp.make_promises(moment.now())
    user = msp.make_user(provider)
    user.role = Role.OWNER
    user.save()
    for name, kind, active in (("Desk room", "slack", True), ("Night watch", "webhook", False)):
        row = Channel(provider=provider, name=name, kind=kind, allow_private=True, active=active)
        save_channel(row, there.url, "")
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(
    inside: Page,
    live_server: LiveServer,
    axe_findings: Findings,
    there: Receiver,
    scheme: str,
    size: ViewportSize,
) -> None:
    inside.set_viewport_size(size)
    inside.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    def look(name: str) -> None:
        assert (name, axe_findings(inside)) == (name, [])
        assert inside.evaluate("document.documentElement.scrollWidth") <= size["width"], name

    inside.goto(f"{live_server.url}/channels/")
    look("the list")
    there.status = 403
    inside.get_by_role("button", name="Send me a test over Desk room").click()
    expect(inside.get_by_role("status")).to_contain_text("403 invalid_token")
    look("a test that was not taken")
    for address in ("new/", f"{Channel.objects.get(name='Desk room').pk}/"):
        inside.goto(f"{live_server.url}/channels/{address}")
        look(address)
    inside.get_by_label("Address").fill("ftp://nowhere")
    inside.get_by_role("button", name="Save").click()
    expect(inside.locator(".field .error")).to_have_count(1)
    look("a channel that cannot be")
    Channel.objects.all().delete()
    inside.goto(f"{live_server.url}/channels/")
    look("no channel")


def test_a_webhook_is_added_by_keyboard_alone(inside: Page, live_server: LiveServer) -> None:
    inside.goto(f"{live_server.url}/channels/")
    inside.get_by_role("link", name="Add a channel").focus()
    inside.keyboard.press("Enter")
    inside.get_by_label("Name", exact=True).fill("Our program")
    inside.get_by_label("Kind").select_option("webhook")
    inside.get_by_label("Address").focus()
    inside.keyboard.type("https://program.example/hook")
    inside.keyboard.press("Enter")
    expect(inside.get_by_role("status")).to_contain_text("shown here only")
    expect(inside.get_by_role("link", name="Our program")).to_be_visible()
