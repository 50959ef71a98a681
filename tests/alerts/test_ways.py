"""A person's further ways, and what cannot be delivered by one falls over to the next."""

from collections.abc import Iterator

import pytest
from django.db import connection

from beforehand.alerts import outbox
from beforehand.alerts.channel_changes import save_channel
from beforehand.alerts.channels import Places
from beforehand.alerts.hooks import opened, sealed
from beforehand.alerts.models import Alert, Attempt, Channel, Delivery, Way
from beforehand.alerts.way_changes import add_way, remove_way
from beforehand.kernel.faults import Refused
from beforehand.people.staff import Staff
from beforehand.promises.ladders import Link, Step
from tests.support.post import Post
from tests.support.receiver import Receiver, receiver

from .conftest import Desk

pytestmark = pytest.mark.program

DAY = "2026-03-10T"


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as kept:
        yield kept


def sms(desk: Desk, there: Receiver, who: str = "Dee", name: str = "sms", **more: object) -> Way:
    """A way of somebody's own, the last in their order, to a service on this machine."""
    person = desk.people[who]
    person.channels = [*(person.channels or ["email"]), name]
    person.save()
    address = sealed(f"json://127.0.0.1:{there.port}/secret-{name}")
    fields = {"name": name, "address": address, "allow_private": True, **more}
    return Way.objects.create(provider=desk.provider, technician=person, **fields)


def tells(*parties: str, channels: tuple[str, ...] = (), urgency: str = "urgent") -> Step:
    return Step(50, None, tuple(Link(((party,),)) for party in parties), urgency, channels)


def test_a_way_is_added_as_the_last_of_somebodys_order_and_taken_away_again(desk: Desk) -> None:
    dee = desk.people["Dee"]
    way = add_way(Way(provider=desk.provider, technician=dee, name="SMS"), " jsons://example.com/x ")
    dee.refresh_from_db()
    assert (opened(way.address), dee.channels) == ("jsons://example.com/x", ["email", "SMS"])
    remove_way(way)
    dee.refresh_from_db()
    assert dee.channels == ["email"]


def test_the_first_way_is_told_and_the_others_are_not(desk: Desk, there: Receiver, post: Post) -> None:
    sms(desk, there)
    desk.ladder(tells("dispatcher"))
    desk.open("48213")
    desk.at(DAY + "09:30")
    assert (len(post.letters), there.posted) == (1, [])


def test_what_the_mail_server_refuses_for_good_falls_over_to_the_next_way(
    desk: Desk, there: Receiver, post: Post
) -> None:
    post.unknown = {"dee@northwind.test"}
    sms(desk, there)
    desk.ladder(tells("dispatcher", "service manager"))
    desk.open("48213")
    desk.at(DAY + "09:30")
    assert desk.told == [("50%", "Dee", "failed"), ("50%", "Dee", "sent")]
    failed, sent = Delivery.objects.order_by("pk")
    assert failed.why == "550 nobody of that name; told by sms instead"
    assert (sent.step, sent.place, sent.urgency, sent.role) == (failed.step, 0, "urgent", "dispatcher")
    assert failed.key != sent.key
    assert len(there.posted) == 1


def test_the_chain_moves_on_when_the_last_way_has_failed_and_not_before(
    desk: Desk, there: Receiver, post: Post
) -> None:
    post.unknown, there.status = {"dee@northwind.test"}, 403
    sms(desk, there)
    sms(desk, there, name="pager")
    desk.ladder(tells("dispatcher", "service manager"))
    desk.open("48213")
    desk.at(DAY + "09:30")
    assert desk.told == [("50%", "Dee", "failed")] * 3 + [("50%", "Cleo", "sent")]
    assert [one.path for one in there.posted] == ["/secret-sms", "/secret-pager"]
    assert "instead" not in Delivery.objects.order_by("pk")[2].why


def test_what_is_not_taken_for_now_falls_over_when_its_tries_are_used_up(
    desk: Desk, there: Receiver, post: Post
) -> None:
    post.refuses = True
    sms(desk, there)
    desk.ladder(tells("dispatcher"))
    desk.open("48213", priority="P4")
    desk.at(DAY + "21:00")
    mail, text = Delivery.objects.filter(alert=desk.alert).order_by("pk")
    assert (mail.state, mail.tries, text.state) == ("failed", 8, "sent")


def test_a_step_that_names_ways_uses_these_in_its_order_alone(
    desk: Desk, there: Receiver, post: Post
) -> None:
    there.status = 403
    sms(desk, there)
    desk.ladder(tells("dispatcher", "service manager", channels=("sms",)))
    desk.open("48213")
    desk.at(DAY + "09:30")
    # Nobody else has such a way.
    assert desk.told == [("50%", "Dee", "failed")]
    assert post.letters == []


def test_people_are_reached_by_their_numbers_over_a_channel_for_all(
    desk: Desk, there: Receiver, post: Post
) -> None:
    row = Channel(provider=desk.provider, name="SMS", kind="apprise", allow_private=True, say="bare")
    kept = save_channel(row, f"json://127.0.0.1:{there.port}/sms?:to={{phone}}", "").channel
    dee = desk.people["Dee"]
    dee.phone, dee.channels = "+49 (30) 1234-5", ["sms", "email"]
    dee.save()
    assert kept.by_phone
    assert Places(desk.provider).named("sms") is None
    desk.ladder(tells("dispatcher"))
    desk.open("48213")
    desk.at(DAY + "09:30")
    assert desk.told == [("50%", "Dee", "sent")]
    said = there.posted[0].said
    assert said["to"] == "+49301234-5".replace("-", "")
    assert "Contoso" not in said["message"]
    assert said["title"] == "P1, response due in 30 minutes, unassigned (#48213)"


def test_a_way_says_neither_client_nor_subject_unless_it_may(desk: Desk, there: Receiver) -> None:
    sms(desk, there)
    sms(desk, there, "Ada", say="full")
    for who in ("Dee", "Ada"):
        person = desk.people[who]
        person.channels = ["sms"]
        person.save()
    desk.ladder(tells("dispatcher", "person Ada"))
    desk.open("48213")
    desk.at(DAY + "09:59")
    bare, full = (one.said["message"] for one in there.posted)
    assert "Contoso" not in bare
    assert "Mail server" not in bare
    assert "Contoso" in full


def test_a_way_that_is_taken_away_while_something_waits_falls_over(
    desk: Desk, there: Receiver, post: Post
) -> None:
    there.status = 503
    way = sms(desk, there)
    dee = desk.people["Dee"]
    dee.channels = ["sms", "email"]
    dee.save()
    desk.ladder(tells("dispatcher"))
    desk.open("48213")
    desk.at(DAY + "09:30")
    remove_way(way)
    desk.at(DAY + "09:32")
    assert desk.told == [("50%", "Dee", "failed"), ("50%", "Dee", "sent")]
    assert len(post.letters) == 1


def test_a_test_is_kept_as_the_last_answer_of_a_way(desk: Desk, there: Receiver, post: Post) -> None:
    sms(desk, there)
    person = Staff(desk.provider).named("Dee")
    assert person is not None
    for way in Places(desk.provider).ways_to(person):
        assert outbox.try_way(desk.provider, person, way, desk.now).ok
    assert [one.ok for one in Attempt.objects.all()] == [True, True]
    assert post.letters[0]["Subject"].startswith("A test of a way to Dee by Beforehand")
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("name", "address", "fault"),
    [
        (" ", "jsons://example.com/x", "way, name"),
        ("E-Mail", "jsons://example.com/x", "way, name"),
        ("SMS", "jsons://example.com/x", "way, name"),
        ("pager", "", "way, address"),
        ("pager", "jsons://example.com/{phone}", "way, address"),
        ("pager", "gnome://hush-hush", "channel, address"),
    ],
)
def test_a_way_that_cannot_be_is_refused_and_its_address_not_repeated(
    desk: Desk, there: Receiver, name: str, address: str, fault: str
) -> None:
    sms(desk, there)
    with pytest.raises(Refused) as refused:
        add_way(Way(provider=desk.provider, technician=desk.people["Dee"], name=name), address)
    assert [one.place for one in refused.value.faults] == [fault]
    assert "hush-hush" not in str(refused.value)
    assert Way.objects.count() == 1


def test_the_address_of_a_way_is_nowhere_in_clear(desk: Desk, there: Receiver, post: Post) -> None:
    there.status, there.text = 403, "no secret-sms here"
    sms(desk, there)
    desk.ladder(tells("dispatcher", channels=("sms",)))
    desk.open("48213")
    desk.at(DAY + "09:30")
    with connection.cursor() as cursor:
        for table in ("way", "mailbox", "delivery", "attempt"):
            cursor.execute(f"SELECT * FROM alerts_{table}")
            assert "secret-sms" not in repr(cursor.fetchall())
    assert Attempt.objects.get().answer == "JSON: 403 no *** here"
