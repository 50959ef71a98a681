"""Who asked, in logs: known by the columns of an id or a mail address, else not at all."""

from dataclasses import replace

import pytest
from tests.support.contacts import tell_due

from beforehand.connectors import contact_words
from beforehand.connectors.log.notation import parse_mapping
from beforehand.kernel.faults import Refused
from beforehand.people.models import Provider
from beforehand.promises.models import Contact, ContactKey
from beforehand.tickets.models import Conflict, Ticket

from .conftest import CHANGES, NOW, Take, counts, told

WHO = "fields: {contact: by, status: state,"
MAPPING = parse_mapping(
    CHANGES.replace("fields: {status: state,", "contact: {id: key, email: mail}\n    " + WHO), "changes.yaml"
)
NAMED = parse_mapping(CHANGES.replace("fields: {status: state,", WHO), "changes.yaml")
TURNS = parse_mapping(
    """
name: Turns
source: turns
dates: [iso]
files:
  owners:
    rows: turns
    ticket: id
    turn: turn
    started: from
    ended: until
    contact: {email: mail}
    fields: {contact: by, client: client}
""",
    "turns.yaml",
)
HEADER = "id,no,opened,updated,who,state,client,priority,team,owner,closed_at,by,key,mail\n"
ROW = "{},{},2/3/2026 09:00,2/3/2026 {},ann,New,{},P3,?,?,?,{}\n"


def log(*rows: tuple[str, int, str, str, str]) -> str:
    return HEADER + "".join(ROW.format(*row) for row in rows)


LOG = log(
    ("T1", 0, "09:00", "Contoso", "Jo Smith,C-17,Jo@Contoso.example"),
    ("T1", 1, "10:00", "Contoso", "Al Reed,?,al@contoso.example"),
    ("T2", 0, "11:00", "Contoso", "Jo Miller,C-17,jo.miller@contoso.example"),
    ("T3", 0, "09:00", "Fabrikam", "Al Reed,?,al@contoso.example"),
    ("T4", 0, "09:00", "Contoso", "Kim Bare,?,?"),
    ("T5", 0, "09:00", "?", "Lee Lost,?,lee@contoso.example"),
)


def people() -> list[tuple[str, str, str]]:
    return sorted(ContactKey.objects.values_list("named", "email", "client"))


@pytest.mark.parametrize("run", [1, 2, 5_000])
def test_people_come_along_once_however_often_the_file_comes(take: Take, run: int) -> None:
    assert counts(take(LOG, MAPPING, run=run)) == (6, 0, 0)
    kept, known = people(), told()
    assert kept == [
        ("Al Reed", "al@contoso.example", "Contoso"),
        ("Al Reed", "al@contoso.example", "Fabrikam"),
        ("Jo Miller", "jo.miller@contoso.example", "Contoso"),
    ]
    for again in (run, 5_000, 1):
        assert counts(take(LOG, MAPPING, run=again, remembered=1)) == (0, 6, 0)
    assert (people(), told()) == (kept, known)
    assert not Conflict.objects.exists()


def test_tickets_have_one_name_for_each_of_them(take: Take) -> None:
    take(LOG, MAPPING, run=1)
    names = dict(Ticket.objects.values_list("external_id", "contact"))
    assert names == {
        "T1": "Al Reed", "T2": "Jo Smith", "T3": "Al Reed, al@contoso.example", "T4": "Kim Bare", "T5": "Lee Lost",
    }  # fmt: skip


def test_a_mapping_that_says_more_brings_the_people_of_a_log_that_is_known(take: Take) -> None:
    rows = log(("T1", 0, "09:00", "Contoso", "Jo Smith,C-17,jo@contoso.example"))
    take(rows, NAMED)
    assert people() == []
    assert counts(take(rows, MAPPING)) == (0, 1, 0)
    assert people() == [("Jo Smith", "jo@contoso.example", "Contoso")]


def test_the_tier_said_of_somebody_holds_for_the_next_file(take: Take, provider: Provider) -> None:
    take(log(("T1", 0, "09:00", "Contoso", "Jo Smith,C-17,?")), MAPPING)
    contact_words.say_tier(Contact.objects.get(), "VIP", NOW, True)
    tell_due(provider, NOW)
    take(log(("T2", 0, "10:00", "Contoso", "Jo Smith,C-17,?")), MAPPING)
    assert set(Ticket.objects.values_list("tier", flat=True)) == {"VIP"}
    assert counts(take(log(("T2", 0, "10:00", "Contoso", "Jo Smith,C-17,?")), MAPPING)) == (0, 1, 0)


def test_what_is_no_address_and_an_id_that_is_too_long_are_rejected_with_the_reason(take: Take) -> None:
    came = take(
        log(
            ("T1", 0, "09:00", "Contoso", "Jo,?,jo at home"),
            ("T2", 0, "09:00", "Contoso", f"Jo,{'x' * 201},?"),
            ("T3", 0, "09:00", "Contoso", "Jo,?,?"),
        ),
        MAPPING,
    )
    assert counts(came) == (1, 0, 2)
    assert came.first_rejects[0] == (
        2,
        "column mail: found 'jo at home', expected a mail address of at most 254 characters (jo@contoso.example)",
    )
    assert "column key: found 'xxx" in came.first_rejects[1][1]


def test_of_turns_the_first_says_who_asked(take: Take) -> None:
    rows = (
        "id,turn,from,until,mail,by,client\n"
        "7,1,2026-03-02 09:00,2026-03-02 10:00,jo@contoso.example,Jo Smith,Contoso\n"
        "7,2,2026-03-02 10:00,,al@contoso.example,Al Reed,Contoso\n"
        "8,1,2026-03-02 09:00,,other@contoso.example,Jo Smith,Contoso\n"
    )
    for _ in range(2):
        take(rows, TURNS)
    assert [name for name, _, _ in people()] == ["Jo Smith", "Jo Smith"]
    assert Ticket.objects.get(external_id="8").contact == "Jo Smith, other@contoso.example"
    assert not Conflict.objects.exists()


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("contact: {id: key}\n    fields: {status: state,", "files.changes.contact"),
        ("contact: {mail: mail}\n    fields: {contact: by, status: state,", "files.changes.contact.mail"),
        ("contact: {}\n    fields: {contact: by, status: state,", "files.changes.contact"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_at_its_place(said: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_mapping(CHANGES.replace("fields: {status: state,", said), "changes.yaml")
    assert any(place in str(fault) for fault in refused.value.faults), refused.value.faults


def test_a_header_without_the_column_of_the_address_is_refused(take: Take) -> None:
    with pytest.raises(Refused, match="mail"):
        take(HEADER.replace(",mail", ""), MAPPING)


@pytest.mark.parametrize("run", [1, 5_000])
@pytest.mark.parametrize(
    "second",
    ["Jo Smith,?,other@contoso.example", "Jo Miller,C-17,jo@contoso.example"],
    ids=["a namesake", "another name by then"],
)
def test_what_was_taken_in_by_bare_names_stays_and_contradicts_nothing(
    take: Take, second: str, run: int
) -> None:
    rows = log(
        ("T1", 0, "09:00", "Contoso", "Jo Smith,C-17,jo@contoso.example"),
        ("T2", 0, "09:00", "Contoso", second),
        ("T2", 1, "11:00", "Contoso", second),
    )
    take(rows, NAMED)
    kept = told()
    for _ in range(2):
        assert counts(take(rows, MAPPING, run=run)) == (0, 3, 0)
    assert people()
    assert told() == kept
    assert not Conflict.objects.exists()


def test_of_turns_the_same(take: Take) -> None:
    rows = (
        "id,turn,from,until,mail,by,client\n"
        "7,1,2026-03-02 09:00,,jo@contoso.example,Jo Smith,Contoso\n"
        "8,1,2026-03-02 09:00,,other@contoso.example,Jo Smith,Contoso\n"
    )
    take(rows, replace(TURNS, shapes=tuple(replace(shape, contact=None) for shape in TURNS.shapes)))
    kept = told()
    take(rows, TURNS)
    assert len(people()) == 2
    assert told() == kept
    assert not Conflict.objects.exists()
