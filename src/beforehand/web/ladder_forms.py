"""The form of a ladder: what was entered, as the agreement file writes it, and back. It works without scripts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from beforehand.engine.instants import MINUTE
from beforehand.promises.file.document import Tree
from beforehand.promises.file.ladders import BOARD, CHAIN_IN, EVERY_TICKET, say_link
from beforehand.promises.file.notation import say_duration
from beforehand.promises.ladders import EVERY, Ladder, Link, Match, Step

MOST_STEPS, MOST_LINKS, MOST_PARTIES, MOST_FITS = 40, 12, 8, 40
"""So much of each a form can hold: more than anybody climbs."""
PERCENT, BEFORE = "percent", "before"
AND, OR = "and", "or"
WALL = next(word for word, hours in CHAIN_IN.items() if not hours)
Parties = list[tuple[str, str]]
"""Those of a link, each with how it is joined to the one before it."""


@dataclass
class StepDraft:
    """A step as it was entered. `at` is a percentage, or, where `unit` says so, a time before the deadline."""

    at: str = ""
    unit: str = PERCENT
    links: list[Parties] = field(default_factory=lambda: [[]])
    urgency: str = "normal"
    every: str = ""
    expect: str = ""
    channels: str = ""
    moves: list[str] = field(default_factory=list)
    client_text: str = ""


@dataclass
class Draft:
    """A ladder as it was entered."""

    name: str = ""
    chain_in: str = WALL
    fits: list[dict[str, str]] = field(default_factory=lambda: [{}])
    steps: list[StepDraft] = field(default_factory=lambda: [StepDraft()])


def draft_of(ladder: Ladder, name: str) -> Draft:
    """The form filled in with a ladder, under a name."""
    chain_in = next(word for word, hours in CHAIN_IN.items() if hours == ladder.in_hours)
    fits = [{key: value for key, value in match._asdict().items() if value} for match in ladder.fits]
    return Draft(name, chain_in, fits or [{}], [_step_of(step) for step in ladder.steps])


def _step_of(step: Step) -> StepDraft:
    at, unit = (str(step.percent), PERCENT) if step.before is None else (_short(step.before), BEFORE)
    return StepDraft(
        at=at,
        unit=unit,
        links=[_parties(link) for link in step.chain] or [[]],
        urgency=step.urgency,
        every="" if step.every == EVERY else _short(step.every),
        expect=step.expects,
        channels=", ".join(step.channels),
        moves=list(step.moves),
        client_text=step.client_text,
    )


def _short(amount: int) -> str:
    """A time in minutes where it is some, else as the file writes it."""
    return str(amount // MINUTE) if amount % MINUTE == 0 else say_duration(amount)


def _parties(link: Link) -> Parties:
    return [
        (AND if place == 0 else OR, party) for choice in link.parties for place, party in enumerate(choice)
    ]


def draft_from(data: Mapping[str, str], lists: Callable[[str], list[str]]) -> Draft:
    """What was entered; `lists` gives all values of a field that has several."""
    return Draft(
        name=" ".join(data.get("name", "").split()),
        chain_in=data.get("chain-in", WALL),
        fits=[
            {key: value for key in Match._fields if (value := data.get(f"for-{n}-{key}", ""))}
            for n in range(_count(data, "fits", MOST_FITS))
        ],
        steps=[_step_from(data, lists, f"step-{n}") for n in range(_count(data, "steps", MOST_STEPS))],
    )


def _count(data: Mapping[str, str], name: str, most: int) -> int:
    said = data.get(name, "")
    return min(int(said), most) if said.isascii() and said.isdigit() and len(said) < 4 else 0


def _step_from(data: Mapping[str, str], lists: Callable[[str], list[str]], key: str) -> StepDraft:
    def said(name: str) -> str:
        return data.get(f"{key}-{name}", "").strip()

    return StepDraft(
        at=said("at"),
        unit=BEFORE if said("unit") == BEFORE else PERCENT,
        links=[
            _parties_from(data, f"{key}-link-{n}") for n in range(_count(data, f"{key}-links", MOST_LINKS))
        ],
        urgency=said("urgency"),
        every=said("every"),
        expect=said("expect"),
        channels=said("channels"),
        moves=lists(f"{key}-ends"),
        client_text=said("text"),
    )


def _parties_from(data: Mapping[str, str], key: str) -> Parties:
    return [
        (AND if data.get(f"{key}-join-{n}") == AND else OR, party)
        for n in range(MOST_PARTIES)
        if (party := data.get(f"{key}-party-{n}", ""))
    ]


def tree_of(draft: Draft) -> dict[str, Tree]:
    """What was entered, as the agreement file writes it: what is empty is left out."""
    fits: list[Tree] = [dict(match) if match else EVERY_TICKET for match in draft.fits]
    tree: dict[str, Tree] = {"for": fits, "steps": [_tree_of(step) for step in draft.steps]}
    return tree if draft.chain_in == WALL else {**tree, "chain in": draft.chain_in}


def _tree_of(step: StepDraft) -> Tree:
    told: list[Tree] = [text_of(link) for link in step.links if link]
    at = step.at.removesuffix("%").rstrip()
    said: dict[str, Tree] = {
        "at": "" if not at else f"{at}%" if step.unit == PERCENT else f"{_minutes(at)} before",
        "urgency": "" if step.urgency == "normal" else step.urgency,
        "every": _minutes(step.every),
        "expect": step.expect,
        "channels": [word for part in step.channels.split(",") if (word := part.strip())],
        "ends with": list(step.moves),
        "client text": step.client_text,
    }
    return {"tell": told or BOARD} | {key: value for key, value in said.items() if value}


def _minutes(text: str) -> str:
    return f"{text}m" if text.isascii() and text.isdigit() else text


def text_of(link: Parties) -> str:
    """Those of a link, as the file writes them."""
    groups: list[list[str]] = []
    for join, party in link:
        if join == AND or not groups:
            groups.append([])
        groups[-1].append(party)
    return say_link(Link(tuple(map(tuple, groups))))


def remade(draft: Draft, do: str) -> bool:
    """Add or take away what a button says ("step+", "link-:2:1"); whether it says any such thing."""
    what, _, rest = do.partition(":")
    places = [int(part) for part in rest.split(":") if part.isascii() and part.isdigit() and len(part) < 4]
    if what == "fit+":
        draft.fits.append({})
    elif what == "step+":
        draft.steps.append(StepDraft())
    elif what == "fit-" and _there(draft.fits, places, 1):
        del draft.fits[places[0]]
    elif what == "step-" and _there(draft.steps, places, 1):
        del draft.steps[places[0]]
    elif what == "link+" and _there(draft.steps, places, 1):
        draft.steps[places[0]].links.append([])
    elif what == "link-" and _there(draft.steps, places, 2):
        _without(draft.steps[places[0]].links, places[1])
    else:
        return False
    return True


def _there(rows: list[dict[str, str]] | list[StepDraft], places: list[int], count: int) -> bool:
    return len(places) == count and places[0] < len(rows)


def _without(links: list[Parties], place: int) -> None:
    if place < len(links):
        del links[place]
