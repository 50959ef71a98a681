"""Ladders made, changed and taken away one at a time: by the checks of the agreement file, and on its road."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from django.db import transaction

from beforehand.kernel.names import fold
from beforehand.people.models import Provider
from beforehand.promises.file.document import Document, Path, Tree
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.ladder_checks import advise_ladders, check_ladders
from beforehand.promises.file.ladders import read_ladder
from beforehand.promises.file.reader import unfit
from beforehand.promises.file.told import Placed, ToldReader
from beforehand.promises.file.write import Writer
from beforehand.promises.file.write_dates import write_ladders, write_provider
from beforehand.promises.ladders import BUILT_IN, Ladder, stored
from beforehand.promises.rows import Rows, read_rows

NAME: Path = ("name",)
OTHERS: Path = ("others",)
"""What the field begins with of what a change would make wrong with another ladder; its name follows."""


class Told(NamedTuple):
    """A ladder as a page tells it: its name, and the rest as the agreement file has it."""

    name: str
    tree: dict[str, Tree]


class Judged(NamedTuple):
    """What was told, read: the ladder as far as it can be read, all faults by field, and what is seldom meant."""

    ladder: Ladder
    faults: tuple[Placed, ...]
    advice: tuple[Placed, ...] = ()


class Meanwhile(Exception):
    """Nothing was done: since it was opened somebody else has changed the ladder (`now`), or taken it away (None)."""

    def __init__(self, now: Ladder | None) -> None:
        super().__init__(now)
        self.now = now


class Wrong(Exception):
    """Nothing was done, because of these faults: all of them, by field."""

    def __init__(self, faults: tuple[Placed, ...]) -> None:
        super().__init__(*faults)
        self.faults = faults


def mark(ladder: Ladder | None) -> str:
    """A word that is another whenever the ladder is; "" of none."""
    if ladder is None:
        return ""
    said = json.dumps([ladder.name, stored(ladder), ladder.in_hours], sort_keys=True)
    return sha256(said.encode()).hexdigest()[:32]


def judge(document: Document, was: str, told: Told) -> Judged:
    """Read what was told, in place of the ladder that `was` ("" for a new one), and check it among all promises."""
    name = " ".join(told.name.split())
    reader = ToldReader("ladders")
    _check_name(document, was, name, reader)
    path: Path = ("ladders", name)
    node = reader.node(told.tree)
    reader.mark(path, node)
    ladder = read_ladder(reader, node, path)
    readable = not reader.placed
    # Last, so that what is there twice is said of this one.
    others = {key: one for key, one in document.ladders.items() if key not in (was, name)}
    after = replace(document, ladders={**others, name: ladder})
    check_ladders(after, reader)
    if readable and not reader.placed:
        advise_ladders(after, reader)
    placed = dict.fromkeys(map(_by_its_ladder, reader.placed))
    advice = tuple(one for one in reader.advised if not _is_of_another(one))
    return Judged(ladder, tuple(placed), advice)


def _check_name(document: Document, was: str, name: str, reader: ToldReader) -> None:
    taken = {fold(ladder.name) for ladder in BUILT_IN} | {fold(key) for key in document.ladders if key != was}
    if not name or unfit(name):
        reader.fault(
            NAME, unfit(name) or "nothing", "a short name of visible characters", "Premium, first priority"
        )
    elif name != was and fold(name) in taken:
        reader.fault(NAME, repr(name), "a name that no other ladder has", f"{name} 2")


def _is_of_another(one: Placed) -> bool:
    """Whether a fault is of a ladder that was not told here: it stands by no field."""
    return one.field[:1] == ("ladders",)


def _by_its_ladder(one: Placed) -> Placed:
    return Placed((*OTHERS, *one.field[1:]), one.fault) if _is_of_another(one) else one


def save(provider: Provider, was: str, seen: str, told: Told, now: datetime) -> Judged:
    """Put what was told in place of the ladder that `was`, or, with "", beside all others; all of it or nothing.

    `seen` is the mark of the ladder as it was when it was opened. Raises Meanwhile where it is another by now, and
    Wrong with every fault.
    """
    with transaction.atomic():
        owner, rows, document = _held(provider)
        _refuse_other(document, was, seen)
        judged = judge(document, was, told)
        if judged.faults:
            raise Wrong(judged.faults)
        name = judged.ladder.name
        ladders = {(name if key == was else key): one for key, one in document.ladders.items()}
        renamed = {was: name} if was and was != name else {}
        _write(owner, rows, replace(document, ladders={**ladders, name: judged.ladder}), renamed, now)
    return judged


def remove(provider: Provider, name: str, seen: str, now: datetime) -> None:
    """Take a ladder away: what climbs it climbs another from now on. Raises Meanwhile and Wrong, as `save` does."""
    with transaction.atomic():
        owner, rows, document = _held(provider)
        _refuse_other(document, name, seen)
        left = {key: one for key, one in document.ladders.items() if key != name}
        after = replace(document, ladders=left)
        reader = ToldReader("ladders")
        check_ladders(after, reader)
        if reader.placed:
            raise Wrong(tuple(map(_by_its_ladder, reader.placed)))
        _write(owner, rows, after, {}, now)


def _held(provider: Provider) -> tuple[Provider, Rows, Document]:
    """What is promised now, held until the transaction ends: who loads a file waits."""
    owner = Provider.objects.select_for_update().get(pk=provider.pk)
    rows = read_rows(owner)
    return owner, rows, document_of(owner, rows)


def _refuse_other(document: Document, name: str, seen: str) -> None:
    there = document.ladders.get(name) if name else None
    if mark(there) != seen:
        raise Meanwhile(there)


def _write(
    owner: Provider, rows: Rows, document: Document, renamed: Mapping[str, str], now: datetime
) -> None:
    if document.ladders == document_of(owner, rows).ladders:
        return
    write_ladders(owner, document.ladders, now, renamed)
    until = rows.terms.expanded_until if rows.terms else 0
    write_provider(owner, document, Writer(owner, document, rows).coverages, until, now)
