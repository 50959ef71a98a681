"""The pages of the ladders in a browser: nothing for axe-core to find; made by keyboard, with scripts and without."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer
from tests.support import alerted, msp

from beforehand.people.models import User
from beforehand.promises.ladder_changes import Told, save
from beforehand.promises.models import Ladder
from beforehand.web import moment

pytestmark = pytest.mark.django_db(transaction=True)
Findings = Callable[[Page], list[str]]
DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
TREE = {
    "for": [{"plan": "Premium", "priority": "P1"}, {"client": "Ashcombe Dental"}],
    "chain in": "provider hours",
    "steps": [
        {"at": "50%", "tell": "board"},
        {"at": "75%", "tell": ["assignee or dispatcher and team lead", "service manager"], "urgency": "urgent"},
        {"at": "10m before", "tell": ["client contact", "person Gone"], "client text": "Soon", "channels": ["email"]},
    ],
}  # fmt: skip


@pytest.fixture
def marta(live_server: LiveServer) -> User:
    now = moment.now()
    provider = msp.make_promises(now)
    user = msp.make_user(provider)
    alerted.make_staff(provider)
    save(provider, "", "", Told("Premium, first", TREE), now)  # type: ignore[arg-type]
    return user


def sign_in(page: Page, user: User, address: str) -> Page:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    return page


@pytest.fixture
def inside(page: Page, live_server: LiveServer, marta: User) -> Iterator[Page]:
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield sign_in(page, marta, live_server.url)
    assert heard == []


@pytest.fixture
def scriptless(browser: Browser, live_server: LiveServer, marta: User) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield sign_in(context.new_page(), marta, live_server.url)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(
    inside: Page, live_server: LiveServer, axe_findings: Findings, scheme: str, size: ViewportSize
) -> None:
    inside.set_viewport_size(size)
    inside.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    def look(name: str) -> None:
        assert (name, axe_findings(inside)) == (name, [])
        assert inside.evaluate("document.documentElement.scrollWidth") <= size["width"], name

    pk = Ladder.objects.get().pk
    for address in ("", "preview/?priority=P1", "new/", f"{pk}/", f"{pk}/?kept=new", f"{pk}/remove/"):
        inside.goto(f"{live_server.url}/ladders/{address}")
        look(address)
    inside.goto(f"{live_server.url}/ladders/{pk}/")
    inside.get_by_label("Name").fill("")
    inside.locator("#step-1-at").fill("99.9")
    inside.locator("#step-0-every").fill("x")
    inside.get_by_role("button", name="Save").click()
    expect(inside.locator("[aria-invalid=true]")).to_have_count(3)
    look("what is wrong")


def make(page: Page, address: str) -> None:
    """A ladder of two steps is made by buttons and choices, and looked at before it is kept."""
    page.goto(f"{address}/ladders/new/")
    page.get_by_label("Name").fill("Schools")
    page.locator("#for-0-client").select_option("Brightwater Schools")
    page.locator("#step-0-at").fill("60")
    page.get_by_label("Step 1, turn 1, who").select_option("person Ada Ferrant")
    page.get_by_role("button", name="Tell somebody after them at step 1").press("Enter")
    page.get_by_label("Step 1, turn 2, who").select_option("service manager")
    page.get_by_role("button", name="Add a step").press("Enter")
    page.locator("#step-1-at").fill("20")
    page.locator("[name=step-1-unit]").select_option("before")
    page.locator("#pv-client").select_option(label="Brightwater Schools")
    page.get_by_role("button", name="Preview").last.press("Enter")
    foreseen = page.locator("#preview")
    expect(foreseen).to_contain_text("A P1 of Brightwater Schools, created")
    expect(foreseen).to_contain_text("Ada Ferrant by name, by mail")
    expect(foreseen).to_contain_text("nobody: it only shows on the board")
    assert Ladder.objects.count() == 1
    page.get_by_role("button", name="Make it").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("It is new, so it rehearses")
    assert Ladder.objects.filter(name="Schools").count() == 1


def test_a_ladder_is_made_by_keyboard(inside: Page, live_server: LiveServer) -> None:
    make(inside, live_server.url)


def test_a_ladder_is_made_without_scripts(scriptless: Page, live_server: LiveServer) -> None:
    make(scriptless, live_server.url)


def test_with_scripts_the_page_stays_and_shows_what_a_change_would_do(
    inside: Page, live_server: LiveServer
) -> None:
    inside.goto(f"{live_server.url}/ladders/{Ladder.objects.get().pk}/")
    inside.evaluate("window.same = true")
    inside.get_by_role("button", name="Add a step").click()
    expect(inside.locator("#step-3-at")).to_be_focused()
    inside.locator("#step-3").get_by_role("button", name="Remove this step").click()
    expect(inside.locator("#step-3")).to_have_count(0)
    inside.get_by_label("Step 2, turn 2, who").select_option("person Ben Okafor")
    inside.locator("#pv-client").select_option(label="Calder & Fenn Solicitors")
    expect(inside.locator("#preview")).to_contain_text("Ben Okafor by name")
    inside.locator("#step-1-at").fill("700")
    inside.locator("#step-1-at").press("Tab")
    expect(inside.locator("#preview")).to_contain_text("There is something wrong above")
    assert inside.evaluate("window.same")
