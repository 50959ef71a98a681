"""How ladders are written in the agreement file, and what is refused there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from beforehand.engine.instants import HOUR, MINUTE
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.book import Book
from beforehand.promises.file.check import check_text
from beforehand.promises.file.dump import dump_document
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.ladders import read_at, read_ladder, read_link, say_at, say_ladder, say_link
from beforehand.promises.file.load import Loaded, load_checked
from beforehand.promises.file.notation import Misread
from beforehand.promises.file.reader import Reader
from beforehand.promises.ladders import Ladder, Link, Match, Step
from beforehand.promises.rows import read_rows

from .ladder_strategies import ladders, links

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LADDER = """\
  Premium, first priority:
    for: [{plan: Premium, priority: P1}, {client: Harbour Dental, metric: response}]
    chain in: provider hours
    steps:
      - {at: 50%, tell: assignee or dispatcher, urgency: urgent, expect: answer the client}
      - {at: 75%, tell: [assignee or dispatcher, team lead], every: 10m, ends with: [waiting-on-client]}
      - {at: 30m before, tell: board}
      - {at: 150%, tell: [service manager, client contact], channels: [SMS], client text: "Late with {ticket}."}
"""
TERMS = f"""\
provider: {{name: Northwind, zone: Europe/London, coverage: 24x7, triage: 30m, priorities: [P1, P2]}}
plans:
  Premium:
    editions:
      - from: 2026-01-01
        lines:
          - {{priority: P1, response: 1h, resolution: next business day, calendar: x}}
          - {{response: 4h}}
ladders:
{LADDER}clients:
  Harbour Dental:
    agreements:
      Support: {{versions: [{{from: 2026-01-01, plan: Premium}}]}}
""".replace(", resolution: next business day, calendar: x", "")
MANY = "team lead, team lead, team lead, team lead, team lead, team lead"


def faults(text: str) -> str:
    found = check_text(text, Reader("terms.yaml"), Path(), date(2026, 3, 2))
    return "\n".join(map(str, found.faults))


def changed(old: str, new: str) -> str:
    assert old in TERMS
    return TERMS.replace(old, new)


def test_a_ladder_is_read_as_it_is_written() -> None:
    document = check_text(TERMS, Reader("terms.yaml"), Path(), NOW.date()).document
    assert document is not None
    either = Link((("assignee", "dispatcher"),))
    lead, manager, contact = (
        Link(((party,),)) for party in ("team lead", "service manager", "client contact")
    )
    assert document.ladders["Premium, first priority"] == Ladder(
        "Premium, first priority",
        (
            Step(50, None, (either,), "urgent", expects="answer the client"),
            Step(75, None, (either, lead), moves=("waiting-on-client",), every=10 * MINUTE),
            Step(None, 30 * MINUTE, ()),
            Step(150, None, (manager, contact), channels=("SMS",), client_text="Late with {ticket}."),
        ),
        (Match(plan="Premium", priority="P1"), Match(client="Harbour Dental", metric="response")),
        True,
    )


@given(ladders)
def test_a_ladder_that_was_said_is_read_again(ladder: Ladder) -> None:
    reader = Reader("terms.yaml")
    node = yaml.compose(yaml.safe_dump(say_ladder(ladder), allow_unicode=True), Loader=yaml.SafeLoader)
    assert node is not None
    assert read_ladder(reader, node, (ladder.name,)) == ladder
    assert reader.faults == []


@given(links)
def test_who_is_told_is_read_again(link: Link) -> None:
    assert read_link(say_link(link)) == link


@given(st.integers(1, 500), st.integers(1, 10**13))
def test_where_a_step_stands_is_read_again(percent: int, before: int) -> None:
    assert read_at(say_at(Step(percent, None, ()))) == (percent, None)
    assert read_at(say_at(Step(None, before, ()))) == (None, before)


def test_places_and_parties_are_read_as_people_write_them() -> None:
    assert read_at("1 hour before the deadline") == (None, HOUR)
    assert read_at("90 %") == (90, None)
    assert read_link("Board") is None
    assert read_link("Team Lead and person Jo Smith or channel Desk") == Link(
        (("team lead",), ("person Jo Smith", "channel Desk"))
    )
    assert read_link('person "Ann and Co" and dispatcher') == Link((("person Ann and Co",), ("dispatcher",)))


@pytest.mark.parametrize(
    "text", ["", "assignees", "assignee,dispatcher", "person", 'person ""', "lead and", "and", "team"]
)
def test_who_is_nobody_is_refused(text: str) -> None:
    with pytest.raises(Misread):
        read_link(text)


@pytest.mark.parametrize("text", ["", "50", "0%", "501%", "before", "soon before", "50.5%", "30m"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(Misread):
        read_at(text)


P1 = "[{plan: Premium, priority: P1}, {client: Harbour Dental, metric: response}]"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{client: Harb", "{client: Hrb", "line 11, column 42, ladders.Premium, first priority.for.client Hrbour"),
        ("{client: Harb", "{client: Hrb", "found 'Hrbour Dental', expected a client: Harbour Dental"),
        ("{plan: Premium,", "{plan: Premum,", "found 'Premum', expected a plan: Premium (for example: Premium)"),
        ("{plan: Premium, p", "{agreement: Suport, p", "'Suport', expected an agreement: Support"),
        ("priority: P1}, {c", "priority: P7}, {c", "found 'P7', expected a priority: P1, P2"),
        ("metric: response", "metric: reply", "for[1].metric: found 'reply', expected a metric: response"),
        ("metric: response", "metrics: response", "(for example: metric)"),
        (P1, "everything", "expected a table of what it fits, or every ticket"),
        (P1, "[{}]", "for[0]: found nothing, expected what it fits"),
        (f"    for: {P1}\n", "", "first priority.for: found none, expected which tickets climb it"),
        (P1, "[{plan: Premium}, {plan: Premium}]", "plan Premium, which 'Premium, first priority' is for already"),
        ("clients:", "  B: {for: {client: Harbour Dental, metric: response}, steps: {at: 1%, tell: board}}\nclients:",
         "ladders that differ in what they are for"),
        ("chain in: provider", "chain in: provder", 'one of wall time, provider hours (for example: "provider hours")'),
        ("coverage: 24x7, triage: 30m", "triage: 30m 24x7", "chain in: found provider hours, expected provider.coverage"),
        (LADDER[LADDER.index("    steps"):], "", "steps: found none, expected at least one step"),
        (LADDER[LADDER.index("    steps"):], "    steps: []\n", "steps: found none, expected at least one step"),
        ("at: 75%", "at: 50%", "line 15, column 9, ladders.Premium, first priority.steps.50%: found 2 steps at 50%"),
        ("at: 75%", "at: 75", "steps[1].at: found '75', expected a percentage of the target, or a time before"),
        ("at: 75%, ", "", "steps[1].at: found none, expected where it stands"),
        ("tell: board", "expect: x", "steps[2].tell: found none, expected who is told"),
        ("tell: board", "tell: []", "steps[2].tell: found nobody"),
        ("tell: board", "tell: [board, dispatcher]", "found 'board', expected people alone, or the board alone"),
        ("tell: board", "tell: everybody", "found 'everybody', expected who is told: assignee, dispatcher"),
        ("urgency: urgent", "urgency: urgnt", '(for example: "urgent")'),
        ("every: 10m", "every: 30s", "found '30s', expected at least 1m"),
        ("[waiting-on-client]", "[waiting]", "ends with[0]: found 'waiting', expected a state: working"),
        ("channels: [SMS]", "channels: [SMS, SMS]", "channels[1]: found 'SMS' again"),
        (', client text: "Late with {ticket}."', "", "150%.client text: found none, expected a text of its own"),
        ("{ticket}", "{tickets}", "expected placeholders among {ticket}, {subject}, {client}"),
        ("{ticket}", "{ticket", "and not {"),
        ("[service manager, client contact]", "service manager", "found a text, and no client contact to read it"),
        ("30m before", "1h before", "steps.1h before: found 1h before the deadline of a 1h target for"),
        ("30m before", "1h before", "a time shorter than each target it is for (for example: at: 50%)"),
        ("at: 75%, tell: [assignee or dispatcher, team lead]", f"at: 95%, tell: [{MANY}]",
         "line 15, column 9, ladders.Premium, first priority.steps.95%: found 6 to tell one after the other in the 3m"),
        ("at: 75%, tell: [assignee or dispatcher, team lead]", f"at: 95%, tell: [{MANY}]",
         "left at 95% of a 1h target for client Harbour Dental, plan Premium, priority P1, metric response"),
        ("at: 75%, tell: [assignee or dispatcher, team lead]", f"at: 95%, tell: [{MANY}]",
         "metric response: 30s each, expected at least 1m each, so that the last one hears before the deadline"),
    ],
)  # fmt: skip
def test_a_fault_is_said_with_its_place_and_a_way_out(old: str, new: str, said: str) -> None:
    assert said in faults(changed(old, new))


def test_the_file_has_no_fault_and_all_faults_are_said_at_once() -> None:
    assert faults(TERMS) == ""
    wrong = (
        changed("at: 75%", "at: 75")
        .replace("tell: board", "tell: all")
        .replace("10m", "10")
        .replace("Premium, p", "X, p")
    )
    assert len(faults(wrong).splitlines()) == 4


BOTH = "  Quick: {for: {priority: P1, plan: Premium}, steps: {at: 50%, tell: board}}\n"
SLOW = f"  Slow: {{for: {{plan: Premium}}, steps: {{at: 95%, tell: [{MANY}]}}}}\n"


@pytest.mark.parametrize(
    ("ladder", "refused"),
    [
        (SLOW, True),
        (SLOW + BOTH, False),
        (SLOW.replace("plan: Premium", "priority: P2, metric: response"), False),
        (SLOW.replace("plan: Premium", "priority: P2"), True),
        (SLOW.replace("plan: Premium", "metric: resolution"), False),
        (SLOW.replace("plan: Premium", "metric: triage"), True),
        (SLOW.replace("plan: Premium", "client: Harbour Dental"), True),
        (SLOW.replace("for: {plan: Premium}", "for: every ticket"), True),
        (SLOW.replace("95%", "100%"), False),
        (SLOW.replace(MANY, "team lead and service manager"), False),
        (SLOW.replace("95%", "5m before"), True),
        (SLOW.replace("95%", "6m before"), False),
    ],
)
def test_a_chain_must_be_done_before_the_deadline_of_each_target_that_climbs_it(
    ladder: str, refused: bool
) -> None:
    said = faults(TERMS.replace(LADDER, ladder))
    assert ("to tell one after the other" in said) == refused, said
    assert refused or said == ""


def test_targets_in_days_and_lines_that_others_replace_are_no_limit() -> None:
    text = TERMS.replace(LADDER, SLOW.replace("plan: Premium", "plan: Premium, metric: response"))
    own = text.replace("plan: Premium}]}", "plan: Premium, lines: [{priority: P1, response: 4h}]}]}")
    assert faults(own) == ""
    office = "coverages: {Office: {hours: Mon-Fri 9:00-17:00}}\nplans:"
    days = text.replace("1h", "next business day").replace("plans:", office).replace("24x7", "Office")
    assert faults(days) == ""


def test_a_chain_that_stands_still_while_its_clock_runs_is_a_warning() -> None:
    office = "coverages: {Office: {hours: Mon-Fri 9:00-17:00}}\nplans:"
    text = TERMS.replace("24x7", "Office").replace("plans:", office)
    found = check_text(text.replace("1h}", "1h 24x7}"), Reader("terms.yaml"), Path(), NOW.date()).warnings
    said = [str(warning) for warning in found if "ladders" in warning.place]
    assert len(said) == 1
    assert (
        "line 13, column 5, ladders.Premium, first priority.chain in: found chains in provider hours"
        in said[0]
    )
    assert "and a 1h target for client Harbour Dental, plan Premium, priority P1" in said[0]
    for fine in (TERMS.replace("1h}", "1h 24x7}"), text):
        warnings = check_text(fine, Reader("terms.yaml"), Path(), NOW.date()).warnings
        assert not [warning for warning in warnings if "ladders" in warning.place]


@pytest.fixture
def provider() -> Provider:
    return Provider.objects.create(name="Northwind", slug="northwind", zone="Europe/London", created=NOW)


def put(provider: Provider, text: str, used: Iterator[int] | tuple[int, ...] = ()) -> Loaded:
    return load_checked(
        check_text(text, Reader("terms.yaml"), Path(), NOW.date()), provider, NOW, tuple(used)
    )


@pytest.mark.django_db
def test_what_was_loaded_is_dumped_and_loading_that_changes_nothing(provider: Provider) -> None:
    first = put(provider, TERMS)
    text = dump_document(document_of(provider, read_rows(provider)))
    assert "at: 30m before" in text
    again = put(provider, text)
    assert (again.changed, again.revision) == (False, first.revision)
    assert dump_document(document_of(provider, read_rows(provider))) == text


@pytest.mark.django_db
def test_the_book_knows_the_ladders(provider: Provider) -> None:
    put(provider, TERMS)
    found = Book(provider).ladders
    own = found.of("Harbour Dental", "Support", "Premium", "P1", "resolution")
    assert (own.name, own.in_hours) == ("Premium, first priority", True)
    assert found.of("Harbour Dental", "", "", "P2", "plan").name == "Default for the second priority"
    assert found.priorities == ("P1", "P2")


@pytest.mark.django_db
def test_a_ladder_may_change_under_tickets_and_keeps_its_row(provider: Provider) -> None:
    first = put(provider, TERMS)
    row = models.Ladder.objects.get()
    used = models.Version.objects.values_list("pk", flat=True)
    second = put(provider, changed("at: 75%", "at: 80%"), tuple(used))
    assert second.changed
    assert second.revision != first.revision
    assert models.Ladder.objects.get().pk == row.pk
    assert Book(provider).ladders.own[0].steps[1].percent == 80
    assert put(provider, TERMS.replace("ladders:\n" + LADDER, ""), tuple(used)).changed
    assert not models.Ladder.objects.exists()


@pytest.mark.django_db
def test_a_load_says_what_becomes_of_each_ladder(provider: Provider) -> None:
    name = "'Premium, first priority'"
    assert put(provider, TERMS).ladders == (
        f"The ladder {name} is new: it rehearses until somebody switches it on.",
    )
    assert put(provider, changed("at: 75%", "at: 80%")).ladders == (
        f"The ladder {name} is now as the file has it.",
    )
    assert put(provider, TERMS.replace("ladders:\n" + LADDER, "")).ladders == (
        f"The ladder {name} is not in the file: it is gone.",
    )
    assert put(provider, TERMS.replace("ladders:\n" + LADDER, "")).ladders == ()
