"""Alerts on the desktop: a real browser that may show notifications, before a running server."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from tests.support import msp
from tests.support.alerted import make_alert, make_delivery, make_staff
from tests.support.served import Served

from beforehand.alerts.models import Delivery
from beforehand.kernel.models import Due
from beforehand.people.models import Provider, Technician
from beforehand.people.roles import Role
from beforehand.tickets import notices
from beforehand.tickets.models import Ticket
from beforehand.web import moment

pytestmark = pytest.mark.django_db(transaction=True)
# What is shown is shown by the browser itself; this only remembers it for the test.
REMEMBER = """
const Real = Notification;
window.shown = [];
window.Notification = class extends Real {
  constructor(title, options) { super(title, options); window.shown.push([title, options.body]); }
};
"""


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.kill()


@pytest.fixture
def provider() -> Provider:
    now = moment.now()
    provider = msp.make_promises(now)
    user = msp.make_user(provider)
    msp.make_tickets(provider, now)
    Due.objects.all().delete()  # the server's own worker decides on nothing by itself
    ada = make_staff(provider)["Ada Ferrant"]
    ada.user = user
    ada.save()
    return provider


@pytest.fixture
def inside(page: Page, provider: Provider, served: Served) -> Page:
    """Marta's browser; she is Ada of the staff."""
    served.start()
    client = Client()
    client.force_login(provider.users.get())
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": served.url}])
    page.context.grant_permissions(["notifications"], origin=served.url)
    page.context.add_init_script(REMEMBER)
    return page


def role(provider: Provider, role: Role) -> None:
    user = provider.users.get()
    user.role = role
    user.save()


def alert(provider: Provider, to: str, urgency: str = "normal") -> Delivery:
    """Somebody is told of a step, now, by another process."""
    told = set(Delivery.objects.values_list("alert__ticket", flat=True))
    ticket = Ticket.objects.filter(clock__late_at__isnull=False).exclude(pk__in=told).order_by("pk")[0]
    now = moment.now()
    row = make_delivery(make_alert(ticket, now), Technician.objects.get(name=to), now, urgency=urgency)
    notices.tell(provider.pk, [ticket.pk])
    return row


def switch_on(page: Page, served: Served) -> None:
    page.goto(served.url)
    button = page.get_by_role("button", name="Tell me on this desktop")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.focus()
    with page.expect_response("**/alerts/told/*"):
        page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")


def shown(*pages: Page) -> list[str]:
    return [title for page in pages for title, _ in page.evaluate("window.shown")]


def wait_until_shown(page: Page) -> None:
    for _ in range(900):
        if shown(page):
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing was shown")


def test_whoever_is_told_of_a_step_hears_of_it_once_in_all_tabs(
    inside: Page, served: Served, provider: Provider
) -> None:
    role(provider, Role.MEMBER)
    switch_on(inside, served)
    second = inside.context.new_page()
    second.goto(served.url)
    alert(provider, "Ben Okafor")
    alert(provider, "Ben Okafor", "urgent")
    mine = alert(provider, "Ada Ferrant")
    wait_until_shown(inside)
    second.wait_for_timeout(1500)
    title, body = inside.evaluate("window.shown")[0]
    assert f"(#{mine.alert.ticket.number.lstrip('#')})" in title
    assert body == "75%: Ada Ferrant was told (assignee). Expected: see to it."
    assert len(shown(inside, second)) == 1
    inside.close()
    second.wait_for_timeout(1500)
    again = alert(provider, "Ada Ferrant")
    wait_until_shown(second)
    assert [again.alert.ticket.number.lstrip("#") in title for title in shown(second)] == [True]


def test_a_manager_hears_of_all_that_is_urgent_until_it_is_switched_off(
    inside: Page, served: Served, provider: Provider
) -> None:
    role(provider, Role.MANAGER)
    alert(provider, "Ben Okafor", "urgent")  # before anybody asked
    switch_on(inside, served)
    alert(provider, "Ben Okafor")
    alert(provider, "Ben Okafor", "urgent")
    wait_until_shown(inside)
    assert len(shown(inside)) == 1
    inside.reload()
    inside.wait_for_timeout(1500)
    assert shown(inside) == []
    inside.get_by_role("button", name="Tell me on this desktop").click()
    alert(provider, "Ben Okafor", "urgent")
    inside.wait_for_timeout(3000)
    assert shown(inside) == []


def test_whom_no_alert_concerns_is_asked_nothing(inside: Page, served: Served, provider: Provider) -> None:
    role(provider, Role.MEMBER)
    Technician.objects.update(user=None)
    inside.goto(served.url)
    expect(inside.get_by_role("heading", name="What breaks next?")).to_be_visible()
    assert inside.locator("#desktop").count() == 0
