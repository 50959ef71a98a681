"""The day's list: at the start of a service manager's day, once, and it says what there is to say."""

from datetime import UTC, date, datetime, timedelta

import pytest

from beforehand.alerts import day_list
from beforehand.alerts.day_list import SHOWN, Item, Part
from beforehand.alerts.models import Attempt, DayList
from beforehand.engine import history as h
from beforehand.engine.instants import to_instant
from beforehand.kernel.due.worker import Worker
from beforehand.kernel.models import Due
from beforehand.people.days import DAY_LIST
from beforehand.people.models import Absence
from beforehand.people.staff_changes import save_technician
from beforehand.promises.ladders import Ladder, Link, Match, Step, stored
from beforehand.promises.models import Ladder as LadderRow
from beforehand.promises.revisions import renew
from tests.support.post import Post

from .conftest import FIRST, Desk

OFFICE = {day: [["09:00", "12:00"], ["13:00", "17:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def works(desk: Desk, name: str, **fields: object) -> None:
    """Somebody's entry is changed, and looked at."""
    for field, value in fields.items():
        setattr(desk.people[name], field, value)
    save_technician(desk.people[name])
    desk.work()


def away(desk: Desk, name: str) -> None:
    Absence.objects.create(
        provider=desk.provider, technician=desk.people[name],
        first=desk.now - timedelta(days=1), last=desk.now + timedelta(days=30),
    )  # fmt: skip


def lists(post: Post) -> list[tuple[str, str]]:
    """Who got a list, and when by its Date."""
    return [
        (str(letter["To"]).split("@")[0], letter["Date"].datetime.strftime("%d %H:%M"))
        for letter in post.letters
        if letter["Subject"].startswith("Your day")
    ]


def last(post: Post) -> str:
    return str(post.letters[-1].get_content()).replace("\r\n", "\n")


@pytest.fixture
def monday(desk: Desk) -> Desk:
    """Monday, before anybody works; Cleo's hours are those of the office."""
    desk.now = datetime(2026, 3, 9, 7, tzinfo=UTC)
    works(desk, "Cleo", hours=OFFICE)
    return desk


def test_it_comes_at_the_start_of_each_working_day(monday: Desk, post: Post) -> None:
    monday.at("2026-03-17T08:00")
    assert lists(post) == [("cleo", f"{day:02} 09:00") for day in (9, 10, 11, 12, 13, 16)]


def test_a_day_is_by_the_managers_own_clocks(monday: Desk, post: Post) -> None:
    works(monday, "Cleo", zone="America/New_York")
    monday.at("2026-03-10T10:00")
    assert lists(post) == [("cleo", "09 13:00")]
    assert "Times are those of New York." in last(post)


def test_where_the_clocks_change_it_comes_when_they_show_the_time_or_skip_it(desk: Desk, post: Post) -> None:
    desk.now = datetime(2026, 3, 28, 2, tzinfo=UTC)
    works(desk, "Cleo", hours={day: [["01:30", "06:00"]] for day in ("sat", "sun", "mon")})
    desk.at("2026-03-30T06:00")
    # On Saturday it is 02:00 when she is added; on Sunday 01:00 to 02:00 is skipped; on Monday it is summer.
    assert lists(post) == [("cleo", "28 02:00"), ("cleo", "29 01:00"), ("cleo", "30 00:30")]


def test_who_works_round_the_clock_gets_it_at_eight(desk: Desk, post: Post) -> None:
    desk.now = datetime(2026, 3, 10, 2, tzinfo=UTC)
    works(desk, "Cleo", hours={})
    desk.at("2026-03-11T12:00")
    assert lists(post) == [("cleo", "10 08:00"), ("cleo", "11 08:00")]


def test_while_they_are_away_their_deputy_gets_it(monday: Desk, post: Post) -> None:
    works(monday, "Cleo", deputy=monday.people["Ada"])
    away(monday, "Cleo")
    monday.at("2026-03-09T12:00")
    assert lists(post) == [("ada", "09 09:00")]


def test_while_they_are_away_without_a_deputy_nobody_does(monday: Desk, post: Post) -> None:
    away(monday, "Cleo")
    monday.at("2026-03-09T12:00")
    assert (lists(post), DayList.objects.count()) == ([], 0)
    assert Due.objects.get(kind=DAY_LIST).due_at == datetime(2026, 3, 10, 9, tzinfo=UTC)


def test_nobody_gets_two_a_day(monday: Desk, post: Post) -> None:
    works(monday, "Ben", is_manager=True, hours=OFFICE)
    works(monday, "Ada", is_manager=True, hours=OFFICE, deputy=monday.people["Dee"])
    works(monday, "Cleo", deputy=monday.people["Dee"])
    works(monday, "Dee", deputy=monday.people["Ben"])
    for name in ("Ada", "Cleo"):
        away(monday, name)
    monday.at("2026-03-09T12:00")
    assert sorted(lists(post)) == [("ben", "09 09:00"), ("dee", "09 09:00")]


def test_who_does_not_want_it_or_manages_no_more_gets_none(monday: Desk, post: Post) -> None:
    works(monday, "Cleo", day_list=False)
    works(monday, "Ben", is_manager=True, active=False)
    monday.at("2026-03-10T12:00")
    assert (lists(post), Due.objects.filter(kind=DAY_LIST).count()) == ([], 0)


def test_after_an_outage_it_comes_late_the_same_day_and_not_on_the_next(monday: Desk, post: Post) -> None:
    monday.now = datetime(2026, 3, 9, 16, tzinfo=UTC)
    monday.work()
    assert lists(post) == [("cleo", "09 16:00")]
    monday.now = datetime(2026, 3, 11, 7, tzinfo=UTC)
    monday.work()
    monday.at("2026-03-11T12:00")
    assert lists(post) == [("cleo", "09 16:00"), ("cleo", "11 09:00")]


def test_of_two_workers_one_sends_it(monday: Desk, post: Post) -> None:
    monday.now = datetime(2026, 3, 9, 9, tzinfo=UTC)
    other = Worker(lambda: monday.now, lambda: [monday.provider.pk])
    for _ in range(3):
        for worker in (monday.worker, other):
            worker.turn()
    for worker in (monday.worker, other):
        worker.settle_all()
    other.close()
    assert lists(post) == [("cleo", "09 09:00")]


def test_what_is_not_taken_is_tried_again_as_the_same_message(monday: Desk, post: Post) -> None:
    post.refuses = True
    monday.at("2026-03-09T09:00")
    row = DayList.objects.get()
    assert (row.state, row.why) == ("waiting", "451 not now")
    post.refuses = False
    monday.at("2026-03-09T09:01")
    row.refresh_from_db()
    assert (row.state, row.tries, row.repeats) == ("sent", 2, 0)
    assert [attempt.answer for attempt in Attempt.objects.order_by("pk")] == ["451 not now", "250 kept"]
    assert str(post.letters[0]["Message-ID"]) == f"<{row.message}>"


def test_what_no_server_takes_all_day_is_given_up_that_day(monday: Desk, post: Post) -> None:
    post.refuses = True
    monday.at("2026-03-10T08:00")
    row = DayList.objects.get()
    assert (row.state, row.why) == ("failed", "451 not now")
    assert row.tries > 10


def test_a_repeat_that_nobody_can_rule_out_is_counted(monday: Desk, post: Post) -> None:
    monday.at("2026-03-09T09:00")
    # As a worker leaves it that dies between sending and noting it.
    DayList.objects.update(state="sending", sent=None)
    works(monday, "Cleo")
    row = DayList.objects.get()
    assert (row.state, row.repeats, len(post.letters)) == ("sent", 1, 2)
    assert len({letter["Message-ID"] for letter in post.letters}) == 1


def test_without_an_address_it_is_said_that_they_have_none(monday: Desk, post: Post) -> None:
    works(monday, "Cleo", email="")
    monday.at("2026-03-09T12:00")
    assert [(row.state, row.why) for row in DayList.objects.all()] == [("failed", "has no e-mail address")]


def test_with_nothing_to_say_it_says_so_in_a_line(monday: Desk, post: Post) -> None:
    monday.at("2026-03-09T09:00")
    nothing = "Mon 09 Mar: nothing is late, due or at risk, and no chain went on in the night"
    assert post.letters[0]["Subject"] == f"Your day, {nothing}"
    assert last(post).splitlines()[0] == f"{nothing}."


def test_clocks_stand_in_it_as_on_the_board(monday: Desk, post: Post) -> None:
    monday.at("2026-03-09T09:30")
    monday.open("1", "P3", subject="Old printer")
    monday.at("2026-03-09T16:30")
    monday.open("2", "P1", subject="Mail server down")
    monday.at("2026-03-10T09:00")
    # Of ticket 2 the response was due at 17:30, when the day was over: it is broken as it opens again.
    text = last(post)
    assert (
        post.letters[-1]["Subject"]
        == "Your day, Tue 10 Mar: 1 late, 2 due today, 1 broken yesterday, 1 chain in rehearsal"
    )
    assert (
        "Already late (1)\n- Contoso, P3, response late since Mon 09 Mar 13:30, unassigned: Old printer (#1)"
        in text
    )
    due = [line for line in text.splitlines() if " due " in line and line.startswith("- ")]
    assert due == [
        "- Contoso, P1, response due Mon 09 Mar 17:30, unassigned: Mail server down (#2)",
        "- Contoso, P1, resolution due 16:00, unassigned: Mail server down (#2)",
    ]
    assert (
        "Broken yesterday: what was the reason? (1)\n- Contoso, P3, response late since Mon 09 Mar 13:30"
        in text
    )


def test_what_is_three_quarters_used_and_due_later_is_at_risk(desk: Desk, post: Post) -> None:
    desk.now = datetime(2026, 3, 9, 13, 30, tzinfo=UTC)
    desk.open("1", "P3")
    desk.tell("1", h.assigned(to_instant(desk.now), "Ada", id="a"))
    # Of 24 hours in days of eight and a half 18 are used on Wednesday at half past two.
    works(desk, "Cleo", hours={"wed": [["14:15", "17:30"]]}, zone="Europe/London")
    works(desk, "Ben", hours={"wed": [["14:45", "17:30"]]}, is_manager=True)
    desk.at("2026-03-11T15:00")
    cleos, bens = post.letters
    assert "at risk" not in cleos["Subject"]
    assert "1 at risk" in bens["Subject"]
    assert "- Contoso, P3, resolution due Thu 12 Mar 12:00, Ada: Mail server down (#1)" in last(post)


def test_what_stopped_late_is_asked_for_its_reason_and_what_is_excluded_is_not(
    monday: Desk, post: Post
) -> None:
    monday.at("2026-03-09T09:30")
    for ticket in ("1", "2"):
        monday.open(ticket, "P1")
    monday.at("2026-03-09T16:00")
    for ticket in ("1", "2"):
        monday.tell(ticket, h.status(to_instant(monday.now), "Resolved", id="done"))
    monday.tell("2", h.excluded(to_instant(monday.now), "agreed", id="out"))
    monday.at("2026-03-10T09:00")
    assert "1 broken yesterday" in post.letters[-1]["Subject"]
    assert last(post).count("response late since Mon 09 Mar 10:30") == 1


def test_on_a_monday_yesterday_is_friday(monday: Desk, post: Post) -> None:
    monday.at("2026-03-13T09:30")
    monday.open("1", "P1")
    monday.at("2026-03-16T09:00")
    assert "1 broken since Fri 13 Mar" in post.letters[-1]["Subject"]


def test_it_says_what_the_chains_of_the_night_did(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    works(desk, "Cleo", hours={"tue": [["06:00", "09:20"]], "wed": [["06:00", "09:20"]]})
    desk.open("1")
    desk.at("2026-03-10T09:47")
    desk.tell("1", h.assigned(to_instant(desk.now), "Ada", id="a"))
    desk.at("2026-03-11T06:00")
    text = last(post)
    assert "What chains did since Tue 10 Mar 09:20 (" in text
    told = "told Dee (dispatcher) Tue 10 Mar 09:30, Dee (dispatcher) Tue 10 Mar 09:45"
    assert told in text
    assert "assigned to Ada Tue 10 Mar 09:47; it goes on" in text


def test_it_says_of_what_nobody_could_be_told_and_why(desk: Desk, post: Post) -> None:
    desk.switch_on(FIRST)
    post.unknown = {"dee@northwind.test"}
    desk.people["Ben"].team.lead = None  # type: ignore[union-attr]
    desk.people["Ben"].team.save()  # type: ignore[union-attr]
    desk.open("1")
    desk.at("2026-03-10T09:55")
    works(desk, "Cleo", zone="Asia/Tokyo")
    desk.at("2026-03-10T23:00")
    text = last(post)
    assert "Of what nobody could be told since" in text
    assert "Dee (dispatcher) could not be told: 550 nobody of that name" in text
    assert "nobody was there as team lead" in text


def test_client_and_subject_stay_in_the_house_where_that_is_wanted(desk: Desk, post: Post) -> None:
    desk.provider.mail_bare = True
    desk.provider.save()
    desk.switch_on(FIRST)
    works(desk, "Cleo", hours={"tue": [["06:00", "09:20"]], "wed": [["06:00", "09:20"]]})
    desk.open("1")
    desk.at("2026-03-11T06:00")
    text = last(post)
    assert "What chains did since" in text
    assert "Already late" in text
    assert "Contoso" not in text
    assert "Mail server" not in text


def test_links_that_were_nobody_are_said_though_the_ladder_was_changed(desk: Desk, post: Post) -> None:
    told, empty = Link((("dispatcher",),)), Link((("person Nobody",),))
    desk.ladder(Step(25, None, (empty, told), "urgent"))
    works(desk, "Cleo", hours={"wed": [["06:00", "09:20"]]})
    desk.open("1")
    desk.at("2026-03-10T09:20")
    steps = (Step(10, None, (told,), "urgent"), Step(25, None, (empty, told), "urgent"))
    LadderRow.objects.update(said=stored(Ladder("Ours", steps, (Match(),))))
    renew("default")
    desk.at("2026-03-11T06:00")
    assert "at 25% nobody was there as Nobody" in last(post)


def test_in_rehearsal_it_says_what_would_have_rung(desk: Desk, post: Post) -> None:
    desk.open("1")
    desk.at("2026-03-10T09:55")
    works(desk, "Cleo", zone="Asia/Tokyo")
    desk.at("2026-03-10T23:00")
    assert "In rehearsal: what would have rung since" in last(post)
    assert "would have told Dee (dispatcher) Tue 10 Mar 18:30, Dee (dispatcher) Tue 10 Mar 18:45" in last(
        post
    )
    assert "2 chains in rehearsal" in post.letters[-1]["Subject"]


def test_of_a_long_part_the_first_lines_are_shown_and_where_the_rest_is() -> None:
    items = [Item(f"ticket {number}", "https://x") for number in range(SHOWN)]
    text = day_list.body("Tue 10 Mar", [Part("Already late", "late", 1412, items, "https://x/late")], "foot")
    assert text.startswith("Tue 10 Mar: 1,412 late.\n\nAlready late (1,412)\n- ticket 0\n  https://x\n")
    assert "- and 1,400 more: https://x/late\n" in text


def test_who_manages_when_this_version_comes_is_asked_for_by_the_migration(desk: Desk) -> None:
    from importlib import import_module

    from django.apps import apps

    import_module("beforehand.alerts.migrations.0009_day_list").ask_for_lists(apps, None)
    assert list(Due.objects.filter(kind=DAY_LIST).values_list("key", flat=True)) == [desk.people["Cleo"].pk]


def test_days_are_kept_apart(monday: Desk, post: Post) -> None:
    monday.at("2026-03-10T12:00")
    assert [row.day for row in DayList.objects.order_by("day")] == [date(2026, 3, 9), date(2026, 3, 10)]
