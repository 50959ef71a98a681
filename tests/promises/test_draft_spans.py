"""Which SLA serves a client from when until when."""

from datetime import date

import pytest

from beforehand.promises.draft.spans import Span, filled, spans_of
from beforehand.promises.draft.words import Notes
from beforehand.promises.psa import Serves

SINCE, TODAY = date(2026, 1, 1), date(2026, 11, 28)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def spans(*rows: tuple[str, str, str]) -> tuple[list[Span], tuple[str, ...]]:
    notes = Notes()
    return spans_of(
        [Serves("k", sla, since=a, until=b) for sla, a, b in rows], SINCE, TODAY, "Acme", notes
    ), notes.all()


def test_a_contract_serves_from_the_drafts_first_day_at_the_earliest() -> None:
    found, notes = spans(("1", "2019-05-01", "9999-12-31"))
    assert found == [Span(SINCE, None, "1")]
    assert notes == ()


def test_a_contract_that_is_over_or_turned_round_is_left_out_and_named() -> None:
    found, notes = spans(
        ("1", "2019-05-01", "2025-12-31"), ("1", "2026-05-01", "2026-04-01"), ("1", "2526-01-01", "")
    )
    assert found == []
    assert len(notes) == 3


@pytest.mark.parametrize("until", ["", "2026-11-28", "2027-03-31"])
def test_what_was_stopped_and_nobody_knows_when_is_left_out_and_named(until: str) -> None:
    notes = Notes()
    row = Serves("k", "1", "Acme", "Care", "2026-02-01", until, stopped=True)
    assert spans_of([row], SINCE, TODAY, "Acme", notes) == []
    (said,) = notes.all()
    assert said.startswith("Care, Acme: not active there any more")


def test_what_was_stopped_and_has_ended_served_until_then() -> None:
    row = Serves("k", "1", until="2026-11-27", stopped=True)
    assert spans_of([row], SINCE, TODAY, "Acme", Notes()) == [Span(SINCE, day("11-27"), "1")]


def test_of_two_at_once_the_later_one_goes_on() -> None:
    found, notes = spans(("2", "2026-03-01", ""), ("1", "", "2026-06-30"))
    assert found == [Span(SINCE, day("02-28"), "1"), Span(day("03-01"), None, "2")]
    assert notes == ("Acme: two SLAs serve it at once under the same contract: from then on the later one.",)


def test_of_two_from_the_same_day_the_first_told_serves() -> None:
    found, notes = spans(("2", "", ""), ("1", "", ""), ("2", "", ""))
    assert found == [Span(SINCE, None, "2")]
    assert notes == ("Acme: two SLAs serve it at once under the same contract: the first one told is taken.",)


def test_a_date_that_is_none_holds_nothing_back() -> None:
    found, notes = spans(("1", "soon", ""))
    assert found == [Span(SINCE, None, "1")]
    assert notes == ("Acme: soon is no date, and holds nothing back.",)


def test_where_a_client_has_nothing_every_clients_serves() -> None:
    own = [Span(day("02-01"), day("02-28"), "1"), Span(day("05-01"), None, "1")]
    others = [Span(SINCE, day("03-31"), "8"), Span(day("04-01"), None, "9")]
    assert filled(own, others, SINCE) == [
        Span(SINCE, day("01-31"), "8"),
        own[0],
        Span(day("03-01"), day("03-31"), "8"),
        Span(day("04-01"), day("04-30"), "9"),
        own[1],
    ]
