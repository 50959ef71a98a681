import pytest

from beforehand.kernel.faults import Fault, Refused, refuse_if_any

ZONE = Fault("terms.yaml, line 12, coverage.zone", "'Europe/Londn'", "an IANA zone", "Europe/London")
DAY = Fault("terms.yaml, line 14, coverage.monday", "'25:00'", "a time of day")


def test_a_fault_says_place_value_expectation_and_example() -> None:
    assert str(ZONE) == (
        "terms.yaml, line 12, coverage.zone: found 'Europe/Londn', expected an IANA zone"
        " (for example: Europe/London)"
    )


def test_a_refusal_carries_all_faults_and_says_each_on_a_line() -> None:
    with pytest.raises(Refused) as caught:
        refuse_if_any(fault for fault in (ZONE, DAY))
    assert caught.value.faults == (ZONE, DAY)
    assert str(caught.value).splitlines() == [str(ZONE), str(DAY)]


def test_without_faults_nothing_is_refused() -> None:
    refuse_if_any([])
