"""What a ladder cannot be: for what is not there, twice for the same tickets, or too slow for a target."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from beforehand.engine.instants import SECOND
from beforehand.promises.file.checks import editions_between
from beforehand.promises.file.document import BUILT_IN, Document, LinePart, Path, TermsPart
from beforehand.promises.file.hours import ALWAYS
from beforehand.promises.file.ladders import CHAIN_IN, say_at, say_match
from beforehand.promises.file.notation import Time, say_duration
from beforehand.promises.file.reader import Reader, closest
from beforehand.promises.ladders import (
    CLIENT,
    LEAST_INTERVAL,
    Ladder,
    Ladders,
    Match,
    Step,
    interval,
    left_at,
)


def check_ladders(document: Document, reader: Reader) -> None:
    """Adds the faults of the ladders to the reader's."""
    seen: dict[Match, str] = {}
    for name, ladder in document.ladders.items():
        path: Path = ("ladders", name)
        for match in ladder.fits:
            here = (*path, "for", say_match(match))
            _known(document, reader, match, here)
            if match in seen:
                found = f"{say_match(match)}, which {seen[match]!r} is for already"
                reader.fault(here, found, "ladders that differ in what they are for", "priority: P2")
            seen.setdefault(match, name)
        if ladder.in_hours and not document.provider.coverage:
            hours = next(word for word, on in CHAIN_IN.items() if on)
            reader.fault((*path, "chain in"), hours, "provider.coverage", f"coverage: {BUILT_IN}")
        _steps(ladder, reader, path)
    for name, target in _shortest(document).items():
        for step in document.ladders[name].steps:
            _fits(step, target, reader, ("ladders", name, "steps", say_at(step)))


def _known(document: Document, reader: Reader, match: Match, path: Path) -> None:
    own = document.clients.get(match.client)
    holders = [own.agreements] if own else [part.agreements for part in document.clients.values()]
    agreements = dict.fromkeys(name for held in (document.everyone, *holders) for name in held)
    for key, known in (
        ("client", document.clients),
        ("agreement", agreements),
        ("plan", document.plans),
        ("priority", document.provider.priorities),
    ):
        word = getattr(match, key)
        if not word or word in known or (key == "priority" and not known):
            continue
        names = list(known)
        shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if names[_SHOWN:] else "")
        article = "an" if key == "agreement" else "a"
        expected = f"{article} {key}: {shown}" if names else f"{article} {key}, and there is none"
        reader.fault((*path, key), repr(word), expected, closest(word, names))


_SHOWN = 12


def _steps(ladder: Ladder, reader: Reader, path: Path) -> None:
    """Faults of steps that hang on no target."""
    points = [say_at(step) for step in ladder.steps]
    for point in dict.fromkeys(point for point in points if points.count(point) > 1):
        reader.fault((*path, "steps", point), f"{points.count(point)} steps at {point}", "one step at a time")
    for step, point in zip(ladder.steps, points, strict=True):
        told = {party for link in step.chain for choice in link.parties for party in choice}
        if step.client_text and CLIENT not in told:
            found = f"a text, and no {CLIENT} to read it"
            reader.fault(
                (*path, "steps", point, "client text"), found, f"{CLIENT} in `tell`", f"tell: {CLIENT}"
            )
        if CLIENT in told and not step.client_text:
            expected = f"a text of its own, since nothing else is told to the {CLIENT}"
            example = 'client text: "We are late with ticket {ticket} and call you today."'
            reader.fault((*path, "steps", point, "client text"), "none", expected, example)


def _fits(step: Step, target: "_Target", reader: Reader, path: Path) -> None:
    """Whether a step comes before the deadline of a target, and all of its chain does."""
    if step.before is not None and step.before >= target.amount:
        found = f"{say_at(step)} the deadline of a {_promised(target)}"
        reader.fault(path, found, "a time shorter than each target it is for", "at: 50%")
        return
    left, people = left_at(step, target.amount), len(step.chain)
    apart = interval(step, left)
    if people > 1 and left > 0 and apart < LEAST_INTERVAL:
        found = (
            f"{people} to tell one after the other in the {_rounded(left)} left at {say_at(step)} "
            f"of a {_promised(target)}: {_rounded(apart)} each"
        )
        expected = (
            f"at least {say_duration(LEAST_INTERVAL)} each, so that the last one hears before the deadline"
        )
        reader.fault(
            path, found, expected, "an earlier step, fewer to tell, or a ladder of its own for these"
        )


def _rounded(amount: int) -> str:
    return say_duration(amount // SECOND * SECOND) or "under 1s"


def advise_ladders(document: Document, reader: Reader) -> None:
    """Warns of chains that stand still while the clock they are for runs on."""
    always = _always(document)
    if document.provider.coverage in always:
        return
    warned = set()
    for ladder, target in _climbed(document):
        chained = any(len(step.chain) > 1 and left_at(step, target.amount) > 0 for step in ladder.steps)
        if ladder.in_hours and target.round_the_clock and chained and ladder.name not in warned:
            warned.add(ladder.name)
            found = f"chains in provider hours, and a {_promised(target)} round the clock"
            expected = "wall time: outside those hours nobody further is told before the deadline"
            reader.warn(("ladders", ladder.name, "chain in"), found, expected, "chain in: wall time")


def _promised(target: "_Target") -> str:
    return f"{say_duration(target.amount)} target for {say_match(target.clock)}"


class _Sold(NamedTuple):
    """Lines that hold together for somebody; `coverage` are the hours of those that name none."""

    client: str
    agreement: str
    plan: str
    coverage: str
    lines: tuple[LinePart, ...]


class _Target(NamedTuple):
    """A target that is not in days, and the clocks it is of."""

    clock: Match
    amount: int
    round_the_clock: bool


def _always(document: Document) -> set[str]:
    return {BUILT_IN} | {name for name, part in document.coverages.items() if part.hours == ALWAYS}


def _shortest(document: Document) -> dict[str, _Target]:
    """The shortest target of each ladder that has any.

    Where that one's chain comes before the deadline, so does that of every other.
    """
    found: dict[str, _Target] = {}
    for ladder, target in _climbed(document):
        if ladder.name not in found or target.amount < found[ladder.name].amount:
            found[ladder.name] = target
    return found


def _climbed(document: Document) -> Iterator[tuple[Ladder, _Target]]:
    """Each of the document's ladders with each target whose clock climbs it."""
    ladders = Ladders(list(document.ladders.values()), document.provider.priorities)
    for target in _targets(document, ladders) if document.ladders else ():
        ladder = ladders.of(*target.clock)
        if ladder.fits:
            yield ladder, target


def _targets(document: Document, ladders: Ladders) -> Iterator[_Target]:
    """Each target: of priorities, agreements and clients those that matter, "" for any other."""
    matches = [match for ladder in ladders.own for match in ladder.fits]
    clients = dict.fromkeys(["", *(match.client for match in matches)])
    priorities = list(dict.fromkeys(["", *ladders.priorities, *(match.priority for match in matches)]))
    agreements = {match.agreement for match in matches}
    always, seen = _always(document), set()
    for sold in _sold(document, list(clients)):
        reduced = sold._replace(
            client=sold.client if sold.client in clients else "",
            agreement=sold.agreement if sold.agreement in agreements else "",
        )
        key = (*reduced[:4], *map(id, sold.lines))
        if key not in seen:
            seen.add(key)
            yield from _of_lines(reduced, priorities, always)
    triage = document.provider.triage
    if triage is not None:
        constant = triage.round_the_clock or document.provider.coverage in always
        for client in clients:
            for priority in priorities:
                yield _Target(Match(client, "", "", priority, "triage"), triage.amount, constant)


def _sold(document: Document, clients: list[str]) -> Iterator[_Sold]:
    """What is promised to somebody, and the plans that nobody has yet."""
    taken = set()
    for _, name, part in document.holders():
        served = [name] if name else [c for c in clients if not c or not _has_own(document, c)]
        for title, agreement in part.agreements.items():
            for version in agreement.versions:
                taken.add(version.plan)
                for edition in _editions(document, version):
                    coverage = version.coverage or edition.coverage or document.provider.coverage
                    lines = _together(version, edition)
                    yield from (_Sold(client, title, version.plan, coverage, lines) for client in served)
    for plan in [plan for plan in document.plans if plan not in taken]:
        for edition in document.plans[plan]:
            yield _Sold("", "", plan, edition.coverage or document.provider.coverage, edition.lines)


def _editions(document: Document, version: TermsPart) -> list[TermsPart]:
    """The editions that a version has; one without lines where it has no plan."""
    found = list(editions_between(version, document.plans.get(version.plan, ())))
    return found or [TermsPart(version.since)]


def _has_own(document: Document, client: str) -> bool:
    return client not in document.clients or bool(document.clients[client].agreements)


def _together(version: TermsPart, edition: TermsPart) -> tuple[LinePart, ...]:
    """The lines of both; of two for the same tickets the client's own (2.2)."""
    own = [line.match for line in version.lines]
    return (*version.lines, *(line for line in edition.lines if line.match not in own))


def _of_lines(sold: _Sold, priorities: Collection[str], always: Collection[str]) -> Iterator[_Target]:
    matches = [dict(line.match) for line in sold.lines]
    for line in sold.lines:
        named = line.match.get("priority")
        # A line that names a priority besides takes its tickets from one that names none.
        served = [named] if named else [p for p in priorities if {**line.match, "priority": p} not in matches]
        for metric, promise in line.targets.items():
            if isinstance(promise, Time):
                constant = promise.round_the_clock or (line.coverage or sold.coverage) in always
                for priority in served:
                    yield _Target(Match(*sold[:3], priority, metric), promise.amount, constant)
