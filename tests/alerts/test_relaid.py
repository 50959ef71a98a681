"""Ladders that are changed while alerts climb them: nothing is told again, nothing that is to come is left out."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforehand.alerts.dismissing import dismiss
from beforehand.alerts.models import Alert, StepTaken, Switch
from beforehand.alerts.numbers import going_on, numbered, said
from beforehand.promises.file.check import check_text
from beforehand.promises.file.dump import dump
from beforehand.promises.file.ladders import read_link, say_at, say_ladder
from beforehand.promises.file.load import load_checked
from beforehand.promises.file.reader import Reader
from beforehand.promises.ladder_changes import Meanwhile, Told, mark, remove, save
from beforehand.promises.ladders import FIRST as BUILT_IN
from beforehand.promises.ladders import Ladder, Link, Match, Step, from_stored, in_order
from beforehand.promises.models import Ladder as Row
from beforehand.promises.rows import stored_revision
from tests.support.post import Post

from .conftest import FIRST, Desk

DAY = "2026-03-10T"
LEAD, MANAGER, DISPATCHER = (Link(((party,),)) for party in ("team lead", "service manager", "dispatcher"))
HALF, THREE_QUARTERS, NINETY = (
    Step(percent, None, (DISPATCHER, LEAD, MANAGER), "urgent") for percent in (50, 75, 90)
)


def relay(desk: Desk, *steps: Step, name: str = "Ours", was: str = "Ours", **more: object) -> None:
    """The ladder is changed on its page, now."""
    ladder = Ladder(name, in_order(steps), (Match(),))._replace(**more)
    save(desk.provider, was, mark(there(was)), Told(name, say_ladder(ladder)), desk.now)


def there(name: str) -> Ladder | None:
    row = Row.objects.filter(name=name).first()
    return None if row is None else from_stored(row.name, row.said, row.in_hours)


def test_what_was_told_is_not_told_again_below_a_step_that_was_put_before_it(desk: Desk, post: Post) -> None:
    desk.ladder(HALF, NINETY)
    desk.open("48213")
    desk.at(DAY + "09:31")
    relay(desk, Step(25, None, (MANAGER,)), HALF, THREE_QUARTERS, NINETY)
    desk.at(DAY + "09:35")
    assert desk.told == [("50%", "Dee", "sent")]
    desk.at(DAY + "10:30")
    assert [one for one in desk.told if one[0] == "25%"] == []
    assert StepTaken.objects.get(said="25%").how == "past"
    for step in ("50%", "75%", "90%"):
        names = [name for said, name, _ in desk.told if said == step]
        assert len(names) == len(set(names)), step
        assert names[0] == "Dee", step


def test_a_step_that_is_yet_to_come_is_told_when_it_is_reached(desk: Desk, post: Post) -> None:
    desk.ladder(HALF)
    desk.open("48213")
    desk.at(DAY + "09:31")
    relay(desk, HALF, THREE_QUARTERS)
    desk.at(DAY + "09:45")
    assert desk.told[-1] == ("75%", "Dee", "sent")
    assert StepTaken.objects.get(said="75%").at == datetime.fromisoformat(DAY + "09:45Z")


def test_a_step_that_comes_after_a_change_is_told_though_the_worker_looks_late(
    desk: Desk, post: Post
) -> None:
    desk.ladder(HALF, THREE_QUARTERS)
    desk.open("48213")
    desk.at(DAY + "09:39")
    relay(desk, HALF, Step(60, None, (MANAGER,)), Step(70, None, (MANAGER,)), THREE_QUARTERS)
    # Nobody looks until after 70%.
    desk.now = desk.now.replace(minute=44)
    desk.work()
    assert desk.told[-1] == ("70%", "Cleo", "sent")
    assert StepTaken.objects.get(said="60%").how == "past"


def test_a_step_that_was_moved_back_is_told_there_and_one_that_was_moved_up_is_past(
    desk: Desk, post: Post
) -> None:
    desk.ladder(HALF, NINETY)
    desk.open("48213")
    desk.at(DAY + "09:31")
    relay(desk, Step(80, None, (MANAGER,), "urgent"), Step(40, None, (LEAD,), "urgent"))
    desk.at(DAY + "09:55")
    assert desk.told == [("50%", "Dee", "sent"), ("80%", "Cleo", "sent")]
    assert StepTaken.objects.get(said="50%").ended_by == "the step was taken off the ladder"


def test_of_a_chain_that_goes_on_nobody_is_left_out_and_nobody_told_twice(desk: Desk, post: Post) -> None:
    desk.ladder(HALF)
    desk.open("48213")
    desk.at(DAY + "09:31")
    relay(desk, HALF._replace(chain=(LEAD, MANAGER)))
    desk.at(DAY + "09:59")
    assert desk.told == [("50%", "Dee", "sent"), ("50%", "Ben", "sent"), ("50%", "Cleo", "sent")]
    relay(desk, HALF._replace(chain=(LEAD, DISPATCHER, MANAGER)))
    desk.at(DAY + "11:00")
    assert len(desk.told) == 3


def test_a_ladder_of_ones_own_takes_over_from_the_one_that_is_built_in(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:46")
    relay(desk, *BUILT_IN.steps, name="Mine", was="", fits=(Match(priority="P1"),))
    desk.at(DAY + "09:53")
    # It is new, so it rehearses; what was told at 75% was told.
    assert desk.told == [("50%", "Dee", "sent"), ("75%", "Dee", "sent"), ("75%", "Ben", "rehearsed")]
    assert (desk.alert.ladder, desk.alert.rehearsal) == ("Mine", True)
    desk.switch_on("Mine")
    desk.at(DAY + "09:54")
    assert desk.told[-2:] == [("90%", "Ben", "sent"), ("90%", "Cleo", "sent")]


def test_a_ladder_that_is_taken_away_leaves_its_alerts_to_the_one_that_is_built_in(
    desk: Desk, post: Post
) -> None:
    desk.ladder(HALF)
    desk.switch_on(FIRST)
    desk.open("48213")
    desk.at(DAY + "09:31")
    remove(desk.provider, "Ours", mark(there("Ours")), desk.now)
    desk.at(DAY + "09:45")
    assert desk.told == [("50%", "Dee", "sent"), ("75%", "Dee", "sent")]
    assert (desk.alert.ladder, desk.alert.rehearsal) == (FIRST, False)
    assert not Switch.objects.filter(key="Ours").exists()


def test_a_renamed_ladder_rings_as_it_did(desk: Desk, post: Post) -> None:
    desk.ladder(HALF)
    desk.open("48213")
    desk.at(DAY + "09:31")
    pk = Row.objects.get().pk
    relay(desk, HALF, THREE_QUARTERS, name="Theirs")
    desk.at(DAY + "09:45")
    assert desk.told[-1] == ("75%", "Dee", "sent")
    assert (Row.objects.get().pk, Row.objects.get().name, desk.alert.ladder) == (pk, "Theirs", "Theirs")


def test_a_ladder_made_under_the_name_of_one_that_is_gone_rehearses(desk: Desk, post: Post) -> None:
    desk.ladder(HALF)
    remove(desk.provider, "Ours", mark(there("Ours")), desk.now)
    desk.switch_on("Ours")
    relay(desk, HALF, was="")
    assert not Switch.objects.filter(kind="ladder", key="Ours").exists()


def test_what_is_noise_stays_noise_on_a_longer_ladder(desk: Desk, post: Post) -> None:
    desk.ladder(HALF)
    desk.open("48213")
    desk.at(DAY + "09:31")
    dismiss(desk.alert, "Ben", "a drill", desk.now)
    relay(desk, HALF, THREE_QUARTERS, Step(150, None, (MANAGER,)))
    desk.at(DAY + "11:00")
    assert desk.told == [("50%", "Dee", "sent")]
    assert desk.alert.outcome == Alert.Outcome.NOISE


def test_a_ladder_that_somebody_else_changed_is_not_written_over(desk: Desk) -> None:
    desk.ladder(HALF)
    opened = mark(there("Ours"))
    relay(desk, THREE_QUARTERS)
    told = Told("Ours", say_ladder(Ladder("Ours", (NINETY,), (Match(),))))
    with pytest.raises(Meanwhile) as meanwhile:
        save(desk.provider, "Ours", opened, told, desk.now)
    assert meanwhile.value.now == there("Ours")
    with pytest.raises(Meanwhile):
        remove(desk.provider, "Ours", opened, desk.now)
    assert [say_at(step) for step in there("Ours").steps] == ["75%"]  # type: ignore[union-attr]


def test_a_saved_ladder_that_says_the_same_changes_nothing(desk: Desk) -> None:
    desk.ladder(HALF)
    relay(desk, HALF)
    before = stored_revision(desk.provider)
    relay(desk, HALF)
    assert stored_revision(desk.provider) == before
    relay(desk, THREE_QUARTERS)
    assert stored_revision(desk.provider) != before


PLACES = st.lists(st.integers(1, 500), unique=True, max_size=8)


@given(PLACES, PLACES)
def test_a_step_keeps_its_number_and_no_two_share_one(before: list[int], after: list[int]) -> None:
    old = [Step(percent, None, ()) for percent in sorted(before)]
    taken = {number: say_at(step) for number, step in zip(numbered(old, {}), old, strict=True)}
    new = [Step(percent, None, ()) for percent in sorted(after)]
    numbers = numbered(new, taken)
    assert len(set(numbers)) == len(new)
    for number, step in zip(numbers, new, strict=True):
        known = [n for n, place in taken.items() if place == say_at(step)]
        assert known in ([], [number])
        assert known or number not in taken


@given(
    st.lists(st.sampled_from("ABCDEF"), max_size=5),
    st.lists(st.sampled_from("ABCDEF"), unique=True),
    st.integers(0, 5),
)
def test_a_chain_that_goes_on_has_everybody_of_the_new_one(
    before: list[str], after: list[str], place: int
) -> None:
    old, new = ([read_link(f"person {name}") for name in names] for names in (before, after))
    chain = going_on(tuple(new), said(old), place)  # type: ignore[arg-type]
    assert said(chain)[: min(place, len(before))] == said(old)[:place] or said(chain) == said(new)  # type: ignore[arg-type]
    assert set(said(chain)) >= set(said(new))  # type: ignore[arg-type]


def test_a_file_that_is_loaded_does_as_the_page_does(desk: Desk, post: Post) -> None:
    desk.ladder(HALF)
    relay(desk, HALF)
    desk.open("48213")
    desk.at(DAY + "09:31")
    text = dump(desk.provider)
    assert "  Ours:\n" in text
    text = text.replace("      - at: 50%", "      - {at: 25%, tell: service manager}\n      - at: 50%")
    load_checked(check_text(text, Reader("terms.yaml"), Path(), desk.now.date()), desk.provider, desk.now)
    desk.at(DAY + "09:39")
    assert desk.told == [("50%", "Dee", "sent")]
    assert StepTaken.objects.get(said="25%").how == "past"
