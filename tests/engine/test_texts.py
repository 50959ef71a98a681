"""What a message is, judged from its words (clock.md 3.5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforehand.engine.codes import AUTOMATIC, EXPECTATION, TEMPLATE
from beforehand.engine.texts import core, judge, own_words


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (
            "Hi Sam,\n\nthe mailbox is full. I will raise the limit this afternoon.\n\nRegards, Ada",
            EXPECTATION,
        ),
        ("Could you please send me the serial number?", EXPECTATION),
        ("We'll have somebody with you by Thursday.", EXPECTATION),
        ("A technician is booked for 14:00.", EXPECTATION),
        ("Ich melde mich bis morgen.", EXPECTATION),
        ("The printer works again.", 0),
        ("Fixed.", 0),
        ("We have received your request and it has been assigned the ticket number 48213.", TEMPLATE),
        ("Thank you for contacting Northgate support.", TEMPLATE),
        ("Vielen Dank für Ihre Anfrage.", TEMPLATE),
        ("I am out of the office until Monday.", AUTOMATIC | EXPECTATION),
        ("This is an automated message, please do not reply.", AUTOMATIC | EXPECTATION),
        ("", 0),
    ],
)
def test_a_message_is_judged_by_its_words(text: str, flags: int) -> None:
    assert judge(text) & ~EXPECTATION == flags & ~EXPECTATION
    if not flags & AUTOMATIC:
        assert judge(text) == flags


def test_what_is_quoted_or_signed_is_not_said() -> None:
    text = "It works again.\n> I will call you by Monday\nKind regards\nAda, we will be closed by Friday"
    assert own_words(text).strip() == "It works again."
    assert judge(text) == 0
    assert judge("Done.\n\nOn 24 Nov 2026, Sam Oduya wrote:\nWe'll see you by Monday") == 0


def test_copies_differ_in_greeting_names_and_figures_alone() -> None:
    one = "Dear Sam,\nwe are looking into ticket 48213 and the server is being restarted.\nRegards, Ada"
    other = "Hello Kim!\nWe are looking into ticket 48999, and the server is being restarted\nBest\nBen"
    assert core(one) == core(other) != ""
    assert core("Thank you!") == ""
    assert core("we are looking into it today Ada", frozenset({"ada"})) == "we are looking into it today"


@given(st.text(max_size=400))
def test_no_text_is_too_odd(text: str) -> None:
    judge(text)
    core(text)


def test_a_huge_text_is_judged_at_once() -> None:
    judge("a " * 100_000)
    judge(">" * 200_000)
    judge("on " * 60_000)
