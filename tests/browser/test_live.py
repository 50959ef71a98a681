"""Boards and tickets that stay right while they are open: a real browser, a real server, changes by another process."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Route, expect
from tests.support import msp
from tests.support.served import Served

from beforehand.engine import history as h
from beforehand.engine.codes import BY_PERSON
from beforehand.engine.history import Event
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.promises import models as promises
from beforehand.tickets.events import TicketEvent
from beforehand.tickets.ledger import append
from beforehand.tickets.models import Source, Ticket
from beforehand.web import moment

pytestmark = pytest.mark.django_db(transaction=True)
Findings = Callable[[Page], list[str]]


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.kill()


@pytest.fixture
def source() -> Source:
    now = moment.now()
    provider = msp.make_promises(now)
    msp.make_user(provider)
    return msp.make_tickets(provider, now, more=6)


@pytest.fixture
def signed_in(page: Page, source: Source, served: Served) -> Page:
    """Marta's browser, before a running server."""
    served.start()
    client = Client()
    client.force_login(source.provider.users.get())
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": served.url}])
    return page


def tell(source: Source, number: str, *events: Event) -> None:
    """Another process than the server's takes in events of a ticket."""
    ticket = Ticket.objects.get(number=number).external_id
    append(source, [TicketEvent(ticket, event) for event in events], moment.now())


def assign(source: Source, number: str, person: str) -> None:
    tell(source, number, h.assigned(now(), person, id=f"to {person}"))


def now() -> int:
    return to_instant(moment.now())


def live(page: Page, url: str) -> Page:
    page.goto(url)
    return awaits_live(page)


def awaits_live(page: Page) -> Page:
    expect(page.locator("html")).to_have_attribute("data-live", "live")
    return page


def test_a_change_by_another_process_is_seen(signed_in: Page, source: Source, served: Served) -> None:
    board = live(signed_in, f"{served.url}/")
    assign(source, "T48219", "Nadia Brooks")
    expect(board.locator("#rows tr.fresh", has_text="Nadia Brooks").first).to_be_visible()


def test_a_new_ticket_comes_in_at_its_place_and_a_resolved_one_goes(
    signed_in: Page, source: Source, served: Served
) -> None:
    client = promises.Client.objects.get(name="Ashcombe Dental").pk
    board = live(signed_in, f"{served.url}/?client={client}")
    expect(board.locator("#rows")).not_to_contain_text("Brand new")
    fields = {"number": "T9", "subject": "Brand new", "client": "Ashcombe Dental", "priority": "P3"}
    at = now() - MINUTE
    events = [h.created(at, id="c", flags=BY_PERSON), *(h.changed(at, k, v, id=k) for k, v in fields.items())]
    append(source, [TicketEvent("new", event) for event in events], moment.now())
    expect(board.locator("#rows tr", has_text="Brand new")).to_have_count(2)
    tell(source, "T9", h.status(now(), "Resolved", id="r", person="Ada"))
    expect(board.locator("#rows tr", has_text="Brand new")).to_have_count(0)


def test_focus_and_place_survive_a_change(signed_in: Page, source: Source, served: Served) -> None:
    board = live(signed_in, f"{served.url}/")
    board.locator("#rows tr", has_text="T48219").first.get_by_role("link").focus()
    assign(source, "T48219", "Nadia Brooks")
    expect(board.locator("#rows tr", has_text="Nadia Brooks").first.get_by_role("link")).to_be_focused()


def test_a_lost_connection_says_so_at_once_and_mends_itself(
    signed_in: Page, source: Source, served: Served
) -> None:
    """Nothing is lost: what changed meanwhile is there when the server is back."""
    board = live(signed_in, f"{served.url}/")
    assert served.stop() <= 0
    # A page that was not told would notice after half a minute that nothing comes.
    expect(board.get_by_role("status")).to_contain_text("Connection lost at", timeout=10_000)
    assign(source, "T48219", "Nadia Brooks")
    served.start()
    expect(board.get_by_role("status")).to_have_text("Live")
    expect(board.locator("#rows tr", has_text="Nadia Brooks").first).to_be_visible()


def test_a_server_that_says_nothing_is_lost_too(signed_in: Page, source: Source, served: Served) -> None:
    """The connection stands, but nothing comes: a cable pulled, a machine that hangs."""
    signed_in.clock.install()
    board = live(signed_in, f"{served.url}/")
    served.pause()
    for _ in range(3):
        board.clock.fast_forward(10_000)
    expect(board.get_by_role("status")).to_contain_text("Connection lost at")
    assign(source, "T48219", "Nadia Brooks")
    served.go_on()
    board.clock.fast_forward(10_000)
    expect(board.get_by_role("status")).to_have_text("Live")
    expect(board.locator("#rows tr", has_text="Nadia Brooks").first).to_be_visible()


def test_a_page_that_slept_catches_up(signed_in: Page, source: Source, served: Served) -> None:
    """The machine's clock stands still or jumps; the page asks the server and believes no other."""
    signed_in.clock.install()
    board = live(signed_in, f"{served.url}/")
    before = board.locator("#as-of").inner_text()
    board.clock.fast_forward("08:00:00")
    expect(board.get_by_role("status")).to_have_text("Live")
    asked = board.evaluate("fetch('/live/board').then((answer) => answer.status)")
    assert asked == 200
    hour, minute = map(int, before.split(":"))
    soon = (divmod((60 * hour + minute + more) % 1440, 60) for more in range(10))
    expect(board.locator("#as-of")).to_have_text(re.compile("|".join(f"{h:02}:{m:02}" for h, m in soon)))


def test_signing_out_elsewhere_is_said_with_the_way_back(signed_in: Page, served: Served) -> None:
    board = live(signed_in, f"{served.url}/?state=paused")
    other = board.context.new_page()
    other.goto(f"{served.url}/")
    other.get_by_role("button", name="Sign out").click()
    expect(board.get_by_role("status")).to_contain_text("You are signed out")
    way = board.get_by_role("link", name="Sign in again")
    expect(way).to_have_attribute("href", "/sign-in/?next=%2F%3Fstate%3Dpaused")


def test_filters_that_mean_nothing_are_said(signed_in: Page, served: Served) -> None:
    board = live(signed_in, f"{served.url}/?state=perhaps&client=x&sort=due")
    expect(
        board.get_by_text("Left out, since it means nothing here: client=x, state=perhaps.")
    ).to_be_visible()


def test_a_ticket_stays_right_while_it_is_open(signed_in: Page, source: Source, served: Served) -> None:
    ticket = Ticket.objects.get(number="T48219")
    page = live(signed_in, f"{served.url}/tickets/{ticket.pk}/")
    page.locator("details.sum").last.locator("summary").click()
    opened = page.locator("details.sum[open]").count()
    tell(source, "T48219", h.message(now() - 1, id="m", person="Nadia"))
    expect(page.locator(".events")).to_contain_text("Nadia")
    expect(page.locator(".verdict").first).to_contain_text("Kept")
    assert page.locator("details.sum[open]").count() == opened


def test_the_board_by_keys(signed_in: Page, served: Served) -> None:
    board = live(signed_in, f"{served.url}/")
    links = board.locator("#rows a")
    board.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    board.keyboard.press("j")
    board.keyboard.press("ArrowDown")
    board.keyboard.press("k")
    expect(links.nth(1)).to_be_focused()
    board.keyboard.press("/")
    expect(board.get_by_label("Search", exact=True)).to_be_focused()
    board.keyboard.type("jk?w")
    expect(board.get_by_label("Search", exact=True)).to_have_value("jk?w")
    board.get_by_label("Search", exact=True).blur()
    board.keyboard.press("?")
    expect(board.get_by_role("dialog")).to_be_visible()
    board.get_by_label("Single keys do this here").uncheck()
    board.keyboard.press("Escape")
    expect(board.get_by_role("dialog")).to_be_hidden()
    board.keyboard.press("w")
    expect(board).to_have_url(f"{served.url}/")


def test_from_the_board_to_the_wall_and_into_a_ticket_by_keys(signed_in: Page, served: Served) -> None:
    board = live(signed_in, f"{served.url}/?priority=P3")
    board.keyboard.press("w")
    expect(board).to_have_url(f"{served.url}/?priority=P3&wall=1")
    awaits_live(board)
    board.keyboard.press("w")
    expect(board).to_have_url(f"{served.url}/?priority=P3")
    awaits_live(board)
    board.keyboard.press("j")
    board.keyboard.press("Enter")
    expect(board.get_by_role("heading", name="Why is this figure what it is?")).to_be_visible()
    awaits_live(board)
    board.keyboard.press("b")
    expect(board.get_by_role("heading", name="What breaks next?")).to_be_visible()


def test_the_wall_fits_its_screen_and_needs_no_hand(
    signed_in: Page, served: Served, axe_findings: Findings
) -> None:
    signed_in.set_viewport_size({"width": 1920, "height": 1080})
    for theme in ("light", "dark"):
        wall = live(signed_in, f"{served.url}/?wall=1&theme={theme}")
        expect(wall.locator("#rows tr[hidden]").first).to_be_attached()
        shown = wall.locator("#rows tr:visible")
        assert shown.count() >= 10
        box = shown.last.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 1080
        assert wall.locator("html").get_attribute("data-theme") == theme
        expect(wall.locator("#wall-clock")).to_have_text(wall.locator("#as-of").inner_text())
        assert axe_findings(wall) == []


def test_the_wall_turns_over_while_more_is_late_than_fits(signed_in: Page, served: Served) -> None:
    signed_in.set_viewport_size({"width": 1920, "height": 400})
    signed_in.clock.install()
    wall = live(signed_in, f"{served.url}/?wall=1&state=late")
    expect(wall.locator("#wall-rows")).to_contain_text("1 to ")
    first = wall.locator("#rows tr:visible").first.get_attribute("id")
    wall.clock.run_for(13_000)
    expect(wall.locator("#rows tr:visible").first).not_to_have_id(str(first))


@pytest.mark.parametrize("wall", [False, True], ids=["desk", "wall"])
def test_after_an_update_a_desk_is_told_and_a_wall_loads_itself(
    signed_in: Page, served: Served, wall: bool
) -> None:
    def age(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('"version": "', '"version": "older-'))

    address = f"{served.url}/?wall=1" if wall else f"{served.url}/"
    signed_in.route(address, age, times=1)
    signed_in.clock.install()
    board = live(signed_in, address)
    if wall:
        with board.expect_navigation():
            board.clock.run_for(100_000)
    else:
        expect(board.get_by_text("This page has a newer version. Load it")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_trouble(
    signed_in: Page, served: Served, axe_findings: Findings, scheme: str
) -> None:
    signed_in.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    board = live(signed_in, f"{served.url}/")
    board.keyboard.press("?")
    assert axe_findings(board) == []
    board.keyboard.press("Escape")
    served.kill()
    expect(board.get_by_role("status")).to_contain_text("Connection lost")
    assert axe_findings(board) == []
