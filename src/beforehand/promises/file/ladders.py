"""How ladders are written: "75%", "30m before", "assignee or dispatcher", and the tables around them."""

import re

import yaml

from beforehand.engine.codes import STATES
from beforehand.promises.addressee import PLACES, unknown_places
from beforehand.promises.file.document import Path, Tree
from beforehand.promises.file.keys import KEYS
from beforehand.promises.file.notation import Misread, read_duration, say_duration
from beforehand.promises.file.reader import Reader, closest
from beforehand.promises.file.settings import PROMISED
from beforehand.promises.ladders import (
    EVERY,
    FURTHEST,
    LEAST_INTERVAL,
    NAMED,
    PARTIES,
    URGENCIES,
    Ladder,
    Link,
    Match,
    Step,
    in_order,
)

BOARD = "board"
EVERY_TICKET = "every ticket"
CHAIN_IN = {"wall time": False, "provider hours": True}
_AT = '"75%" or "30m before"'
_TELL = (
    '"assignee or dispatcher", "team lead and service manager", "person Jo Smith", "channel Desk" or "board"'
)
_CLIENT_TEXT = '"We are late with ticket {ticket} and call you today."'
_PERCENT = re.compile(r"(\d{1,4})\s*%", re.ASCII)
_BEFORE = re.compile(r"(\S.*?)\s+before(?:\s+the\s+deadline)?", re.IGNORECASE)
_PARTY = re.compile(
    rf"(?P<party>{'|'.join(PARTIES)})(?!\S)|"
    rf'(?P<kind>{"|".join(NAMED)})\s+(?:"(?P<quoted>(?:[^"]|"")+)"|(?P<name>[^"\s].*?))(?=\s+(?:and|or)\s|$)',
    re.IGNORECASE,
)
_JOIN = re.compile(r"\s+(and|or)\s+", re.IGNORECASE)
_UNCLEAR = re.compile(r'^"|(?:^|\s)(?:and|or)(?:\s|$)', re.IGNORECASE)


def read_at(text: str) -> tuple[int | None, int | None]:
    """Where a step stands: (percent, None) of "75%", or (None, microseconds) of "30m before"."""
    percent, before = _PERCENT.fullmatch(text.strip()), _BEFORE.fullmatch(text.strip())
    if percent is None and before is None:
        raise Misread("a percentage of the target, or a time before the deadline", _AT)
    if before is not None:
        return None, read_duration(before[1])
    if percent is None or not 1 <= int(percent[1]) <= FURTHEST:
        raise Misread(f"a percentage from 1% to {FURTHEST}%", _AT)
    return int(percent[1]), None


def say_at(step: Step) -> str:
    """Where the step stands, as it is written."""
    return f"{step.percent}%" if step.before is None else f"{say_duration(step.before)} before"


def read_link(text: str) -> Link | None:
    """Those who are told at one time: "assignee or dispatcher and team lead"; None of "board"."""
    if text.strip().lower() == BOARD:
        return None
    parties: list[list[str]] = [[]]
    rest = text.strip()
    while True:
        party = _PARTY.match(rest)
        if party is None:
            known = ", ".join((*PARTIES, *(f"{kind} NAME" for kind in NAMED)))
            raise Misread(f"who is told: {known}; joined by `and` or `or`", _TELL)
        parties[-1].append(_party(party))
        rest = rest[party.end() :]
        if not rest:
            return Link(tuple(map(tuple, parties)))
        join = _JOIN.match(rest)
        if join is None:
            raise Misread("`and` or `or` between those who are told", _TELL)
        if join[1].lower() == "and":
            parties.append([])
        rest = rest[join.end() :]


def _party(found: re.Match[str]) -> str:
    if found["party"]:
        return found["party"].lower()
    name = found["name"] or found["quoted"].replace('""', '"').strip()
    if not name:
        raise Misread(f"the name of a {found['kind'].lower()}", _TELL)
    return f"{found['kind'].lower()} {name}"


def say_link(link: Link) -> str:
    """Those who are told at one time, as it is written."""
    return " and ".join(" or ".join(map(_say_party, party)) for party in link.parties)


def _say_party(party: str) -> str:
    kind, _, name = party.partition(" ")
    if party in PARTIES or not _UNCLEAR.search(name):
        return party
    quoted = name.replace('"', '""')
    return f'{kind} "{quoted}"'


def read_ladder(reader: Reader, node: yaml.Node, path: Path) -> Ladder:
    """One ladder. What has a fault is left out of it."""
    table = reader.table(node, path, KEYS["ladder"])
    in_hours = _choice(reader, table, "chain in", path, tuple(CHAIN_IN))
    fits = [
        (_read_match(reader, member, here), here) for here, member in _members(reader, table, "for", path)
    ]
    steps = [
        (_read_step(reader, member, here), here) for here, member in _members(reader, table, "steps", path)
    ]
    for key, members, expected, example in (
        ("for", len(fits), "which tickets climb it", f"for: {EVERY_TICKET}"),
        ("steps", len(steps), "at least one step", "steps: [{at: 75%, tell: assignee or dispatcher}]"),
    ):
        if not members and isinstance(node, yaml.MappingNode):
            reader.fault((*path, key), "none", expected, example)
    # Faults of the whole find a step by where it stands and a match by its words, whatever its place in the file.
    for found, where in fits:
        if found is not None:
            reader.marks[*path, "for", say_match(found)] = reader.marks[where]
    for step, where in steps:
        if step is not None:
            reader.marks[*path, "steps", say_at(step)] = reader.marks[where]
    return Ladder(
        path[-1],
        in_order(step for step, _ in steps if step is not None),
        tuple(match for match, _ in fits if match is not None),
        CHAIN_IN.get(in_hours, False),
    )


def say_match(match: Match) -> str:
    """What a ladder is for, in words: "plan Premium, priority P1" or "every ticket"."""
    said = ", ".join(f"{key} {value}" for key, value in match._asdict().items() if value)
    return said or EVERY_TICKET


def _members(
    reader: Reader, table: dict[str, yaml.Node], key: str, path: Path
) -> list[tuple[Path, yaml.Node]]:
    """The members of a list; a table by itself counts as a list of one."""
    if key not in table:
        return []
    if isinstance(table[key], yaml.MappingNode):
        reader.mark((*path, key, "[0]"), table[key])
        return [((*path, key, "[0]"), table[key])]
    return list(reader.items(table[key], (*path, key)))


def _read_match(reader: Reader, node: yaml.Node, path: Path) -> Match | None:
    if isinstance(node, yaml.ScalarNode):
        return reader.read(node, path, _every_ticket)
    before = len(reader.faults)
    words = {
        key: reader.text(value, (*path, key)) for key, value in reader.table(node, path, KEYS["for"]).items()
    }
    metric = words.get("metric")
    if metric and metric not in PROMISED:
        example = closest(metric, PROMISED) or PROMISED[0]
        reader.fault((*path, "metric"), repr(metric), "a metric: " + ", ".join(PROMISED), example)
    if len(reader.faults) > before:
        return None
    if not words:
        reader.fault(path, "nothing", "what it fits: any of " + ", ".join(KEYS["for"]), EVERY_TICKET)
        return None
    return Match(**{key: text or "" for key, text in words.items()})


def _every_ticket(text: str) -> Match:
    if text.lower() != EVERY_TICKET:
        raise Misread(f"a table of what it fits, or {EVERY_TICKET}", "{plan: Standard, priority: P1}")
    return Match()


def _read_step(reader: Reader, node: yaml.Node, path: Path) -> Step | None:
    """The step; None where nothing says when it is reached."""
    table = reader.table(node, path, KEYS["step"])
    for key, expected, example in (("at", "where it stands", _AT), ("tell", "who is told", _TELL)):
        if key not in table and isinstance(node, yaml.MappingNode):
            reader.fault((*path, key), "none", expected, example)
    at = reader.read(table["at"], (*path, "at"), read_at) if "at" in table else None
    chain = _read_chain(reader, table, path)
    every = reader.read(table["every"], (*path, "every"), _every) if "every" in table else EVERY
    client_text = (
        reader.read(table["client text"], (*path, "client text"), _client_text)
        if "client text" in table
        else ""
    )
    expects = reader.text(table["expect"], (*path, "expect")) if "expect" in table else ""
    states = _words(reader, table, "ends with", path)
    for spot, state in states:
        if state not in STATES:
            expected = "a state: " + ", ".join(STATES)
            reader.fault(spot, repr(state), expected, closest(state, STATES) or STATES[1])
    step = Step(
        *(at or (None, None)),
        chain,
        _choice(reader, table, "urgency", path, URGENCIES) or "normal",
        tuple(word for _, word in _words(reader, table, "channels", path)),
        expects or "",
        tuple(sorted({state for _, state in states if state in STATES}, key=STATES.index)),
        every or EVERY,
        client_text or "",
    )
    return None if at is None else step


def _client_text(text: str) -> str:
    unknown = unknown_places(text)
    if unknown:
        known = ", ".join(f"{{{place}}}" for place in PLACES)
        raise Misread(f"placeholders among {known}, and not {', '.join(unknown)}", _CLIENT_TEXT)
    return text


def _read_chain(reader: Reader, table: dict[str, yaml.Node], path: Path) -> tuple[Link, ...]:
    chain: list[Link] = []
    if "tell" not in table:
        return ()
    here = (*path, "tell")
    before = len(reader.faults)
    members = list(reader.items(table["tell"], here))
    if not members and len(reader.faults) == before:
        reader.fault(here, "nobody", "who is told", f"tell: {BOARD}")
    for spot, member in members:
        before = len(reader.faults)
        link = reader.read(member, spot, read_link)
        if link is not None:
            chain.append(link)
        elif len(members) > 1 and len(reader.faults) == before:
            reader.fault(spot, repr(BOARD), "people alone, or the board alone", f"tell: {BOARD}")
    return tuple(chain)


def _every(text: str) -> int:
    every = read_duration(text)
    if every < LEAST_INTERVAL:
        raise Misread(f"at least {say_duration(LEAST_INTERVAL)}", '"10m"')
    return every


def _words(reader: Reader, table: dict[str, yaml.Node], key: str, path: Path) -> list[tuple[Path, str]]:
    found: dict[str, Path] = {}
    for spot, member in reader.items(table[key], (*path, key)) if key in table else ():
        word = reader.text(member, spot)
        if word is not None and word in found:
            reader.fault(spot, f"{word!r} again", "each of them once")
        elif word is not None:
            found[word] = spot
    return [(spot, word) for word, spot in found.items()]


def _choice(reader: Reader, table: dict[str, yaml.Node], key: str, path: Path, words: tuple[str, ...]) -> str:
    """One of the words; "" where there is none, or a fault."""

    def read(text: str) -> str:
        if text not in words:
            raise Misread("one of " + ", ".join(words), f'"{closest(text, words) or words[0]}"')
        return text

    return (reader.read(table[key], (*path, key), read) or "") if key in table else ""


def say_ladder(ladder: Ladder) -> dict[str, Tree]:
    """The ladder as it is written, what is usual left out."""
    fits = [
        {key: value for key, value in match._asdict().items() if value} or EVERY_TICKET
        for match in ladder.fits
    ]
    tree: dict[str, Tree] = {"for": EVERY_TICKET if fits == [EVERY_TICKET] else list(fits)}
    if ladder.in_hours:
        tree["chain in"] = next(word for word, on in CHAIN_IN.items() if on)
    return tree | {"steps": [_say_step(step) for step in ladder.steps]}


def _say_step(step: Step) -> dict[str, Tree]:
    links: list[Tree] = [say_link(link) for link in step.chain]
    said: dict[str, Tree] = {
        "at": say_at(step),
        "tell": links if len(links) > 1 else links[0] if links else BOARD,
        "urgency": "" if step.urgency == "normal" else step.urgency,
        "channels": list(step.channels),
        "expect": step.expects,
        "every": "" if step.every == EVERY else say_duration(step.every),
        "ends with": list(step.moves),
        "client text": step.client_text,
    }
    return {key: value for key, value in said.items() if value}
