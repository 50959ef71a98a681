"""Adding a draft to what is promised: nothing that is there becomes another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from beforehand.kernel.faults import Fault, Refused
from beforehand.promises.draft.words import is_draft
from beforehand.promises.file.document import (
    AgreementPart,
    ClientPart,
    CoveragePart,
    Document,
    LinePart,
    ProviderPart,
    TermsPart,
)

Part = TypeVar("Part", CoveragePart, tuple[TermsPart, ...])


@dataclass(frozen=True)
class Added:
    """The parts of a document that are the draft's. `clients` have its agreements alone."""

    coverages: Mapping[str, CoveragePart] = field(default_factory=dict)
    plans: Mapping[str, tuple[TermsPart, ...]] = field(default_factory=dict)
    everyone: Mapping[str, AgreementPart] = field(default_factory=dict)
    clients: Mapping[str, ClientPart] = field(default_factory=dict)
    priorities: tuple[str, ...] = ()
    take_in_unknown: bool = False


def additions(document: Document, plans: Iterable[str]) -> Added:
    """What is a draft's in a document: agreements that are called so, their plans and these, and the hours of both."""
    everyone = _drafted(document.everyone)
    clients = {
        name: replace(part, agreements=drafted)
        for name, part in document.clients.items()
        if (drafted := _drafted(part.agreements))
    }
    agreements = [*everyone.values(), *(a for part in clients.values() for a in part.agreements.values())]
    versions = [version for agreement in agreements for version in agreement.versions]
    names = {*plans, *(version.plan for version in versions)}
    sold = {name: editions for name, editions in document.plans.items() if name in names}
    terms = [*versions, *(edition for editions in sold.values() for edition in editions)]
    hours = {one.coverage for one in terms} | {line.coverage for one in terms for line in one.lines}
    return Added(
        {name: part for name, part in document.coverages.items() if name in hours},
        sold,
        everyone,
        clients,
        document.provider.priorities,
        document.provider.take_in_unknown,
    )


def _drafted(agreements: Mapping[str, AgreementPart]) -> dict[str, AgreementPart]:
    return {name: agreement for name, agreement in agreements.items() if is_draft(name)}


def added(stored: Document, draft: Added) -> Document:
    """The document with the draft in it. Refused where hours or a plan of that name are others than the draft's."""
    everyone = stored.everyone or draft.everyone
    own = any(not is_draft(name) for name in stored.everyone)
    clients = dict(stored.clients)
    for name, part in draft.clients.items():
        there = stored.clients.get(name)
        if not own and (there is None or not there.agreements):
            clients[name] = replace(there or part, agreements=part.agreements)
    return replace(
        stored,
        provider=_provider(stored, draft),
        coverages=_with(stored.coverages, draft.coverages, "coverages"),
        plans=_with(stored.plans, draft.plans, "plans"),
        everyone=everyone,
        clients=clients,
    )


def _with(stored: Mapping[str, Part], fresh: Mapping[str, Part], what: str) -> dict[str, Part]:
    changed = [name for name, part in fresh.items() if stored.get(name, part) != part]
    if changed:
        found = f"{changed[0]!r}, which is another by now than when the draft was made"
        raise Refused(Fault(f"the draft, {what}", found, "the same as then", "look at the draft again"))
    return {**stored, **fresh}


def _provider(stored: Document, draft: Added) -> ProviderPart:
    """Priorities where there are none and no line or ladder names others; unknown clients where nothing is promised."""
    part = stored.provider
    if not part.priorities and _named(stored) <= set(draft.priorities):
        part = replace(part, priorities=draft.priorities)
    promised = stored.everyone or any(client.agreements for client in stored.clients.values())
    if draft.take_in_unknown and draft.everyone and not promised:
        part = replace(part, take_in_unknown=True)
    return part


def _named(document: Document) -> set[str]:
    """The priorities that stored lines and ladders name."""
    lines: list[LinePart] = []
    for editions in document.plans.values():
        lines += [line for edition in editions for line in edition.lines]
    for _, _, part in document.holders():
        lines += [line for a in part.agreements.values() for version in a.versions for line in version.lines]
    ladders = [match.priority for ladder in document.ladders.values() for match in ladder.fits]
    return {name for name in (*(line.match.get("priority", "") for line in lines), *ladders) if name}
