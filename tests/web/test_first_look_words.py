"""Each setting in one sentence that names both sides."""

import pytest
from tests.insight.test_explain import CASES, explained

from beforehand.engine.codes import RESOLUTION
from beforehand.engine.instants import HOUR
from beforehand.insight.compared import Compared, Figure
from beforehand.web.first_look_shown import Reasons, headline
from beforehand.web.first_look_words import sentence_of, settings_in_words, told_by

SAID = {
    "a status holds there": "Status “With vendor” stops Desk’s clock and not yours",
    "a status holds here": "Status “Asked” stops your clock and not Desk’s",
    "a status ends it there": "Status “On site” ends the work in Desk and not in your agreements",
    "hours": "Desk counts Mon-Fri 7:00-19:00 (UTC) (calendar “Desk”), your agreements Mon-Fri 8:00-16:00 (UTC)",
    "round the clock": "Desk counts round the clock, your agreements Mon-Fri 8:00-16:00 (UTC)",
    "holidays": "Holidays of calendar “Desk”: your agreements do not count 10 Mar 2026 and Desk does",
    "a target": "resolution of P2 under SLA “Gold”: 8 h in Desk, 16 h in your agreements",
    "the response by a status": "Desk takes status “Answered” for the response; in your agreements it is another"
    " thing that counts",
    "the response by any reply": "Desk seems to end the response with any reply, automatic ones too, your"
    " agreements end it when a person has reached the client",
    "the end of a wait": "Desk seems to wait until the status changes, your agreements until the client writes",
    "a change of priority": "A new priority seems to change nothing in Desk; in your agreements it counts from"
    " the creation",
    "the time while closed": "Desk seems to count the time between closing and reopening, your agreements do not",
    "a late reopening": "A ticket that is reopened late seems to go on with its old clock in Desk; here it begins"
    " anew",
}


@pytest.mark.parametrize("case", SAID)
def test_a_setting_is_said_with_both_sides(case: str) -> None:
    found, _ = explained(*CASES[case][:2])
    sentence = sentence_of(found.found[0], "Desk")
    assert sentence.text == SAID[case]
    assert sentence.meaning == sentence.text.startswith("Status")
    assert bool(told_by(found.found[0], "Desk")) == (" seem" in sentence.text)


@pytest.mark.parametrize(
    ("boards", "said"),
    [
        ((), ""),
        (("Desk",), " on board Desk"),
        (("Desk", "Field", "Lab"), " on boards Desk, Field and Lab"),
        (("Desk", "Field", "Lab", "Shop"), " on 4 boards"),
    ],
)
def test_a_status_is_said_with_its_boards(boards: tuple[str, ...], said: str) -> None:
    found, _ = explained(*CASES["a status holds there"][:2])
    one = found.found[0]._replace(setting=found.found[0].setting._replace(boards=boards))
    assert sentence_of(one, "Desk").text == f"Status “With vendor”{said} stops Desk’s clock and not yours"


def test_every_kind_that_can_be_found_is_said_here() -> None:
    assert SAID.keys() == CASES.keys()


def test_how_many_explain_is_said_in_words() -> None:
    assert [settings_in_words(n) for n in (1, 3)] == ["this setting explains", "these three settings explain"]


def test_hours_without_a_zone_are_said_to_be_counted_in_ours() -> None:
    theirs, set_up = CASES["hours"][:2]
    (calendar,) = set_up.calendars
    found, _ = explained(
        theirs, set_up._replace(calendars=(calendar._replace(zone="", zone_hint="US/Eastern"),))
    )
    assert sentence_of(found.found[0], "Desk").text.startswith(
        "Desk counts Mon-Fri 7:00-19:00 (taken in your agreements’ zone) (calendar “Desk”)"
    )


def test_targets_of_days_that_are_another_time_for_each_ticket_are_not_all_listed() -> None:
    found, _ = explained(*CASES["a target"][:2])
    many = found.found[0]._replace(ours=[n * HOUR for n in range(1, 300)])
    said = sentence_of(many, "Desk").text
    assert said.endswith("8 h in Desk, 1 h, 2 h, 3 h, 4 h or other times in your agreements")
    same = found.found[0]._replace(ours=[8 * HOUR])
    assert sentence_of(same, "Desk").text.endswith("8 h in Desk, 8 h counted otherwise in your agreements")


def test_of_more_tickets_than_were_looked_at_the_others_are_not_spoken_for() -> None:
    said = Compared([Figure(RESOLUTION, (288, 0, 0, 812), {}, 0)], 1100, 812, 1100)
    assert headline("Desk", said, Reasons([], 0, [], 0, 500, 812, 0)) == (
        "Desk says 100.0 %, your agreements say 26.1 %: no setting that we know of explains the newest 500 of"
        " the 812 tickets on which they differ."
    )
