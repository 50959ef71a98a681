"""Pages, what changes while they are read, and what may come instead of an answer."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from tests.connectors.halo.conftest import NOW, Hand, at
from tests.connectors.halo.fake import Called, Halo, stamp

from beforehand.connectors.halo.reader import Reader
from beforehand.connectors.line import Down, Forbidden, Limited, Odd
from beforehand.connectors.models import Proof, Remote
from beforehand.engine.instants import DAY, to_instant
from beforehand.tickets.models import SourceState, Ticket

Make = Callable[..., Reader]


def _many(halo: Halo, some: int, first: int = 1001) -> None:
    for number in range(some):
        halo.open(first + number, NOW - timedelta(hours=some - number))


def _swept(one: Reader, cursor: str) -> tuple[set[str], str]:
    found: set[str] = set()
    for _ in range(100):
        page = one.changes(cursor)
        found |= {told.id for told in page.tickets}
        cursor = page.cursor
        if not page.more:
            return found, cursor
    raise AssertionError


def test_a_page_is_a_hundred_whatever_is_asked_and_may_be_less(halo: Halo, reader: Make) -> None:
    one = reader()
    cursor = one.begin()
    for number in range(250):
        halo.open(2000 + number, NOW + timedelta(seconds=1))
    for cap in (100, 30):
        halo.cap = cap
        assert len(_swept(one, cursor)[0]) == 250


def test_what_changes_while_pages_are_read_is_told_now_or_the_next_time(halo: Halo, reader: Make) -> None:
    one = reader()
    cursor = one.begin()
    for number in range(250):
        halo.open(2000 + number, NOW + timedelta(seconds=1))
    fresh = count(3000)

    def meanwhile(call: Called) -> None:
        if call.path == "/api/Tickets" and int(call.query.get("page_no", 1)) > 1:
            halo.now += timedelta(seconds=20)
            halo.change(2001, halo.now, status_id=2)
            halo.open(next(fresh), halo.now)

    halo.on_call = meanwhile
    first, cursor = _swept(one, cursor)
    halo.on_call = lambda _: None
    again, _ = _swept(one, cursor)
    assert first | again == {str(id_) for id_ in halo.tickets}
    assert "2001" in again
    assert len(again) < 10  # what was told is not told again for the overlap


def test_a_long_absence_leaves_a_short_cursor(halo: Halo, reader: Make) -> None:
    one = reader()
    cursor = one.begin()
    for number in range(250):
        halo.open(2000 + number, NOW + timedelta(minutes=number))
    halo.now = NOW + timedelta(days=3)
    found, cursor = _swept(one, cursor)
    assert len(found) == 250
    assert len(cursor) < 200
    assert _swept(one, cursor)[0] == set()


def test_pages_that_go_round_are_noticed(halo: Halo, reader: Make) -> None:
    one = reader()
    cursor = one.begin()
    for number in range(250):
        halo.open(2000 + number, NOW + timedelta(seconds=1))
    halo.loops = True
    with pytest.raises(Odd, match="same page again"):
        _swept(one, cursor)


def test_the_past_comes_newest_first_and_ends_where_it_was_asked_to(halo: Halo, reader: Make) -> None:
    _many(halo, 320)
    one = reader()
    cursor, ids, totals = "", [], []
    for _ in range(10):
        page = one.back(cursor, to_instant(NOW) - 5 * DAY)
        ids += [int(told.id) for told in page.tickets]
        totals.append(page.total)
        cursor = page.cursor
        if not page.more:
            break
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 120 == totals[0]


@pytest.mark.parametrize("bare", [False, True])
def test_lists_come_in_two_shapes(halo: Halo, reader: Make, bare: bool) -> None:
    halo.bare = bare
    halo.open(1001, NOW)
    (told,) = reader().read(["1001"])
    assert told.fields["status"] == "New"
    assert told.fields["contract"] == "GOLD-2025"


def test_ids_of_a_day_and_none_where_halo_does_not_filter(halo: Halo, reader: Make) -> None:
    _many(halo, 320)
    since = to_instant(NOW) - 2 * DAY
    assert len(reader().ids_between(since, since + DAY) or ()) == 24
    halo.ignores = {"datesearch"}
    assert reader().ids_between(since, since + DAY) is None


def test_actions_that_are_not_whole_are_not_taken_for_whole(halo: Halo, reader: Make) -> None:
    halo.open(1001, NOW)
    for _ in range(150):
        halo.act(1001, NOW, agent=150, note="x")
    halo.loops = True
    with pytest.raises(Odd, match="100 of 151 actions"):
        reader().read(["1001"])


def test_a_ticket_that_changed_between_its_two_calls_is_read_again(halo: Halo, reader: Make) -> None:
    halo.open(1001, NOW)

    def meanwhile(call: Called) -> None:
        if call.path == "/api/Actions":
            halo.on_call = lambda _: None
            halo.act(1001, NOW + timedelta(minutes=1), agent=150, note="x", status=2)

    halo.on_call = meanwhile
    (told,) = reader().read(["1001"])
    assert told.fields["status"] == "In Progress"


@pytest.mark.parametrize(
    ("mood", "trouble", "said"),
    [
        ("html", Odd, "not whole JSON"),
        ("cut", Down, "cannot be reached"),
        ("500", Down, "Object reference not set"),
        ("refused", Odd, "The parameter is wrong"),
        ("429", Limited, "limit"),
        ("429+", Limited, "limit"),
        ("quota", Limited, "limit"),
    ],
)
def test_what_comes_instead_of_an_answer(
    halo: Halo, reader: Make, mood: str, trouble: type, said: str
) -> None:
    halo.open(1001, NOW)
    one = reader()
    one.begin()
    halo.moods = [mood] * 3
    with pytest.raises(trouble, match=said) as raised:
        one.read(["1001"])
    assert "s3cret" not in str(raised.value)
    assert raised.value.wait == (600.0 if mood == "429+" else 0.0)


def test_a_forbidden_path_is_named(halo: Halo, reader: Make) -> None:
    halo.open(1001, NOW)
    halo.forbidden = {"Actions"}
    with pytest.raises(Forbidden, match=r"Actions .* permission to view"):
        reader().read(["1001"])


@pytest.mark.program
@pytest.mark.django_db
def test_a_limit_of_halo_is_waited_for_longer_and_longer(hand: Hand, halo: Halo) -> None:
    hand.pull()
    halo.limit = (0, 300)
    waits = []
    for _ in range(4):
        came = hand.pull(halo.now + timedelta(minutes=20))
        waits.append(round((came.again - to_instant(halo.now)) / 1e6))
    assert waits == [5, 15, 60, 180]
    assert SourceState.objects.get().failing is not None
    halo.limit = None
    halo.open(1001, at("10 10:00"))
    hand.pull(halo.now + timedelta(minutes=20))
    assert SourceState.objects.get().failing is None
    assert hand.changes(1001, "status")


@pytest.mark.program
@pytest.mark.django_db
def test_the_owners_limit_is_kept_to(hand: Hand, halo: Halo) -> None:
    _many(halo, 40)
    row = hand.connection
    row.settings |= {"limit": "60"}
    row.save()
    for _ in range(12):
        hand.pull(halo.now + timedelta(minutes=6))
        used = [one for one in halo.calls if one.path.startswith("/api/")]
        assert len(used) <= 62  # the sign-in is not counted by Halo
        halo.calls.clear()
    assert not Remote.objects.filter(shallow=True).exists()
    assert Ticket.objects.count() == 40


@pytest.mark.django_db
def test_a_night_finds_what_was_missed_and_what_is_gone(hand: Hand, halo: Halo) -> None:
    _many(halo, 3)
    hand.pull()
    late = NOW - timedelta(hours=1)
    halo.open(900, late)  # put in by somebody's import, with stamps of the past
    del halo.tickets[1001]
    hand.pull(NOW + timedelta(days=1))
    hand.pull(NOW + timedelta(days=1, minutes=5))
    assert {one.external_id for one in Ticket.objects.all()} >= {"900"}
    assert any(proof.gone == ["1001"] for proof in Proof.objects.all())
    assert "gone" in {event.id for event in hand.kept(1001)}


@pytest.mark.django_db
def test_a_row_that_is_no_ticket_stops_no_other(hand: Hand, halo: Halo) -> None:
    hand.pull()
    halo.open(1001, at("10 09:10"))
    halo.open(1002, at("10 09:11"))
    del halo.tickets[1002]["dateoccurred"]
    halo.tickets[1002]["category_1"] = {"odd": [1]}
    hand.pull(at("10 09:20"))
    assert {one.external_id for one in Ticket.objects.all()} == {"1001"}


def test_stamps_have_fractions(halo: Halo, reader: Make) -> None:
    when = NOW + timedelta(seconds=28, milliseconds=360)
    assert stamp(when).endswith("28.36")
    halo.open(1001, when)
    (told,) = reader().read(["1001"])
    assert told.updated == to_instant(when)
