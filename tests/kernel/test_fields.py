from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Max, Min
from hypothesis import given
from hypothesis import strategies as st

from beforehand.kernel.fields import EPOCH, InstantField, from_micros, to_micros
from beforehand.people.models import Provider

any_zone = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)
any_instant = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=any_zone)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@given(any_instant)
def test_an_instant_comes_back_to_the_microsecond_and_in_utc(instant: datetime) -> None:
    back = from_micros(to_micros(instant))
    assert back == instant
    assert back.tzinfo is UTC


@given(any_instant, any_instant)
def test_the_column_keeps_the_order_of_instants(a: datetime, b: datetime) -> None:
    assert (to_micros(a) < to_micros(b)) == (a < b)


def test_the_epoch_is_zero_and_time_before_it_is_negative() -> None:
    assert to_micros(EPOCH) == 0
    assert to_micros(EPOCH - timedelta(microseconds=1)) == -1


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        InstantField().get_prep_value(datetime(2026, 3, 2))


@pytest.mark.parametrize("value", ["2026-03-02T09:00:00", "yesterday", datetime(2026, 3, 2), 5])
def test_what_names_no_instant_is_no_valid_value(value: object) -> None:
    with pytest.raises(ValidationError):
        InstantField().to_python(value)


def test_a_text_with_its_offset_is_taken() -> None:
    assert InstantField().to_python("2026-03-02T10:00:00+01:00") == NINE


@pytest.mark.django_db
class TestInTheDatabase:
    @pytest.fixture(autouse=True)
    def providers(self) -> None:
        for number in range(3):
            Provider.objects.create(
                name=f"P{number}",
                slug=f"p{number}",
                zone="Europe/London",
                created=NINE + timedelta(microseconds=number),
            )

    def test_a_row_gives_back_what_was_kept(self) -> None:
        assert Provider.objects.get(slug="p2").created == NINE + timedelta(microseconds=2)

    def test_lookups_take_instants(self) -> None:
        after = Provider.objects.filter(created__gt=NINE).order_by("-created")
        assert [p.slug for p in after] == ["p2", "p1"]
        within = Provider.objects.filter(created__range=(NINE, NINE + timedelta(microseconds=1)))
        assert within.count() == 2
        assert Provider.objects.filter(created__in=[NINE]).get().slug == "p0"
        assert not Provider.objects.filter(created__isnull=True).exists()

    def test_aggregates_and_values_give_instants(self) -> None:
        ends = Provider.objects.aggregate(first=Min("created"), last=Max("created"))
        assert ends == {"first": NINE, "last": NINE + timedelta(microseconds=2)}
        assert Provider.objects.order_by("created").values_list("created", flat=True)[0] == NINE

    def test_a_row_passes_its_own_validation(self) -> None:
        Provider.objects.get(slug="p1").full_clean()
