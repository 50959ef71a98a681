"""The `files` of a mapping read: what a row of each kind is and which of its columns is what."""

import re
from collections.abc import Iterator

import yaml

from beforehand.engine.codes import METRICS
from beforehand.promises.file.document import Path
from beforehand.promises.file.notation import Misread
from beforehand.promises.file.reader import Reader, closest

from .mapping import (
    CHANGES,
    FACTS,
    MESSAGES,
    MOMENTS,
    SHAPES,
    TICKETS,
    TURNS,
    WHO,
    Author,
    Column,
    Private,
    Requester,
    Shape,
    Verdict,
    Waits,
)

ROLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    CHANGES: (("ticket", "created", "changed"), ("sequence",)),
    TICKETS: (("ticket", "created"), ("changed", "sequence")),
    TURNS: (("ticket", "turn", "started", "ended"), ()),
    MESSAGES: (("ticket", "message", "at"), ("sequence",)),
}
"""The columns that a shape must name, and those that it may."""
MORE: dict[str, tuple[str, ...]] = {
    CHANGES: ("fields", "contact", "author", "verdicts", "ignore"),
    TICKETS: ("fields", "contact", "author", "verdicts", "ignore", "moments", "statuses"),
    TURNS: ("fields", "contact", "author", "verdicts", "ignore", "statuses", "fill down"),
    MESSAGES: ("author", "ignore", "private", "waits", "description"),
}
"""What else a shape may say."""
COLUMN_KEYS = ("column", "columns", "part", "joined", "values", "empty")
AUTHOR_KEYS = ("column", "role", *WHO, "otherwise")
STATUS_NAMES = {
    TURNS: {"opened": "Open", "resolved": "Resolved"},
    TICKETS: {"resolved": "Resolved", "closed": "Closed"},
}


class ShapeReader:
    """Reads the kinds of file with the reader of the whole mapping, which keeps the faults."""

    def __init__(self, reader: Reader) -> None:
        self.r = reader

    def shapes(self, node: yaml.Node | None) -> Iterator[Shape]:
        """One Shape for each kind of file that has no fault in what it is."""
        if node is None:
            return
        table = self.r.table(node, ("files",))
        if not table:
            self.r.fault(("files",), "nothing", "at least one kind of file", "tickets: {rows: tickets, ...}")
        for name, member in table.items():
            path = ("files", name)
            entries = self.r.table(member, path)
            rows = self.r.read(entries["rows"], (*path, "rows"), _read_shape) if "rows" in entries else None
            if "rows" not in entries:
                self.r.fault(path, "no rows", "what a row is: " + ", ".join(SHAPES), "rows: changes")
            if rows is not None:
                yield self._shape(name, rows, entries, path)

    def _shape(self, name: str, rows: str, entries: dict[str, yaml.Node], path: Path) -> Shape:
        required, optional = ROLES[rows]
        known = ("rows", *required, *optional, *MORE[rows])
        for key in entries:
            if key not in known:
                near = closest(key, known)
                self.r.fault((*path, key), f"{key!r}", f"for rows: {rows} one of " + ", ".join(known), near)
        for key in required:
            if key not in entries:
                self.r.fault(path, f"no {key}", f"the column of {key}", f"{key}: name of a column")
        columns = {
            key: self._column(entries[key], (*path, key)) for key in (*required, *optional) if key in entries
        }
        shape = Shape(
            name=name,
            rows=rows,
            columns=columns,
            facts=self._columns(entries, "fields", path, FACTS),
            moments=self._columns(entries, "moments", path, MOMENTS),
            statuses=self._statuses(entries, path, rows),
            verdicts=tuple(self._verdicts(entries, path)),
            author=self._author(entries, path),
            contact=self._contact(entries, path),
            private=self._private(entries, path),
            waits=self._waits(entries, path),
            description=self._description(entries, path),
            fill_down=self._list(entries, "fill down", path),
            ignore=self._list(entries, "ignore", path),
        )
        self._check(shape, path)
        return shape

    def _check(self, shape: Shape, path: Path) -> None:
        ignored = {name for column in shape.ignore for name in column.names}
        for column in shape.used():
            for name in column.names:
                if name in ignored:
                    self.r.fault(column.path, f"{name!r}, which is among those to ignore", "one or the other")
        if shape.contact is not None and "contact" not in shape.facts:
            self.r.fault(
                (*path, "contact"), "who the contact is, without the name",
                "`contact` among the `fields`, the column of the name", "fields: {contact: requested_by}",
            )  # fmt: skip
        if shape.rows == TICKETS and "status" in shape.facts and "changed" not in shape.columns:
            self.r.fault(
                (*path, "fields", "status"), "a status without the time it is of",
                "`changed`, the column that says when the row was true", "changed: last_updated",
            )  # fmt: skip

    def _column(self, node: yaml.Node, path: Path) -> Column:
        if not isinstance(node, yaml.MappingNode):
            return Column((self.r.text(node, path) or "",), path=path)
        table = self.r.table(node, path, COLUMN_KEYS)
        if ("column" in table) == ("columns" in table):
            self.r.fault(path, "both or neither", "either column or columns", "column: name of a column")
        names = [self.r.text(n, p) or "" for p, n in self._items(table, "columns", path)]
        if "column" in table:
            names = [self.r.text(table["column"], (*path, "column")) or ""]
        part = self.r.read(table["part"], (*path, "part"), _read_part) if "part" in table else None
        joined = self.r.text(table["joined"], (*path, "joined")) if "joined" in table else None
        values = self._words(table["values"], (*path, "values")) if "values" in table else {}
        empty = (self.r.text(table["empty"], (*path, "empty")) or "") if "empty" in table else ""
        return Column(tuple(names), part, f" {joined} " if joined else " / ", values, empty, path)

    def _items(self, table: dict[str, yaml.Node], key: str, path: Path) -> Iterator[tuple[Path, yaml.Node]]:
        if key in table:
            yield from self.r.items(table[key], (*path, key))

    def _words(self, node: yaml.Node, path: Path) -> dict[str, str]:
        return {key: self.r.text(n, (*path, key)) or "" for key, n in self.r.table(node, path).items()}

    def _columns(
        self, entries: dict[str, yaml.Node], key: str, path: Path, known: tuple[str, ...]
    ) -> dict[str, Column]:
        if key not in entries:
            return {}
        table = self.r.table(entries[key], (*path, key), known)
        return {name: self._column(node, (*path, key, name)) for name, node in table.items()}

    def _list(self, entries: dict[str, yaml.Node], key: str, path: Path) -> tuple[Column, ...]:
        return tuple(Column((self.r.text(n, p) or "",), path=p) for p, n in self._items(entries, key, path))

    def _statuses(self, entries: dict[str, yaml.Node], path: Path, rows: str) -> dict[str, str]:
        names = STATUS_NAMES.get(rows, {})
        if "statuses" not in entries:
            return dict(names)
        here = (*path, "statuses")
        table = self.r.table(entries["statuses"], here, names)
        return {**names, **{key: self.r.text(node, (*here, key)) or "" for key, node in table.items()}}

    def _verdicts(self, entries: dict[str, yaml.Node], path: Path) -> Iterator[Verdict]:
        if "verdicts" not in entries:
            return
        here = (*path, "verdicts")
        for metric, node in self.r.table(entries["verdicts"], here, METRICS[:6]).items():
            table = self.r.table(node, (*here, metric), ("column", "met", "breached"))
            if "column" not in table:
                self.r.fault((*here, metric), "no column", "the column of the verdict", "column: made_sla")
                continue
            names = (self.r.text(table["column"], (*here, metric, "column")) or "",)
            values = {
                self.r.text(n, p) or "": word
                for word in ("met", "breached")
                for p, n in self._items(table, word, (*here, metric))
            }
            yield Verdict(metric, Column(names, values=values, path=(*here, metric)))

    def _author(self, entries: dict[str, yaml.Node], path: Path) -> Author:
        if "author" not in entries:
            return Author(None, None, {})
        node, here = entries["author"], (*path, "author")
        if not isinstance(node, yaml.MappingNode):
            return Author(self._column(node, here), None, {})
        table = self.r.table(node, here, AUTHOR_KEYS)
        if "column" not in table:
            self.r.fault(here, "no column", "the column that names the author", "column: updated_by")
        who = {
            self.r.text(n, p) or "": flags
            for word, flags in WHO.items()
            for p, n in self._items(table, word, here)
        }
        otherwise = None
        if "otherwise" in table:
            otherwise = self.r.read(table["otherwise"], (*here, "otherwise"), _read_who)
        return Author(
            self._column(table["column"], (*here, "column")) if "column" in table else None,
            self._column(table["role"], (*here, "role")) if "role" in table else None,
            who,
            WHO["people"] if otherwise is None else otherwise,
        )

    def _contact(self, entries: dict[str, yaml.Node], path: Path) -> Requester | None:
        if "contact" not in entries:
            return None
        here = (*path, "contact")
        table = self.r.table(entries["contact"], here, Requester._fields)
        if not table:
            self.r.fault(
                here, "nothing", "the column of the id, of the mail address, or both", "email: requester_mail"
            )
        return Requester(
            *(self._column(table[key], (*here, key)) if key in table else None for key in Requester._fields)
        )

    def _private(self, entries: dict[str, yaml.Node], path: Path) -> Private | None:
        if "private" not in entries:
            return None
        here = (*path, "private")
        table = self.r.table(entries["private"], here, ("column", "yes"))
        for key in ("column", "yes"):
            if key not in table:
                self.r.fault(here, f"no {key}", "a column, and the values that say yes", 'yes: ["1"]')
        if "column" not in table:
            return None
        yes = frozenset(self.r.text(n, p) or "" for p, n in self._items(table, "yes", here))
        return Private(self._column(table["column"], (*here, "column")), yes)

    def _waits(self, entries: dict[str, yaml.Node], path: Path) -> Waits | None:
        if "waits" not in entries:
            return None
        here = (*path, "waits")
        table = self.r.table(entries["waits"], here, ("status", "back"))
        for key in ("status", "back"):
            if key not in table:
                self.r.fault(here, f"no {key}", "the status of waiting, and the one after", "back: Open")
        said = {key: self.r.text(node, (*here, key)) or "" for key, node in table.items()}
        return Waits(said.get("status", ""), said.get("back", ""))

    def _description(self, entries: dict[str, yaml.Node], path: Path) -> bool:
        if "description" not in entries:
            return False
        return bool(self.r.read(entries["description"], (*path, "description"), _read_description))


def _read_shape(text: str) -> str:
    if text not in SHAPES:
        raise Misread("what a row is: " + ", ".join(SHAPES), closest(text, SHAPES) or CHANGES)
    return text


def _read_part(text: str) -> re.Pattern[str]:
    try:
        part = re.compile(text)
    except re.error as error:
        raise Misread(f"a regular expression ({error})", r'"^.{5}(.+)"') from error
    if part.groups != 1:
        raise Misread("a regular expression with one group, the part to keep", r'"^.{5}(.+)"')
    return part


def _read_who(text: str) -> int:
    if text not in WHO:
        raise Misread("one of " + ", ".join(WHO), closest(text, WHO) or "people")
    return WHO[text]


def _read_description(text: str) -> bool:
    if text != "first message":
        raise Misread("first message", "first message")
    return True
