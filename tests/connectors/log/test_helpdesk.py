"""A help desk's log in two files: turns of owners, and messages, out of which the waits are told."""

from pathlib import Path

import pytest

from beforehand.connectors.log import library
from beforehand.connectors.log.importing import Came, Import, open_logs
from beforehand.connectors.log.source import source_of
from beforehand.engine.codes import (
    BREACHED,
    BY_AUTOMATION,
    CLIENT_MESSAGE,
    FIRST_REPLY,
    MESSAGE,
    MET,
    RESOLUTION,
    RESPONSE,
    STATUS,
)
from beforehand.people.accounts import create_provider
from beforehand.people.models import Provider
from beforehand.promises.file.load import load
from beforehand.tickets.models import Clock, Event, Ticket

from ...conftest import CHECKOUT
from .conftest import NOW, counts, told

TURNS = (
    "id,no,project,reporter,type,priority,turn_no,assignee,started,ended\n"
    "71,5,C06hg2xcu,carol,Ticket,High,1,ann,2022-03-06 09:00:00+00:00,2022-03-06 10:00:00+00:00\n"
    ",,,,,,2,bob,2022-03-06 10:00:00+00:00,2022-03-08 12:00:00+00:00\n"
)
COMMENTS = (
    "issueid,id,comment_seq,author,created,is_private,author_role\n"
    "71.0,1.0,0.0,carol,2022-03-06 09:00:00+00:00,0.0,reporter\n"
    "71.0,2.0,1.0,z2w_x,2022-03-06 09:00:15+00:00,1.0,others\n"
    "71.0,3.0,2.0,ann,2022-03-06 09:30:00+00:00,1.0,assignee\n"
    "71.0,4.0,3.0,ann,2022-03-06 09:40:00+00:00,0.0,assignee\n"
    "71.0,5.0,4.0,4dan,2022-03-06 09:45:00+00:00,0.0,others\n"
    "71.0,6.0,5.0,carol,2022-03-07 09:00:00+00:00,0.0,reporter\n"
    "71.0,7.0,6.0,bob,2022-03-08 13:00:00+00:00,0.0,assignee\n"
)


@pytest.fixture
def desk(db: None) -> Provider:
    provider = create_provider("Help desk", "UTC", NOW)
    load(CHECKOUT / "examples/helpdesk.yaml", provider, NOW)
    return provider


def take(desk: Provider, files: list[str]) -> list[Came]:
    mapping = library.find("helpdesk")
    work = Import(source_of(desk, mapping, ""), mapping, NOW)
    return [
        work.take(log, lines, Path(f"{log.given}.rejects"), lambda *_: None)
        for log, _, lines in open_logs(files, mapping)
    ]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The two files, the wrong way round: the mapping knows which comes first."""
    (tmp_path / "comments.csv").write_text(COMMENTS)
    (tmp_path / "turns.csv").write_text(TURNS)
    return [str(tmp_path / "comments.csv"), str(tmp_path / "turns.csv")]


def test_turns_tell_creation_owners_and_end(desk: Provider, files: list[str]) -> None:
    take(desk, files[1:])
    assert [one[1:] for one in told()] == [
        ("created", "06 09:00", ""),
        ("turn 1/assignee", "06 09:00", "ann"),
        ("turn 1/board", "06 09:00", "hg"),
        ("turn 1/client", "06 09:00", "2xcu"),
        ("turn 1/contact", "06 09:00", "carol"),
        ("turn 1/number", "06 09:00", "5"),
        ("turn 1/priority", "06 09:00", "High"),
        ("turn 1/type", "06 09:00", "Ticket"),
        ("turn 1/opened", "06 09:00", "Open"),
        ("turn 2/assignee", "06 10:00", "bob"),
        ("turn 2/resolved", "08 12:00", "Resolved"),
    ]


def test_messages_tell_who_waits_for_whom(desk: Provider, files: list[str]) -> None:
    take(desk, files)
    derived = [one[1:] for one in told() if "derived" in one[1]]
    assert derived == [
        ("4/waits (derived)", "06 09:40", "Waiting for reporter"),
        ("6/goes on (derived)", "07 09:00", "Open"),
    ]
    assert Ticket.objects.get().status == "Resolved"


def test_the_first_message_is_the_description_and_a_robot_is_no_person(
    desk: Provider, files: list[str]
) -> None:
    take(desk, files)
    kinds = Event.objects.filter(kind__in=[MESSAGE, CLIENT_MESSAGE]).values_list("event_id", "kind")
    assert dict(kinds) == {
        "2/message": MESSAGE, "3/message": MESSAGE, "4/message": MESSAGE, "5/message": MESSAGE,
        "6/message": CLIENT_MESSAGE, "7/message": MESSAGE,
    }  # fmt: skip
    assert Event.objects.get(event_id="2/message").flags & BY_AUTOMATION
    clocks = {clock.metric: clock for clock in Clock.objects.all()}
    answered = Event.objects.get(event_id="4/message").at
    assert (clocks[RESPONSE].stop, clocks[RESPONSE].verdict) == (answered, MET)
    assert clocks[FIRST_REPLY].stop == answered if FIRST_REPLY in clocks else True


def test_a_colleague_of_the_reporter_ends_a_wait_as_he_does(desk: Provider, files: list[str]) -> None:
    Path(files[0]).write_text(COMMENTS.replace(",4dan,", ",carla,"))
    take(desk, files)
    assert ("5/goes on (derived)", "06 09:45", "Open") in [one[1:] for one in told()]


def test_a_robot_that_writes_to_the_client_meets_no_first_response(desk: Provider, files: list[str]) -> None:
    policy = ",4ggo,2022-03-06 09:00:16+00:00,0.0"
    Path(files[0]).write_text(COMMENTS.replace(",z2w_x,2022-03-06 09:00:15+00:00,1.0", policy))
    take(desk, files)
    first, reply = (Clock.objects.get(metric=metric) for metric in (RESPONSE, FIRST_REPLY))
    assert (str(first.stop)[11:19], str(reply.stop)[11:19]) == ("09:40:00", "09:00:16")


def test_both_again_are_known_already(desk: Provider, files: list[str]) -> None:
    take(desk, files)
    before = told()
    assert [counts(one) for one in take(desk, files)] == [(0, 2, 0), (0, 7, 0)]
    assert told() == before


def test_messages_of_a_ticket_that_is_not_known_are_rejected(desk: Provider, files: list[str]) -> None:
    (came,) = take(desk, files[:1])
    assert counts(came) == (0, 0, 7)
    assert list(came.reasons) == ["ticket 71 is not known"]


def test_a_rejected_turn_names_its_ticket_and_is_not_given_to_another(
    desk: Provider, files: list[str], tmp_path: Path
) -> None:
    other = "70,4,C06hg2xcu,carol,Ticket,High,1,ann,2022-02-30 09:00:00+00:00,2022-03-06 10:00:00+00:00\n"
    header, first, second = TURNS.splitlines(keepends=True)
    Path(files[1]).write_text(header + other + first + second.replace("2022-03-06", "2022-03-32"))
    (came,) = take(desk, files[1:])
    assert counts(came) == (1, 0, 2)
    assert came.rejects is not None
    mended = came.rejects.read_text()
    assert "(ticket 71)" in mended
    Path(files[1]).write_text(mended.replace("02-30", "02-27").replace("2022-03-32", "2022-03-06"))
    (came,) = take(desk, files[1:])
    assert (counts(came), list(came.reasons)) == ((1, 0, 1), ["column id"])
    assert not Event.objects.filter(ticket__external_id="70", value="bob").exists()


def test_a_longer_log_goes_on_where_the_last_turn_ended(desk: Provider, files: list[str]) -> None:
    take(desk, files[1:])
    more = ",,,,,,3,cyd,2022-03-09 10:00:00+00:00,2022-03-09 12:00:00+00:00\n"
    Path(files[1]).write_text(TURNS + more)
    assert counts(take(desk, files[1:])[0]) == (1, 2, 0)
    states = [(one[1], one[3]) for one in told() if one[3] in {"Open", "Resolved"}]
    assert states[1:] == [
        ("turn 2/resolved", "Resolved"),
        ("turn 3/opened", "Open"),
        ("turn 3/resolved", "Resolved"),
    ]


def test_the_real_log(desk: Provider, shared: Path, tmp_path: Path) -> None:
    names = ("mendeley_helpdesk_turns.csv.gz", "mendeley_helpdesk_comments_notext.csv.gz")
    files = [tmp_path / name for name in names]
    for file in files:
        if not (shared / "data" / file.name).is_file():
            pytest.skip(f"needs the help desk's log: {file.name}")
        file.symlink_to(shared / "data" / file.name)
    turns, comments = take(desk, [str(file) for file in files])
    assert (counts(turns), counts(comments)) == ((747, 0, 0), (7_286, 0, 0))
    assert Ticket.objects.filter(covered=True, status="Resolved").count() == 360
    stops = Clock.objects.filter(metric=RESPONSE).values_list("start", "stop")
    took = sorted((stop - start).total_seconds() for start, stop in stops if stop is not None)
    assert (took[len(took) // 2], took[len(took) * 3 // 4]) == (121, 490)
    waits = Event.objects.filter(kind=STATUS, event_id__endswith="waits (derived)").count()
    assert waits > 982
    for metric in (RESPONSE, RESOLUTION):
        verdicts = Clock.objects.filter(metric=metric).values_list("verdict", flat=True)
        assert set(verdicts) <= {MET, BREACHED}
