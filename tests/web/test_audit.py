"""The second check, shown: a line on the alerts, and a page with each difference."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client, override_settings
from tests.support.alerted import make_alert

from beforehand.alerts.models import Alert, Audit, Finding, Heartbeat
from beforehand.people.models import Provider, User
from beforehand.tickets.models import Ticket

from .test_alerts import text_of

Tickets = Callable[[str], Ticket]


def make_audit(provider: Provider, at: datetime, **fields: object) -> Audit:
    counts = dict.fromkeys(("explained", "not_judged", "differences", "failed"), 0)
    values = counts | {"judged": 132, "took": 900, "since": at - timedelta(days=1), "until": at} | fields
    return Audit.objects.create(provider=provider, at=at, **values)


def make_finding(audit: Audit, alert: Alert, **fields: object) -> Finding:
    values: dict[str, object] = {
        "kind": "missing", "first": audit.at, "ticket": alert.ticket, "alert": alert, "metric": alert.metric,
        "number": alert.number, "cycle": alert.cycle, "step": "75%", "place": 1, "whom": "team lead",
        "due": audit.at - timedelta(minutes=20), "said": "response, 75%, team lead: nobody was told",
    }  # fmt: skip
    return Finding.objects.create(provider=audit.provider, audit=audit, **values | fields)


def test_before_the_first_check_that_is_said(signed_in: Client) -> None:
    assert "The second check has not looked yet" in text_of(signed_in, "/alerts/")
    assert "Was everybody told?" in text_of(signed_in, "/alerts/check/")


def test_a_clean_check_is_a_line(signed_in: Client, provider: Provider, now: datetime) -> None:
    make_audit(provider, now - timedelta(minutes=4, seconds=30))
    page = text_of(signed_in, "/alerts/")
    assert "Checked 4 m ago: 132 steps of the last day, all told as they should be." in page
    assert "not judged" not in page
    assert "No difference" in text_of(signed_in, "/alerts/check/")


def test_what_was_late_and_said_so_and_what_was_not_judged_is_counted(
    signed_in: Client, provider: Provider, now: datetime
) -> None:
    make_audit(provider, now, explained=2, not_judged=5, reasons={"the agreements changed meanwhile": 5})
    page = text_of(signed_in, "/alerts/")
    assert "2 late, and told so." in page
    assert "5 not judged:" in page
    assert "The agreements changed meanwhile <strong>5</strong>" in text_of(signed_in, "/alerts/check/")


def test_a_check_that_is_long_ago_says_nothing_of_now(
    signed_in: Client, provider: Provider, now: datetime
) -> None:
    make_audit(provider, now - timedelta(hours=3))
    page = text_of(signed_in, "/alerts/")
    assert "Last checked 3 h ago" in page
    assert "all told as they should be" not in page


def test_where_nothing_could_be_judged_nothing_is_said_to_be_right(
    signed_in: Client, provider: Provider, now: datetime
) -> None:
    make_audit(provider, now, judged=0)
    page = text_of(signed_in, "/alerts/check/")
    assert "Nothing judged yet" in page
    assert "No difference" not in page


def test_a_ticket_that_could_not_be_read_is_not_called_clean(
    signed_in: Client, provider: Provider, now: datetime
) -> None:
    make_audit(provider, now, failed=1)
    assert "1 ticket could not be read" in text_of(signed_in, "/alerts/")
    assert "No difference" not in text_of(signed_in, "/alerts/check/")


def test_each_difference_leads_to_its_ticket_and_alert(
    signed_in: Client, provider: Provider, now: datetime, tickets: Tickets
) -> None:
    alert = make_alert(tickets("T48102"), now)
    older = make_audit(provider, now - timedelta(minutes=10), differences=2)
    make_finding(older, alert, kind="late")
    last = make_audit(provider, now, differences=1)
    make_finding(last, alert)
    assert "1 difference</b></a> in 132 steps" in text_of(signed_in, "/alerts/")
    page = text_of(signed_in, "/alerts/check/")
    assert "75%</strong>, team lead: nobody was told." in page
    assert f"/tickets/{alert.ticket_id}/" in page
    assert f"/alerts/{alert.pk}/" in page
    assert page.count('class="kind"') == 1


def test_nobody_sees_the_check_of_another_provider(signed_in: Client, now: datetime) -> None:
    other = Provider.objects.create(name="Other", slug="other", zone="UTC", created=now)
    make_audit(other, now)
    assert "has not looked yet" in text_of(signed_in, "/alerts/")


@override_settings(HEARTBEAT="https://hc-ping.example/secret-path")
def test_owners_see_what_came_of_the_heartbeat_and_nobody_its_address(
    signed_in: Client, provider: Provider, now: datetime, marta: User
) -> None:
    make_audit(provider, now)
    assert "The heartbeat was not sent yet" in text_of(signed_in, "/alerts/")
    Heartbeat.objects.create(pk=1, at=now, ok=False, answer="it answered 503")
    page = text_of(signed_in, "/alerts/")
    assert "it answered 503. The next clean check tries again." in page
    assert "secret-path" not in page + text_of(signed_in, "/alerts/check/")
    Heartbeat.objects.update(ok=True)
    assert "Heartbeat taken at" in text_of(signed_in, "/alerts/")
    User.objects.filter(pk=marta.pk).update(role="manager")
    assert "eartbeat" not in text_of(signed_in, "/alerts/")


@pytest.mark.parametrize(("role", "told"), [("owner", True), ("member", False)])
def test_owners_are_told_that_nobody_outside_would_notice(
    signed_in: Client, provider: Provider, now: datetime, marta: User, role: str, told: bool
) -> None:
    User.objects.filter(pk=marta.pk).update(role=role)
    make_audit(provider, now)
    assert ("BEFOREHAND_HEARTBEAT" in text_of(signed_in, "/alerts/check/")) is told
