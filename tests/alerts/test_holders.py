"""What waited goes to whoever holds the role when its time has come."""

from datetime import UTC, datetime

from beforehand.alerts.models import Delivery
from beforehand.engine import history as h
from beforehand.engine.instants import MINUTE, to_instant
from beforehand.people.models import Absence
from beforehand.promises.ladders import Link, Step
from tests.support.post import Post

from .conftest import Desk

DAY = "2026-03-10T"
LATER = {day: [["12:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def wait_for_ada(desk: Desk, *chain: tuple[str, ...]) -> None:
    """A quiet step is told to the assignee, Ada, who works from noon on."""
    ada = desk.people["Ada"]
    ada.hours = LATER
    ada.save()
    desk.ladder(Step(50, None, tuple(Link((one,)) for one in chain or (("assignee",),)), "quiet"))
    desk.open("48213")
    assign(desk, "Ada")
    desk.at(DAY + "10:00")
    assert [(row.name, row.state) for row in Delivery.objects.all()] == [("Ada", "waiting")]


def assign(desk: Desk, to: str) -> None:
    desk.tell("48213", h.assigned(to_instant(desk.now), to, id=f"to {to}"))


def test_a_ticket_that_was_reassigned_is_told_to_the_new_assignee(desk: Desk, post: Post) -> None:
    wait_for_ada(desk)
    assign(desk, "Ben")
    desk.at(DAY + "12:00")
    first, second = Delivery.objects.order_by("pk")
    assert (first.state, first.why) == ("dropped", "is not the assignee any more: told Ben instead")
    assert (second.name, second.state, second.role, second.place) == ("Ben", "sent", "assignee", 0)
    assert [letter["To"] for letter in post.letters] == ["ben@northwind.test"]


def test_what_waited_for_somebody_who_went_away_goes_to_who_stands_in(desk: Desk, post: Post) -> None:
    wait_for_ada(desk)
    ada = desk.people["Ada"]
    ada.deputy = desk.people["Dee"]
    ada.save()
    Absence.objects.create(
        provider=desk.provider, technician=ada,
        first=datetime(2026, 3, 10, 11, tzinfo=UTC), last=datetime(2026, 3, 12, tzinfo=UTC),
    )  # fmt: skip
    desk.at(DAY + "12:00")
    assert [letter["To"] for letter in post.letters] == ["dee@northwind.test"]


def test_where_the_alternative_holds_the_role_now_it_is_told(desk: Desk, post: Post) -> None:
    wait_for_ada(desk, ("assignee", "dispatcher"))
    assign(desk, "")
    desk.at(DAY + "12:00")
    assert [letter["To"] for letter in post.letters] == ["dee@northwind.test"]


def test_where_nobody_holds_it_the_chain_moves_on_at_once(desk: Desk, post: Post) -> None:
    wait_for_ada(desk, ("assignee",))
    assign(desk, "")
    desk.at(DAY + "12:00")
    assert Delivery.objects.get().why == "is not the assignee any more: nobody is"
    assert Delivery.objects.get().state == "failed"
    desk.finds = ["unheard"]


def test_who_still_holds_it_is_told_once(desk: Desk, post: Post) -> None:
    wait_for_ada(desk)
    desk.at(DAY + "12:00")
    assert [letter["To"] for letter in post.letters] == ["ada@northwind.test"]
    assert Delivery.objects.count() == 1


def test_where_who_holds_it_now_cannot_be_reached_the_chain_moves_on_at_once(desk: Desk, post: Post) -> None:
    ada = desk.people["Ada"]
    ada.hours = {day: [["11:07", "17:00"]] for day in LATER}
    ada.save()
    chain = (Link((("assignee",),)), Link((("service manager",),)))
    desk.ladder(Step(50, None, chain, "quiet", every=20 * MINUTE))
    desk.open("48213", priority="P3")
    assign(desk, "Ada")
    desk.at(DAY + "11:03")
    assign(desk, "Ben")
    post.unknown = {"ben@northwind.test"}
    desk.at(DAY + "11:08")
    states = [(row.name, row.state) for row in Delivery.objects.order_by("pk")]
    assert states == [("Ada", "dropped"), ("Ben", "failed"), ("Cleo", "sent")]
