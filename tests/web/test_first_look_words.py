"""Each setting in one sentence that names both sides."""

import pytest
from tests.insight.test_explain import CASES, explained

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
    assert bool(told_by(found.found[0].setting)) == (" seem" in sentence.text)


def test_every_kind_that_can_be_found_is_said_here() -> None:
    assert SAID.keys() == CASES.keys()


def test_how_many_explain_is_said_in_words() -> None:
    assert [settings_in_words(n) for n in (1, 3)] == ["this setting explains", "these three settings explain"]
