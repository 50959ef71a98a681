"""The first look in a browser: what explains the difference comes by itself; nothing for axe-core to find."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer
from tests.support import judged, msp
from tests.support.connected import connected
from tests.support.toy import TOY, registered
from tests.web.test_first_look import SET_UP, nothing_promised

from beforehand.connectors.models import Connection
from beforehand.people.models import Provider
from beforehand.web import moment

pytestmark = pytest.mark.django_db(transaction=True)
Findings = Callable[[Page], list[str]]
DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)


@pytest.fixture
def now() -> datetime:
    return moment.now()


@pytest.fixture
def provider(db: None, now: datetime) -> Provider:
    return msp.make_promises(now)


@pytest.fixture
def row(provider: Provider, now: datetime) -> Iterator[Connection]:
    with registered():
        source = judged.make(provider, now)
        row = connected(provider, now, TOY.slug, source)
        judged.judge(source, {"60001": {"response_kept": False, "resolution_kept": True}}, now)
        yield row


@pytest.fixture
def inside(page: Page, live_server: LiveServer, provider: Provider) -> Page:
    """A browser in which Marta, an owner, is signed in."""
    client = Client()
    client.force_login(msp.make_user(provider))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_what_explains_it_comes_by_itself_and_axe_finds_nothing(
    inside: Page,
    live_server: LiveServer,
    axe_findings: Findings,
    row: Connection,
    now: datetime,
    scheme: str,
    size: ViewportSize,
) -> None:
    inside.set_viewport_size(size)
    inside.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    def look(name: str) -> None:
        assert (name, axe_findings(inside)) == (name, [])
        assert inside.evaluate("document.documentElement.scrollWidth") <= size["width"], name

    inside.goto(f"{live_server.url}/sources/{row.pk}/compared/")
    expect(inside.get_by_text("this setting explains 12 of the 13 tickets")).to_be_visible()
    look("both figures")
    nothing_promised(row.provider)
    judged.set_up(row.provider, row.source, SET_UP, now)
    Connection.objects.update(
        back_done=None, back_begun=now - timedelta(minutes=1), back_read=32, back_total=400
    )
    inside.reload()
    Connection.objects.update(back_read=77)
    expect(inside.get_by_text("77 of 400 tickets")).to_be_visible()
    expect(inside.get_by_role("button", name="Take it as draft agreements")).to_be_visible()
    look("a draft")
    inside.get_by_label("In which time zone").select_option("Asia/Tokyo")
    inside.get_by_role("button", name="Take it as draft agreements").click()
    expect(inside.get_by_text("this is another draft than the one that you saw")).to_be_visible()
    look("another draft")
    inside.get_by_role("button", name="Take it as draft agreements").click()
    expect(inside.get_by_text("The draft is an agreement now")).to_be_visible()
