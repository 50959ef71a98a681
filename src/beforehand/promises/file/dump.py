"""Writing a document as an agreement file: the same document gives the same text, and reading it the document."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache

import yaml

from beforehand.engine.codes import FIELDS
from beforehand.people.models import Provider
from beforehand.promises.file.document import (
    EVERY_BOARD,
    AgreementPart,
    ClientPart,
    CoveragePart,
    Dates,
    Document,
    LinePart,
    ProviderPart,
    TermsPart,
    Tree,
)
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.hours import say_hours
from beforehand.promises.file.ladders import say_ladder
from beforehand.promises.file.notation import say_closure, say_opening, say_promise
from beforehand.promises.file.parse import UNKNOWN, say_meaning
from beforehand.promises.file.settings import PROMISED, say_settings
from beforehand.promises.rows import read_rows

_HEADS = {
    "provider": "Who promises, and what holds for all clients.",
    "statuses": "What the ticket system's statuses mean, by board.",
    "coverages": "Hours in which work is owed. 24x7 is always there.",
    "plans": "Terms sold to many clients. An edition holds from its date until the next.",
    "ladders": "Who is told what, and when, before a promise breaks. Others climb the ladders that are built in.",
    "every client": "What holds for clients that have no agreement of their own.",
    "clients": "Clients and their agreements. A ticket keeps the version in force when it was created.",
}
_PLAIN = re.compile(r"[^\W_](?:[\w ./()&+',@:%-]*[\w.)%])?")
_ODD = re.compile(r":\s|\s#|:$")


def dump_document(document: Document, note: str = "") -> str:
    """The text of the file; `note` stands in its first lines."""
    head = (
        "Beforehand: what was promised to whom. Every key is explained in docs/reference/agreement-file.md."
    )
    lines = [f"# {text}" for text in (head, *note.splitlines())]
    for key, tree in _document(document).items():
        lines += ["", f"# {_HEADS[key]}", *_lines({key: tree}, 0)]
    return "\n".join(lines) + "\n"


def _document(document: Document) -> dict[str, Tree]:
    tree: dict[str, Tree] = {"provider": _provider(document.provider)}
    zone = document.provider.zone
    tree["statuses"] = {
        board or EVERY_BOARD: {status: say_meaning(meaning) for status, meaning in statuses.items()}
        for board, statuses in document.statuses.items()
    }
    tree["coverages"] = {name: _coverage(part) for name, part in document.coverages.items()}
    tree["plans"] = {
        name: {"editions": [_terms(edition) for edition in editions]}
        for name, editions in document.plans.items()
    }
    tree["ladders"] = {name: say_ladder(ladder) for name, ladder in document.ladders.items()}
    if document.everyone:
        tree["every client"] = {"agreements": _agreements(document.everyone)}
    tree["clients"] = {name: _client(part, zone) for name, part in document.clients.items()}
    return {key: value for key, value in tree.items() if value}


def _provider(part: ProviderPart) -> dict[str, Tree]:
    tree: dict[str, Tree] = {"name": part.name, "zone": part.zone}
    if part.coverage:
        tree["coverage"] = part.coverage
    if part.triage:
        tree["triage"] = say_promise(part.triage)
    if part.take_in_unknown:
        tree["unknown clients"] = next(word for word, on in UNKNOWN.items() if on)
    if part.priorities:
        tree["priorities"] = list(part.priorities)
    return tree | _dates(part.dates)


def _dates(dates: Dates) -> dict[str, Tree]:
    tree: dict[str, Tree] = {
        "holidays": list(dates.regions),
        "closures": {say_closure(row): row.name for row in dates.closures},
        "calendars": {
            name: {say_closure(row): row.name for row in rows} for name, rows in dates.calendars.items()
        },
        "openings": {say_opening(row): row.name for row in dates.openings},
    }
    return {key: value for key, value in tree.items() if value}


def _coverage(part: CoveragePart) -> dict[str, Tree]:
    return {"zone": part.zone, "hours": say_hours(part.hours), **_dates(part.dates)}


def _client(part: ClientPart, zone: str) -> dict[str, Tree]:
    tree: dict[str, Tree] = {"zone": part.zone} if part.zone != zone else {}
    if part.keys:
        tree["keys"] = list(part.keys)
    if part.aliases:
        tree["aliases"] = list(part.aliases)
    if part.contact.email:
        tree["contact"] = str(part.contact)
    tree |= _dates(part.dates)
    if part.agreements:
        tree["agreements"] = _agreements(part.agreements)
    return tree


def _agreements(agreements: Mapping[str, AgreementPart]) -> dict[str, Tree]:
    trees: dict[str, Tree] = {}
    for name, part in agreements.items():
        tree: dict[str, Tree] = {"contract": part.contract} if part.contract else {}
        tree["versions"] = [_terms(version) for version in part.versions]
        trees[name] = tree
    return trees


def _terms(part: TermsPart) -> dict[str, Tree]:
    tree: dict[str, Tree] = {"from": str(part.since)}
    if part.until is not None:
        tree["until"] = str(part.until)
    for key, value in (("plan", part.plan), ("coverage", part.coverage), ("holidays", part.holidays)):
        if value:
            tree[key] = value
    settings: dict[str, Tree] = {}
    for key, said in say_settings(part.settings):
        settings[key] = said if isinstance(said, str) else dict(said)
    if settings:
        tree["settings"] = settings
    if part.lines:
        tree["lines"] = [_line(line) for line in part.lines]
    return tree


def _line(line: LinePart) -> dict[str, Tree]:
    tree: dict[str, Tree] = {"name": line.name} if line.name else {}
    tree |= {field: line.match[field] for field in FIELDS if field in line.match}
    if line.coverage:
        tree["coverage"] = line.coverage
    return tree | {metric: say_promise(line.targets[metric]) for metric in PROMISED if metric in line.targets}


def _lines(tree: Tree, depth: int) -> Iterator[str]:
    """The lines of a table, each level two spaces further in; lists of words stand in one line."""
    indent = "  " * depth
    for key, value in tree.items() if isinstance(tree, dict) else ():
        name = scalar(key)
        if isinstance(value, str):
            yield f"{indent}{name}: {scalar(value)}"
        elif not value:
            yield f"{indent}{name}: {{}}"
        elif isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _lines(value, depth + 1)
        elif all(isinstance(member, str) for member in value):
            yield f"{indent}{name}: [{', '.join(scalar(str(member), inside=True) for member in value)}]"
        else:
            yield f"{indent}{name}:"
            for member in value:
                if isinstance(member, str):
                    yield f"{indent}  - {scalar(member)}"
                    continue
                first, *rest = _lines(member, depth + 2)
                yield f"{indent}  - {first.lstrip()}"
                yield from rest


@cache
def scalar(text: str, inside: bool = False) -> str:
    """A word of YAML that is read as this text: plain where that is safe (`inside` a list fewer are), else quoted."""
    plain = _PLAIN.fullmatch(text) and not _ODD.search(text) and not (inside and "," in text)
    if plain:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        # What other readers would take for yes, no, nothing or a number is quoted.
        if node is not None and node.tag.rsplit(":", 1)[-1] in ("str", "timestamp"):
            return text
    return json.dumps(text, ensure_ascii=False)


def dump(provider: Provider) -> str:
    """The agreement file of everything that a provider promised."""
    rows = read_rows(provider)
    met = sum(not client.listed for client in rows.clients)
    note = [f"{met:,} more clients are known from tickets alone."] if met else []
    library = sorted({row.library_version for row in rows.closures if row.library_version})
    if library:
        years = sorted({row.first.year for row in rows.closures if row.library_version})
        said = f"Public holidays of {years[0]} to {years[-1]} are kept as release {', '.join(library)}"
        note.append(f"{said} of the holidays library said them.")
    return dump_document(document_of(provider, rows), "\n".join(note))
