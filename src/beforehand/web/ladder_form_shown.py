"""The form of a ladder as its page shows it: each field with its choices, and with what is wrong by it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from beforehand.alerts.channels import MAIL
from beforehand.alerts.models import Channel
from beforehand.engine.codes import STATES
from beforehand.kernel.faults import Fault
from beforehand.people.models import Provider, Technician
from beforehand.promises.file.document import Document, Path
from beforehand.promises.file.ladders import CHAIN_IN
from beforehand.promises.file.settings import PROMISED
from beforehand.promises.file.told import Placed
from beforehand.promises.ladder_changes import OTHERS
from beforehand.promises.ladders import CLIENT, PARTIES, URGENCIES, Match
from beforehand.tickets.models import Ticket

from .ladder_forms import BEFORE, OR, PERCENT, Draft, Parties, StepDraft

Option = tuple[str, str]
EXPECTATIONS = ("assign it", "see to it", "answer the client", "help with it", "call the client")
UNITS: list[Option] = [(PERCENT, "% of target"), (BEFORE, "minutes before")]


class Field(NamedTuple):
    """A field by its name: what stands in it, what is wrong with it, what there is to choose from."""

    name: str
    value: str
    errors: list[str]
    options: Sequence[Option] = ()


class PartyShown(NamedTuple):
    """Somebody of a link: how they are joined to whoever stands before them, and who; no `join` for the first."""

    join: str
    joined: str
    name: str
    value: str
    groups: Sequence[tuple[str, Sequence[Option]]]


class StepShown(NamedTuple):
    """A step's fields. `links` has a list of parties for each of them, with one more to fill in."""

    key: str
    fields: Mapping[str, Field]
    links: list[list[PartyShown]]
    moves: list[tuple[str, bool]]
    errors: list[str]
    tells_client: bool
    further: bool
    """Whether anything is entered, or wrong, of what is seldom needed."""


class FitShown(NamedTuple):
    """What a ladder is for, once."""

    fields: list[Field]
    errors: list[str]


class FormShown(NamedTuple):
    """The whole form."""

    name: Field
    chain_in: Field
    fits: list[FitShown]
    steps: list[StepShown]
    errors: list[str]
    wrong: bool
    """Whether anything is."""


class Choices:
    """What there is to choose from: clients and the like as promised, technicians and channels as they are now."""

    def __init__(self, provider: Provider, document: Document) -> None:
        agreements = {name for _, _, part in document.holders() for name in part.agreements}
        priorities = list(document.provider.priorities) or _priorities(provider, document)
        self.fits: Mapping[str, list[str]] = {
            "client": sorted(document.clients, key=str.casefold),
            "agreement": sorted(agreements, key=str.casefold),
            "plan": list(document.plans),
            "priority": priorities,
            "metric": list(PROMISED),
        }
        people = Technician.objects.filter(provider=provider, active=True).order_by("folded")
        rows = list(people.values_list("name", "channels"))
        channels = Channel.objects.filter(provider=provider).order_by("folded").values_list("name", flat=True)
        self.parties: list[tuple[str, list[Option]]] = [
            ("Whoever is", [(party, party) for party in PARTIES]),
            ("By name", [(f"person {name}", name) for name, _ in rows]),
            ("Channels", [(f"channel {name}", name) for name in channels]),
        ]
        self.ways = sorted({MAIL, *(way for _, ways in rows for way in ways)})
        self._known = {value for _, options in self.parties for value, _ in options}

    def groups(self, value: str) -> list[tuple[str, list[Option]]]:
        """Whom a link can name; one whom it names and who is not there any more can be left as it is."""
        found = [(title, options) for title, options in self.parties if options]
        return (
            [*found, ("Not here any more", [(value, value)])] if value and value not in self._known else found
        )

    def of(self, key: str, value: str) -> list[Option]:
        """What a ladder can be for; "" is any."""
        known = self.fits[key]
        return [
            ("", "any"),
            *((one, one) for one in (known if not value or value in known else [*known, value])),
        ]


def _priorities(provider: Provider, document: Document) -> list[str]:
    """The priorities that lines and tickets name, where the provider listed none."""
    terms = [edition for editions in document.plans.values() for edition in editions]
    terms += [v for _, _, part in document.holders() for a in part.agreements.values() for v in a.versions]
    named = {line.match.get("priority", "") for one in terms for line in one.lines}
    tickets = Ticket.objects.filter(provider=provider, runs__gt=0).order_by()
    return sorted((named | set(tickets.values_list("priority", flat=True).distinct())) - {""})


def shown(draft: Draft, faults: Iterable[Placed], choices: Choices) -> FormShown:
    """The form as it is shown."""
    faults = list(faults)
    wrong: dict[Path, list[str]] = defaultdict(list)
    for one in faults:
        wrong[_key(one.field)].append(said_of(one))
    return FormShown(
        name=Field("name", draft.name, wrong["name",]),
        chain_in=Field("chain-in", draft.chain_in, wrong["chain in",], [(word, word) for word in CHAIN_IN]),
        fits=[_fit(number, match, wrong, choices) for number, match in enumerate(draft.fits)],
        steps=[_step(number, step, wrong, choices) for number, step in enumerate(draft.steps)],
        errors=wrong["others",] + wrong["for",] + wrong["steps",] + wrong[()],
        wrong=bool(faults),
    )


def said(fault: Fault) -> str:
    """A fault beside its field, where the place need not be told."""
    text = f"Found {fault.found}; expected {fault.expected.rstrip('.')}."
    return f"{text} For example: {fault.example}" if fault.example else text


def said_of(one: Placed) -> str:
    """The same, with the name of the ladder where it is another than the one of the page."""
    if one.field[:1] != OTHERS:
        return said(one.fault)
    return f"The ladder “{one.field[1]}” could not stay as it is. {said(one.fault)}"


def _key(field: Path) -> Path:
    """The field of the form: members of a list of words have none of their own."""
    return field[:3] if field[:1] in (("steps",), ("for",)) else field[:1]


def _fit(
    number: int, match: Mapping[str, str], wrong: Mapping[Path, list[str]], choices: Choices
) -> FitShown:
    path = ("for", f"[{number}]")
    fields = [
        Field(
            f"for-{number}-{key}",
            match.get(key, ""),
            wrong[(*path, key)],
            choices.of(key, match.get(key, "")),
        )
        for key in Match._fields
    ]
    return FitShown(fields, wrong[path])


def _step(number: int, step: StepDraft, wrong: Mapping[Path, list[str]], choices: Choices) -> StepShown:
    key, path = f"step-{number}", ("steps", f"[{number}]")

    def field(name: str, value: str, of: str = "", options: Sequence[Option] = ()) -> Field:
        return Field(f"{key}-{name}", value, wrong[(*path, of or name)] if of != "-" else [], options)

    fields = {
        "at": field("at", step.at),
        "unit": field("unit", step.unit, "-", UNITS),
        "urgency": field("urgency", step.urgency or "normal", "", [(one, one) for one in URGENCIES]),
        "every": field("every", step.every),
        "expect": field("expect", step.expect),
        "channels": field("channels", step.channels),
        "text": field("text", step.client_text, "client text"),
    }
    told = {party for link in step.links for _, party in link}
    tells_client = CLIENT in told or bool(step.client_text)
    ends = wrong[(*path, "ends with")]
    further = bool(step.channels or step.moves or fields["channels"].errors or ends)
    return StepShown(
        key=key,
        fields=fields,
        links=[_link(f"{key}-link-{n}", link, choices) for n, link in enumerate(step.links or [[]])],
        moves=[(state, state in step.moves) for state in STATES],
        errors=[*wrong[path], *wrong[(*path, "tell")], *ends],
        tells_client=tells_client,
        further=further,
    )


def _link(key: str, link: Parties, choices: Choices) -> list[PartyShown]:
    return [
        PartyShown(f"{key}-join-{n}" if n else "", join, f"{key}-party-{n}", party, choices.groups(party))
        for n, (join, party) in enumerate([*link, (OR, "")])
    ]
