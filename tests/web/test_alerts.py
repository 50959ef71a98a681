"""The pages of alerts: the open ones, what people say of them, one, the history, who is rung, the outbox."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client, override_settings
from tests.support import alerted
from tests.support.alerted import MINUTE, make_alert, make_attempt, make_delivery

from beforehand.alerts.models import Alert, DayList, Delivery, StepTaken, Switch
from beforehand.people.models import Provider, Technician, User
from beforehand.promises.models import Client as Customer
from beforehand.tickets.models import Ticket

Tickets = Callable[[str], Ticket]
Made = dict[str, Alert]


def text_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


@pytest.fixture
def made(tickets: Tickets, provider: Provider, now: datetime) -> Made:
    tickets("T48102")
    return alerted.make_alerts(provider, now)


@pytest.fixture
def reader(client: Client, marta: User) -> Client:
    """Marta, who may only look."""
    User.objects.filter(pk=marta.pk).update(role="read-only")
    client.force_login(marta)
    return client


@pytest.fixture
def strange(now: datetime, made: Made) -> Alert:
    """An alert of another provider."""
    other = Provider.objects.create(name="Other", slug="other", zone="Europe/London", created=now)
    alert = made["saved"]
    Alert.objects.filter(pk=alert.pk).update(provider=other)
    return alert


def test_an_empty_page_says_what_will_stand_there(signed_in: Client) -> None:
    assert "All is well" in text_of(signed_in, "/alerts/")
    assert "Who is rung?" in text_of(signed_in, "/alerts/")
    assert "Everything is in rehearsal" in text_of(signed_in, "/alerts/?show=ringing")
    assert "signs in as you yet" in text_of(signed_in, "/alerts/?show=mine")
    assert "No alert is over yet" in text_of(signed_in, "/alerts/history/")
    assert "None yet: the first import makes one" in text_of(signed_in, "/alerts/rehearsal/")


def test_open_alerts_stand_worst_first_with_who_is_told_and_what_comes(signed_in: Client, made: Made) -> None:
    page = text_of(signed_in, "/alerts/")
    places = [page.index(f"/alerts/{made[name].pk}/") for name in ("late", "rehearsing", "held")]
    assert places == sorted(places)
    assert "late since" in page
    assert "Ada Ferrant told" in page
    assert "Then Chiara Lodi (service manager) in" in page
    assert "Ben Okafor has it until" in page
    assert "Ben Okafor would have been told" in page
    assert "Next step 90%, assignee or dispatcher" in page
    assert f"/alerts/{made['saved'].pk}/" not in page


def test_what_was_late_at_the_first_look_is_folded_away(signed_in: Client, made: Made) -> None:
    page = text_of(signed_in, "/alerts/")
    assert "Already late when we first looked: 1" in page
    assert page.index("Already late when") < page.index(f"/alerts/{made['old'].pk}/")
    assert "4 open alerts" in page


@pytest.mark.parametrize(
    ("show", "names"),
    [("ringing", {"late", "failed", "held"}), ("rehearsing", {"rehearsing"}), ("mine", {"late", "held"})],
)
def test_filters_choose(signed_in: Client, made: Made, marta: User, show: str, names: set[str]) -> None:
    Technician.objects.filter(name="Ada Ferrant").update(user=marta)
    page = text_of(signed_in, f"/alerts/?show={show}")
    assert {name for name, alert in made.items() if f'href="/alerts/{alert.pk}/"' in page} == names


def test_messages_that_failed_and_a_missing_server_are_said_on_top(signed_in: Client, made: Made) -> None:
    with override_settings(SENDS_MAIL=False):
        page = text_of(signed_in, "/alerts/")
    assert "No mail server is set, so nobody hears what rings" in page
    assert "1 message of the last 24 hours could not be delivered, to Chiara Lodi" in page
    Delivery.objects.filter(state="failed").delete()
    with override_settings(SENDS_MAIL=True):
        assert "trouble" not in text_of(signed_in, "/alerts/")


def test_i_have_it_holds_the_chain(signed_in: Client, made: Made, now: datetime) -> None:
    alert = made["late"]
    answer = signed_in.post(f"/alerts/{alert.pk}/hold/", {"minutes": "30", "from": "list"})
    assert answer["Location"] == "/alerts/"
    alert.refresh_from_db()
    assert alert.held_by == "Marta Hale"
    assert alert.held_until is not None
    assert timedelta() <= alert.held_until - (now + 30 * MINUTE) < MINUTE
    assert "Marta Hale has it until" in text_of(signed_in, f"/alerts/{alert.pk}/")


def test_i_have_it_wants_a_time_and_an_alert_that_goes_on(signed_in: Client, made: Made) -> None:
    assert signed_in.post(f"/alerts/{made['late'].pk}/hold/", {"minutes": "9000"}).status_code == 400
    assert signed_in.post(f"/alerts/{made['saved'].pk}/hold/", {"minutes": "30"}).status_code == 409
    assert signed_in.get(f"/alerts/{made['late'].pk}/hold/").status_code == 405


def test_noise_ends_an_alert_with_its_reason_and_rings_no_more(signed_in: Client, made: Made) -> None:
    alert = made["late"]
    nothing = signed_in.post(f"/alerts/{alert.pk}/noise/", {"reason": "  "})
    assert (nothing.status_code, "a few words on why" in nothing.content.decode()) == (400, True)
    assert signed_in.post(f"/alerts/{alert.pk}/noise/", {"reason": "a test  ticket"}).status_code == 302
    alert.refresh_from_db()
    assert (alert.outcome, alert.ended_by) == ("noise", "noise, said Marta Hale: a test ticket")
    assert alert.ended is not None
    assert alert.chain_step is None
    # What says that no step is left to be taken; test_relaid.py takes none.
    assert StepTaken.objects.filter(alert=alert, how="noise").count() == 1
    assert "said Marta Hale: a test ticket" in text_of(signed_in, "/alerts/history/")
    again = signed_in.post(f"/alerts/{alert.pk}/noise/", {"reason": "again"})
    assert again.status_code == 400


def test_who_may_only_look_sees_all_and_changes_nothing(reader: Client, made: Made) -> None:
    page = text_of(reader, "/alerts/")
    assert "I have it" not in page
    assert f"/alerts/{made['late'].pk}/" in page
    for what in ("hold", "noise"):
        answer = reader.post(f"/alerts/{made['late'].pk}/{what}/", {"minutes": "30", "reason": "no"})
        assert answer.status_code == 403
    assert "Switch on" not in text_of(reader, "/alerts/rehearsal/")
    for address in ("switch/", "everything/", "worst/", f"clients/{Customer.objects.all()[0].pk}/switch/"):
        assert reader.post(f"/alerts/rehearsal/{address}", {"on": "yes"}).status_code == 403


def test_a_member_says_i_have_it_and_switches_nothing(reader: Client, marta: User, made: Made) -> None:
    User.objects.filter(pk=marta.pk).update(role="member")
    assert reader.post(f"/alerts/{made['late'].pk}/hold/", {"minutes": "15"}).status_code == 302
    assert reader.post("/alerts/rehearsal/everything/").status_code == 403


def test_nothing_of_another_provider_is_there(signed_in: Client, strange: Alert) -> None:
    assert signed_in.get(f"/alerts/{strange.pk}/").status_code == 404
    for what in ("hold", "noise"):
        answer = signed_in.post(f"/alerts/{strange.pk}/{what}/", {"minutes": "30", "reason": "no"})
        assert answer.status_code == 404
    assert f"/alerts/{strange.pk}/" not in text_of(signed_in, "/alerts/history/")


def test_one_alert_tells_each_try_word_for_word(signed_in: Client, made: Made) -> None:
    page = text_of(signed_in, f"/alerts/{made['failed'].pk}/")
    assert "could not be delivered" in page
    assert "451 4.7.1 Greylisted, try again in 5 minutes" in page
    assert "2 tries to chiara@northgate.example" in page
    assert "It may have come twice" in page
    late = text_of(signed_in, f"/alerts/{made['late'].pk}/")
    assert "Nobody to tell: team lead." in late
    assert "Told when it was reached." in late
    assert "found long after it was reached" in text_of(signed_in, f"/alerts/{made['old'].pk}/").lower()
    assert "What ended it: the clock stopped: met" in text_of(signed_in, f"/alerts/{made['saved'].pk}/")


def test_history_says_what_came_of_each_and_what_it_cost(
    signed_in: Client, made: Made, now: datetime
) -> None:
    page = text_of(signed_in, "/alerts/history/")
    figures = [("Saved", 1), ("Too late", 0), ("Noise", 1), ("Only rehearsed", 1)]
    for name, count in figures:
        assert f"<dt>{name}</dt><dd>{count}</dd>" in page
    assert 'Ada Ferrant <strong>4</strong> <span class="soft">(1 urgent)</span>' in page
    places = [page.index(f"/alerts/{made[name].pk}/") for name in ("saved", "noise", "missed")]
    assert places == sorted(places)
    assert "7 m" in page
    Delivery.objects.update(created=now - timedelta(days=8))
    assert "Nobody was interrupted" in text_of(signed_in, "/alerts/history/")


def test_one_message_for_several_alerts_is_one_interruption(signed_in: Client, made: Made) -> None:
    Delivery.objects.filter(name="Ada Ferrant", state="sent").update(message="one@northgate.example")
    assert "Ada Ferrant <strong>1</strong>" in text_of(signed_in, "/alerts/history/")


def test_the_board_says_who_was_told_or_has_it(signed_in: Client, made: Made) -> None:
    page = text_of(signed_in, "/")
    assert "100% · Ada Ferrant told" in page
    assert '"alerted">Ben Okafor has it until' in page
    assert "75% · rehearsal" in page
    assert page.count("· rehearsal") == 2


def test_the_ticket_shows_its_alerts_and_only_where_it_has_some(
    signed_in: Client, made: Made, tickets: Tickets
) -> None:
    page = text_of(signed_in, f"/tickets/{made['late'].ticket_id}/")
    assert "Was anybody told?" in page
    assert f"/alerts/{made['late'].pk}/" in page
    assert "Ada Ferrant" in page
    without = Ticket.objects.exclude(pk__in=Alert.objects.values("ticket"))[0]
    assert "Was anybody told?" not in text_of(signed_in, f"/tickets/{without.pk}/")


def test_the_outbox_is_of_a_simulated_provider_alone(
    signed_in: Client, provider: Provider, made: Made, now: datetime
) -> None:
    assert "Outbox" not in text_of(signed_in, "/alerts/")
    assert signed_in.get("/alerts/outbox/").status_code == 404
    Provider.objects.filter(pk=provider.pk).update(simulated=True)
    row = Delivery.objects.filter(state="sent")[0]
    body = "Expected of you: <see to it>.\n\nI have it: http://127.0.0.1:8000/alerts/hold/abc/\n"
    make_attempt(row, now, True, "kept", subject="Contoso, P1, response due", body=body)
    page = text_of(signed_in, "/alerts/outbox/")
    assert "Contoso, P1, response due" in page
    assert '<a href="http://127.0.0.1:8000/alerts/hold/abc/"' in page
    assert "&lt;see to it&gt;" in page
    assert "Outbox" in text_of(signed_in, "/alerts/")


def test_many_alerts_cost_no_more_queries(
    signed_in: Client, provider: Provider, made: Made, now: datetime, django_assert_max_num_queries: object
) -> None:
    ada = Technician.objects.get(name="Ada Ferrant")
    taken = set(Alert.objects.values_list("ticket", flat=True))
    for ticket in Ticket.objects.filter(runs__gt=0).exclude(pk__in=taken).select_related("provider"):
        make_delivery(make_alert(ticket, now), ada, now)
    with django_assert_max_num_queries(28):  # type: ignore[operator]
        text_of(signed_in, "/alerts/")


def test_switches_stand_with_what_they_would_have_rung(signed_in: Client, made: Made) -> None:
    page = text_of(signed_in, "/alerts/rehearsal/")
    assert "4 of 12 switched on" in page
    assert "only P1, P2" in page
    assert "<strong>2</strong> messages would have gone out" in page
    assert "Default for triage" in page


def test_one_thing_is_switched_on_and_back(signed_in: Client, marta: User, made: Made) -> None:
    what = {"kind": "ladder", "key": "Default for triage"}
    signed_in.post("/alerts/rehearsal/switch/", {**what, "on": "yes"})
    assert Switch.objects.get(**what).by == marta
    signed_in.post("/alerts/rehearsal/switch/", {**what, "on": "no"})
    assert not Switch.objects.filter(**what).exists()


def test_what_is_not_there_is_not_switched(signed_in: Client, made: Made, now: datetime) -> None:
    other = Provider.objects.create(name="Other", slug="other", zone="Europe/London", created=now)
    strange = Customer.objects.create(provider=other, name="Strange", zone="Europe/London")
    for kind, key in (("ladder", "no such"), ("client", str(strange.pk)), ("moon", "1")):
        answer = signed_in.post("/alerts/rehearsal/switch/", {"kind": kind, "key": key, "on": "yes"})
        assert answer.status_code == 400
    assert signed_in.get(f"/alerts/rehearsal/clients/{strange.pk}/").status_code == 404
    assert signed_in.post(f"/alerts/rehearsal/clients/{strange.pk}/switch/", {"on": "yes"}).status_code == 404


def test_everything_is_switched_on_and_what_rings_for_some_stays_so(signed_in: Client, made: Made) -> None:
    signed_in.post("/alerts/rehearsal/everything/")
    assert Switch.objects.count() == 12
    assert Switch.objects.get(priorities=["P1", "P2"]).kind == "client"
    assert "Switch everything on" not in text_of(signed_in, "/alerts/rehearsal/")


def test_what_hurts_most_is_switched_on_with_all_it_takes(signed_in: Client, made: Made) -> None:
    page = text_of(signed_in, "/alerts/rehearsal/")
    assert "Start with what hurts most" in page
    worst = Customer.objects.get(name="Greymoor Housing Trust")
    signed_in.post("/alerts/rehearsal/worst/", {"client": [str(worst.pk), "999999"]})
    on = set(Switch.objects.values_list("kind", "key"))
    assert ("client", str(worst.pk)) in on
    assert sum(kind == "client" for kind, _ in on) == 3
    assert sum(kind == "ladder" for kind, _ in on) == 4


def test_a_client_rings_for_some_tickets_only(signed_in: Client, made: Made) -> None:
    client = Customer.objects.get(name="Greymoor Housing Trust")
    page = text_of(signed_in, f"/alerts/rehearsal/clients/{client.pk}/")
    assert 'name="priorities" value="P1"' in page
    assert "Its tickets have none so far" in page
    address = f"/alerts/rehearsal/clients/{client.pk}/switch/"
    signed_in.post(address, {"on": "yes", "priorities": ["P1"], "types": ["Incident"]})
    row = Switch.objects.get(kind="client", key=str(client.pk))
    assert (row.priorities, row.types) == (["P1"], ["Incident"])
    page = text_of(signed_in, f"/alerts/rehearsal/clients/{client.pk}/")
    assert 'value="P1" checked' in page
    assert 'value="Incident" checked' in page
    signed_in.post(address, {"on": "no"})
    assert not Switch.objects.filter(kind="client", key=str(client.pk)).exists()


def test_the_pages_want_somebody_who_is_signed_in(client: Client, provider: Provider) -> None:
    for address in ("/alerts/", "/alerts/history/", "/alerts/rehearsal/", "/alerts/outbox/", "/alerts/1/"):
        assert client.get(address).status_code == 302


def test_history_tells_of_the_days_lists_with_each_try(signed_in: Client, made: Made, now: datetime) -> None:
    ada, chiara = (Technician.objects.get(name=name) for name in ("Ada Ferrant", "Chiara Lodi"))
    assert "The day’s lists" not in text_of(signed_in, "/alerts/history/")
    row = make_delivery(made["late"], ada, now, key="day")
    make_attempt(row, now, False, "451 4.7.1 not now")
    DayList.objects.create(
        provider=row.provider, day=now.date(), manager=chiara.pk, technician=ada.pk, name=ada.name, created=now,
        mailbox=row.mailbox, message=row.message, state="failed", why="451 4.7.1 not now", repeats=1,
    )  # fmt: skip
    page = text_of(signed_in, "/alerts/history/")
    assert f"({now:%a %d %b}, in place of Chiara Lodi, mail)" in page
    assert "could not be delivered" in page
    assert "<code>451 4.7.1 not now</code>" in page
    assert "It may have come twice" in page
    assert "2 messages of the last 24 hours could not be delivered, to Ada Ferrant, Chiara Lodi" in text_of(
        signed_in, "/alerts/"
    )
