"""The first visit, with nothing in the browser's cache: little to fetch, nothing from elsewhere, nothing that jumps."""

from collections.abc import Iterator
from time import monotonic, sleep

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page
from tests.support import msp
from tests.support.served import Served
from tests.support.visit import visit

from beforehand.kernel.models import Due
from beforehand.tickets.watching import TICKET
from beforehand.web import moment

pytestmark = pytest.mark.django_db(transaction=True)
HEAVIEST = 150_000
"""Bytes on the line, of everything."""


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    served.start()
    yield served
    served.kill()


def _at_rest() -> None:
    """When the server's worker has looked at all tickets: what it finds is told to open pages, which is no first visit."""
    end = monotonic() + 120
    while Due.objects.filter(kind=TICKET, due_at__lte=moment.now()).exists():
        assert monotonic() < end
        sleep(0.1)
    sleep(1)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_first_visit_is_light_and_nothing_jumps(page: Page, served: Served, width: int) -> None:
    now = moment.now()
    provider = msp.make_promises(now)
    marta = msp.make_user(provider)
    msp.make_tickets(provider, now, more=60)
    _at_rest()
    browser = Client()
    browser.force_login(marta)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": browser.cookies[name].value, "url": served.url}])
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", "/clients/"):
        seen = visit(page, served.url + path)
        assert seen.weight < HEAVIEST, seen.files
        assert seen.shift < 0.01
        assert seen.outside == []


def test_styles_and_scripts_are_kept_by_the_browser_until_they_are_others(client: Client, db: None) -> None:
    address = f"{settings.STATIC_URL}web/page.css"
    answer = client.get(address, headers={"accept-encoding": "gzip"})
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    answer.close()
    assert client.get("/static/0123456789ab/web/page.css").status_code == 404
    font = client.get(
        f"{settings.STATIC_URL}web/fonts/inter-latin-wght-normal.woff2", headers={"accept-encoding": "gzip"}
    )
    assert "Content-Encoding" not in font.headers
    font.close()
