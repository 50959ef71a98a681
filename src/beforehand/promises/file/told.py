"""A part of an agreement file that was told on a page: read by what reads the file, each fault with its field."""

from typing import NamedTuple

import yaml

from beforehand.kernel.faults import Fault
from beforehand.promises.file.document import Path, Tree
from beforehand.promises.file.reader import Reader

_TEXT = "tag:yaml.org,2002:str"


class Placed(NamedTuple):
    """A fault, and the field it is about: ("steps", "[1]", "at"); () where it is about the whole."""

    field: Path
    fault: Fault


class ToldReader(Reader):
    """Collects the faults of what was told on a page, by field."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.placed: list[Placed] = []
        self.advised: list[Placed] = []
        self._fields: list[Path] = []

    def node(self, tree: Tree, field: Path = ()) -> yaml.Node:
        """What was told, as the nodes of a file: each stands in a line of its own, by which its field is found."""
        mark = self._mark(field)
        if isinstance(tree, str):
            return yaml.ScalarNode(_TEXT, tree, mark, mark)
        if isinstance(tree, list):
            members = [self.node(one, (*field, f"[{number}]")) for number, one in enumerate(tree)]
            return yaml.SequenceNode("", members, mark, mark)
        entries = []
        for key, value in tree.items():
            here = self._mark((*field, key))
            entries.append((yaml.ScalarNode(_TEXT, key, here, here), self.node(value, (*field, key))))
        return yaml.MappingNode("", entries, mark, mark)

    def _mark(self, field: Path) -> yaml.Mark:
        self._fields.append(field)
        return yaml.Mark(self.name, 0, len(self._fields) - 1, 0, None, 0)

    def field(self, path: Path) -> Path:
        """The field that a path is about; the path itself where nothing of it was told here."""
        near = path
        while near and near not in self.marks:
            near = near[:-1]
        known = self._fields[self.marks[near][0] - 1] if near else ()
        return (*known, *path[len(near) :])

    def fault(self, path: Path, found: str, expected: str, example: str = "") -> None:
        """Keeps one fault, with its field."""
        super().fault(path, found, expected, example)
        self.placed.append(Placed(self.field(path), self.faults[-1]))

    def warn(self, path: Path, found: str, expected: str, example: str = "") -> None:
        """Keeps something that may be meant so, with its field."""
        super().warn(path, found, expected, example)
        self.advised.append(Placed(self.field(path), self.warnings[-1]))

    def place(self, path: Path) -> str:
        """The path alone: a page has no lines."""
        return ".".join(path).replace(".[", "[")
