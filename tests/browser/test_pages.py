"""Every page in a browser: nothing for axe-core to find, in both themes, on a desk and on a phone; by keyboard too."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer
from tests.support import alerted, msp
from tests.web.test_audit import make_audit, make_finding

from beforehand.people import accounts
from beforehand.tickets.models import Ticket
from beforehand.web import moment

pytestmark = pytest.mark.django_db(transaction=True)
Findings = Callable[[Page], list[str]]
DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
SHOWN = ("T48201", "T48155", "T48190", "T48120", "T48230")


@pytest.fixture
def troubles(page: Page) -> Iterator[list[str]]:
    """What the browser complains of: a broken content security policy, a file that is not there, an error."""
    heard: list[str] = []
    page.on(
        "console",
        lambda message: heard.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert heard == []


@pytest.fixture
def msp_page(page: Page, live_server: LiveServer, troubles: list[str]) -> Page:
    """A browser in which Marta is signed in, before an MSP with tickets in every state."""
    now = moment.now()
    provider = msp.make_promises(now)
    provider.simulated = True
    provider.save()
    user = msp.make_user(provider)
    msp.make_imports(msp.make_tickets(provider, now), now)
    client = Client()
    client.force_login(user)
    assert SESSION_KEY in client.session
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_inside(
    msp_page: Page, live_server: LiveServer, axe_findings: Findings, scheme: str, size: ViewportSize
) -> None:
    msp_page.set_viewport_size(size)
    msp_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    promised = Ticket.objects.get(number=SHOWN[0]).client
    assert promised is not None
    tickets = [f"/tickets/{Ticket.objects.get(number=number).pk}/" for number in SHOWN]
    for address in (
        "/alerts/",
        "/alerts/check/",
        "/alerts/history/",
        "/alerts/rehearsal/",
        "/alerts/outbox/",
    ):
        msp_page.goto(live_server.url + address)
        assert (address, axe_findings(msp_page)) == (address, [])
    made = alerted.make_alerts(promised.provider, moment.now())
    row = make_audit(promised.provider, moment.now(), differences=1, not_judged=2, reasons={"no word": 2})
    make_finding(row, made["late"])
    made_pages = [f"/alerts/{made[name].pk}/" for name in ("late", "failed", "saved")]
    for address in (
        "/",
        "/?state=paused&sort=client",
        "/?q=nothing",
        "/?covered=no",
        "/clients/",
        f"/clients/{promised.pk}/",
        f"/clients/{promised.pk}/?period=2019-Q1&metric=resolution",
        "/search/",
        "/search/?q=vpn",
        "/search/?q=nothing+at+all",
        "/people/",
        "/account/",
        "/account/password/",
        "/account/confirm/",
        "/alerts/",
        "/alerts/?show=mine",
        "/alerts/check/",
        "/alerts/history/",
        "/alerts/rehearsal/",
        f"/alerts/rehearsal/clients/{promised.pk}/",
        "/alerts/outbox/",
        *made_pages,
        "/sources/",
        "/uncovered/",
        *tickets,
    ):
        msp_page.goto(live_server.url + address)
        assert (address, axe_findings(msp_page)) == (address, [])
        assert msp_page.evaluate("document.documentElement.scrollWidth") <= size["width"], address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_outside(
    page: Page, live_server: LiveServer, troubles: list[str], axe_findings: Findings, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for address in ("/sign-in/", "/forgotten/", f"/set-up/{accounts.setup_token()}/"):
        page.goto(live_server.url + address)
        assert (address, axe_findings(page)) == (address, [])
    page.get_by_role("button", name="Make the account").click()
    page.locator("input").evaluate_all(
        "all => all.forEach(one => { one.required = false; one.type = 'text' })"
    )
    page.get_by_label("A password").fill("short")
    page.get_by_role("button", name="Make the account").click()
    expect(page.locator(".error").first).to_be_visible()
    assert axe_findings(page) == []


@pytest.mark.parametrize("address", ["/nowhere/", "/set-up/over/", "/join/over/"])
def test_axe_finds_nothing_where_nothing_is(
    page: Page, live_server: LiveServer, axe_findings: Findings, address: str
) -> None:
    page.goto(live_server.url + address)
    assert axe_findings(page) == []


def test_the_error_page_needs_nothing_but_its_styles(
    page: Page, live_server: LiveServer, axe_findings: Findings
) -> None:
    from django.template.loader import render_to_string

    page.goto(live_server.url + "/sign-in/")
    page.set_content(render_to_string("500.html"))
    assert axe_findings(page) == []


def test_from_nothing_to_the_board_by_keyboard_alone(
    page: Page, live_server: LiveServer, troubles: list[str]
) -> None:
    page.goto(f"{live_server.url}/set-up/{accounts.setup_token()}/")
    page.get_by_label("Your company").focus()
    for text in (
        "Northgate",
        "Europe/London",
        "alice",
        "alice@northgate.example",
        *["correct-horse-battery"] * 2,
    ):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No tickets yet")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill("correct-horse-battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What breaks next?")).to_be_visible()


def test_the_first_tab_skips_to_the_content(msp_page: Page, live_server: LiveServer) -> None:
    msp_page.goto(live_server.url + "/")
    msp_page.keyboard.press("Tab")
    expect(msp_page.get_by_role("link", name="Skip to the content")).to_be_focused()
    msp_page.keyboard.press("Enter")
    expect(msp_page.locator("main")).to_be_focused()


def test_the_switch_changes_the_theme_and_stays_where_one_was(
    msp_page: Page, live_server: LiveServer
) -> None:
    msp_page.emulate_media(color_scheme="light")
    msp_page.goto(live_server.url + "/?state=paused")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    before = msp_page.evaluate(ground)
    msp_page.get_by_role("button", name="Dark").click()
    expect(msp_page).to_have_url(re.compile(r"/\?state=paused$"))
    assert msp_page.evaluate(ground) != before
    expect(msp_page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")


def test_it_reads_without_scripts(msp_page: Page, live_server: LiveServer) -> None:
    """Filters, sorting and the way to a ticket are links and forms."""
    msp_page.goto(live_server.url + "/")
    msp_page.get_by_label("Priority").select_option("P3")
    msp_page.get_by_role("button", name="Show").click()
    expect(msp_page).to_have_url(re.compile(r"priority=P3"))
    msp_page.get_by_role("columnheader", name="Client").get_by_role("link").click()
    expect(msp_page.get_by_role("columnheader", name="Client")).to_have_attribute("aria-sort", "ascending")
    expect(msp_page).to_have_url(re.compile(r"priority=P3.*sort=client"))
    msp_page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(msp_page.get_by_role("heading", name="Why is this figure what it is?")).to_be_visible()


def test_colour_never_stands_alone(msp_page: Page, live_server: LiveServer) -> None:
    msp_page.goto(live_server.url + "/")
    for row in msp_page.locator("tr.late").all():
        assert "late by" in row.inner_text()
    assert msp_page.locator("tr.amber .c-left svg.shape, tr.high .c-left svg.shape").count() == (
        msp_page.locator("tr.amber, tr.high").count()
    )
