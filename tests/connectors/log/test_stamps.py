"""Dates as logs write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beforehand.connectors.log.stamps import Stamps, is_format
from beforehand.engine.instants import to_instant

moments = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30))


@given(moments.map(lambda m: m.replace(second=0, microsecond=0)))
def test_a_date_without_leading_zeros_is_read(moment: datetime) -> None:
    text = f"{moment.day}/{moment.month}/{moment.year} {moment:%H:%M}"
    assert Stamps(("%d/%m/%Y %H:%M",), "UTC").read(text)[0] == to_instant(moment.replace(tzinfo=UTC))


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_a_date_with_an_offset_needs_no_zone(moment: datetime, offset: int) -> None:
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    at, text = Stamps(("iso",), "Asia/Tokyo").read(moment.isoformat())
    assert at == to_instant(moment)
    assert datetime.fromisoformat(text) == moment


@given(st.text(max_size=30))
def test_any_other_text_is_no_date_and_nothing_worse(text: str) -> None:
    stamps = Stamps(("%d/%m/%Y %H:%M", "iso", "seconds"), "Europe/London")
    try:
        at, _ = stamps.read(text)
    except ValueError:
        return
    assert isinstance(at, int)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-07-01 09:00", "2026-07-01T08:00:00Z"),
        ("2026-03-29 01:30", "2026-03-29T01:30:00Z"),  # skipped: as much later
        ("2026-10-25 01:30", "2026-10-25T00:30:00Z"),  # twice: the first
    ],
)
def test_a_date_without_an_offset_is_of_the_zone(text: str, utc: str) -> None:
    assert Stamps(("%Y-%m-%d %H:%M",), "Europe/London").read(text)[1] == utc


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1456751109", "seconds"),
        ("1456751109000", "milliseconds"),
        ("29.2.16 1:05:09 PM", "%d.%m.%y %I:%M:%S %p"),
    ],
)
def test_other_formats(text: str, form: str) -> None:
    assert Stamps((form,), "UTC").read(text)[1] == "2016-02-29T13:05:09Z"


@pytest.mark.parametrize("form", ["%H:%M", "dd/mm/yyyy", "%d/%m", "", "%Q", "%d/%m/%Y %"])
def test_a_format_without_a_whole_date_is_none(form: str) -> None:
    assert not is_format(form)
