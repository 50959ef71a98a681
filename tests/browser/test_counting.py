"""The browser counts as the server counts: the same words at every instant, over closing, opening and the DST switch."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer
from tests.support import msp

from beforehand.engine.english import amount
from beforehand.engine.instants import to_instant
from beforehand.engine.saying import Saying
from beforehand.promises.book import current
from beforehand.tickets.models import Clock
from beforehand.web.live.hours import hours_of, offsets
from beforehand.web.standing import Row, row_of
from beforehand.web.templatetags.said import unbroken

pytestmark = pytest.mark.django_db(transaction=True)
FRIDAY = datetime(2026, 3, 27, 16, 2, 3, tzinfo=UTC)
"""Clocks go forward in London and Berlin on the 29th; in New York they have on the 8th."""
LATER = [
    timedelta(hours=h, minutes=m, seconds=s)
    for h, m, s in (
        (0, 0, 0), (0, 0, 57), (1, 27, 56), (1, 27, 57), (1, 58, 0), (4, 0, 0), (20, 0, 0), (32, 30, 0), (33, 30, 0),
        (62, 57, 56), (62, 57, 57), (63, 57, 58), (66, 11, 12), (90, 0, 0), (140, 30, 0),
    )
]  # fmt: skip
ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe")
LOOK = """
async ([before, after]) => {
    const { patch, paint } = await import('STATICweb/live/rows.js');
    const seen = () => [...document.querySelectorAll('#rows > tr')].map((row) => [
        row.id, row.className.replace('fresh', '').trim(), row.querySelector('.amount').textContent.trim(),
        row.querySelector('.meter-used').getAttribute('width'), row.querySelector('.c-left > .vh').textContent,
        row.querySelector('.c-state').textContent.trim(), row.querySelector('.c-state').className,
    ].join(' | '));
    patch(before.rows, before.order);
    paint(before.hours, after.now);
    const painted = seen();
    patch(after.rows, after.order);
    return [painted, seen()];
}
"""


def shown(rows: list[Row], now: int, zone: str) -> dict[str, Any]:
    """What the server sends of these rows."""
    today = Saying(now, zone, 0, 1).today
    html = {
        str(row.clock.pk): render_to_string("web/parts/row.html", {"row": row, "today": today})
        for row in rows
    }
    hours = hours_of({row.coverage for row in rows}, now, zone)
    return {"now": now, "rows": html, "order": [int(clock) for clock in html], "hours": hours}


def midnight_or(began: datetime, now: datetime, zone: str) -> datetime:
    """What the browser was last sent: a day of the viewer's begins with everything anew."""
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(began, midnight.astimezone(UTC))


@pytest.mark.parametrize("zone", ZONES)
def test_what_the_browser_counts_is_what_the_server_says(
    page: Page, live_server: LiveServer, zone: str
) -> None:
    provider = msp.make_promises(FRIDAY)
    user = msp.make_user(provider)
    msp.make_tickets(provider, FRIDAY)
    book = current(provider)
    clocks = list(Clock.objects.select_related("ticket__client").exclude(run=4).filter(metric__lt=6))
    _sign_in(page, live_server, user)
    page.goto(f"{live_server.url}/")
    for later in LATER:
        now = FRIDAY + later
        sent = midnight_or(FRIDAY, now, zone)
        before, after = (
            shown([row_of(clock, book, to_instant(at), zone) for clock in clocks], to_instant(at), zone)
            for at in (sent, now)
        )
        counted, said = page.evaluate(LOOK.replace("STATIC", settings.STATIC_URL), [before, after])
        assert (now.isoformat(), counted) == (now.isoformat(), said)
        assert len(said) > 30


def test_durations_are_said_alike(page: Page, live_server: LiveServer) -> None:
    """Over thousands, below a minute, and just around the limit, where the unit gets finer (1.4)."""
    cases = [(used, target) for target in (1, 999, 59_999_999, 3_600_000_000, 14_400_000_000, 4 * 10**15)
             for used in (0, 1, target - 1, target, target + 1, target // 2, 7 * target + 12_345)]  # fmt: skip
    page.goto(f"{live_server.url}/sign-in/")
    found = page.evaluate(
        f"""async (cases) => {{
            const {{ amount, unitOf }} = await import('{settings.STATIC_URL}web/live/time.js');
            return cases.map(([used, target]) => [unitOf(used, target), amount(target - used)]);
        }}""",
        cases,
    )
    for (used, target), (unit, words) in zip(cases, found, strict=True):
        assert (used, target, unit) == (used, target, Saying(0, "UTC", used, target).unit)
        assert words == unbroken(amount(target - used)) or "\u202f" in words


def test_the_viewers_clock_is_the_servers_whatever_the_machines_zone(
    page: Page, live_server: LiveServer
) -> None:
    page.goto(f"{live_server.url}/sign-in/")
    for zone in ZONES:
        told = offsets(zone, to_instant(FRIDAY))
        for later in LATER:
            now = FRIDAY + later
            words = page.evaluate(
                f"""async (now) => (await import('{settings.STATIC_URL}web/live/time.js'))
                    .localClock({json.dumps(told)}, now)""",
                to_instant(now),
            )
            local = now.astimezone(ZoneInfo(zone))
            assert words == f"{local.hour}:{local:%M}"


def _sign_in(page: Page, live_server: LiveServer, user: Any) -> None:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
