"""The pages of the staff in a browser: nothing for axe-core to find, and all of it works by forms and keys alone."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer
from tests.support import msp
from tests.support.staff import make_staff

from beforehand.people.models import DutyDate, Technician
from beforehand.web import moment

pytestmark = pytest.mark.django_db(transaction=True)
Findings = Callable[[Page], list[str]]
DESK, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1
SUMMARY:On call: {name}
DTSTART;TZID=Europe/London:20260105T180000
DTEND;TZID=Europe/London:20260106T080000
RRULE:FREQ=WEEKLY
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.fixture
def staff_page(page: Page, live_server: LiveServer) -> Iterator[Page]:
    """A browser in which Marta is signed in, before an MSP with a staff."""
    heard: list[str] = []
    page.on("console", lambda told: heard.append(told.text) if told.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    now = moment.now()
    provider = msp.make_promises(now)
    user = msp.make_user(provider)
    msp.make_tickets(provider, now)
    make_staff(provider, now)
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    yield page
    assert [line for line in heard if "400 (Bad Request)" not in line] == []


def read_calendar(page: Page, name: str) -> None:
    file = {"name": "on-call.ics", "mimeType": "text/calendar", "buffer": CALENDAR.format(name=name).encode()}
    page.get_by_label("Calendar (.ics)").set_input_files(files=[file])  # type: ignore[list-item]
    page.get_by_role("button", name="Read it").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(
    staff_page: Page, live_server: LiveServer, axe_findings: Findings, scheme: str, size: ViewportSize
) -> None:
    staff_page.set_viewport_size(size)
    staff_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    def look(name: str) -> None:
        assert (name, axe_findings(staff_page)) == (name, [])
        assert staff_page.evaluate("document.documentElement.scrollWidth") <= size["width"], name

    somebody = Technician.objects.get(name="Ada Ferrant").pk
    for address in ("/staff/", "/staff/new/", f"/staff/{somebody}/", "/staff/roster/"):
        staff_page.goto(live_server.url + address)
        look(address)
    for name in ("Ada Ferrant", "Nobody we know"):
        staff_page.goto(f"{live_server.url}/staff/roster/")
        read_calendar(staff_page, name)
        look(f"a calendar of {name}")
    staff_page.goto(f"{live_server.url}/staff/new/")
    staff_page.get_by_label("Name", exact=True).fill("Ada Ferrant")
    staff_page.get_by_label("Working hours").fill("sometimes")
    staff_page.get_by_role("button", name="Add").click()
    expect(staff_page.locator(".field .error")).to_have_count(2)
    look("a technician who cannot be")


def test_a_technician_is_taken_on_by_keyboard_alone(staff_page: Page, live_server: LiveServer) -> None:
    staff_page.goto(f"{live_server.url}/staff/")
    staff_page.get_by_role("link", name="Add Ewa Nowak").focus()
    staff_page.keyboard.press("Enter")
    expect(staff_page.get_by_label("Name", exact=True)).to_have_value("Ewa Nowak")
    staff_page.get_by_label("E-mail address").focus()
    staff_page.keyboard.type("ewa@northgate.example")
    staff_page.keyboard.press("Enter")
    expect(staff_page.get_by_role("link", name="Ewa Nowak", exact=True)).to_be_visible()
    expect(staff_page.get_by_role("link", name="Add Ewa Nowak")).to_have_count(0)


def test_a_calendar_is_shown_before_it_is_taken(staff_page: Page, live_server: LiveServer) -> None:
    staff_page.goto(f"{live_server.url}/staff/roster/")
    read_calendar(staff_page, "Ada Ferrant")
    expect(staff_page.get_by_role("heading", name="What on-call.ics says")).to_be_visible()
    assert DutyDate.objects.count() == 1
    staff_page.get_by_role("button", name="Take them").click()
    expect(staff_page.get_by_role("heading", name="From a calendar")).to_be_visible()
    assert DutyDate.objects.count() > 50
