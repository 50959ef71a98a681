"""YAML with line numbers: nodes read piece by piece, every fault kept with its place instead of raised."""

import difflib
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import yaml

from beforehand.kernel.faults import Fault
from beforehand.kernel.names import fold
from beforehand.promises.file.document import Path
from beforehand.promises.file.notation import Misread

Value = TypeVar("Value")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = "tag:yaml.org,2002:null"
LONGEST = 200
_UNSEEN = ("Cc", "Cs", "Cn", "Zl", "Zp")


class Reader:
    """Collects the faults of one file, and where each thing in it stands."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.marks: dict[Path, tuple[int, int]] = {}

    def place(self, path: Path) -> str:
        """ "terms.yaml, line 12, column 7, clients.Acme.zone"; where the thing is absent, what lacks it."""
        near = path
        while near and near not in self.marks:
            near = near[:-1]
        line, column = self.marks.get(near, (1, 1))
        shown = ".".join(path).replace(".[", "[")
        return f"{self.name}, line {line}, column {column}" + (f", {shown}" if shown else "")

    def fault(self, path: Path, found: str, expected: str, example: str = "") -> None:
        """Keeps one fault."""
        self.faults.append(Fault(self.place(path), found, expected, example))

    def warn(self, path: Path, found: str, expected: str, example: str = "") -> None:
        """Keeps something that may be meant so, and is worth a look."""
        self.warnings.append(Fault(self.place(path), found, expected, example))

    def mark(self, path: Path, node: yaml.Node) -> None:
        """Remembers where `path` stands."""
        self.marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)

    def compose(self, text: str) -> yaml.Node | None:
        """The root node; None, with a fault, where this is no YAML or holds nothing."""
        tabs = [
            n for n, line in enumerate(text.splitlines(), 1) if "\t" in line[: len(line) - len(line.lstrip())]
        ]
        for number in tabs:
            where = f"{self.name}, line {number}, column 1"
            self.faults.append(
                Fault(where, "a tab in the indentation", "spaces", "two spaces for each level")
            )
        if tabs:
            return None
        try:
            node = yaml.compose(text, Loader=_LOADER)
        except yaml.YAMLError as error:
            self.faults.append(self._not_yaml(error))
            return None
        except RecursionError:
            self.faults.append(Fault(self.name, "values nested without end", "a few levels"))
            return None
        if node is None:
            self.faults.append(
                Fault(f"{self.name}, line 1", "nothing", "an agreement file", '"provider: ..."')
            )
        return node

    def _not_yaml(self, error: yaml.YAMLError) -> Fault:
        mark = getattr(error, "problem_mark", None)
        where = f"{self.name}, line {mark.line + 1}, column {mark.column + 1}" if mark else self.name
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        context = getattr(error, "context", None)
        said = str(said).removeprefix("found ")
        found = f"{said} ({context})" if context else said
        return Fault(where, found, "YAML", 'key: value, with the value in "quotes" where it has a : or a #')

    def text(self, node: yaml.Node, path: Path) -> str | None:
        """The words of a single value; None, with a fault, where there are none."""
        if not isinstance(node, yaml.ScalarNode):
            what = "a list" if isinstance(node, yaml.SequenceNode) else "a table"
            self.fault(path, what, "one value")
        elif node.tag == _NULL or not node.value.strip():
            self.fault(path, "nothing", "a value")
        elif unfit(node.value):
            self.fault(path, unfit(node.value), "a short text of visible characters")
        else:
            return str(node.value).strip()
        return None

    def read(self, node: yaml.Node, path: Path, reading: Callable[[str], Value]) -> Value | None:
        """A single value read by one of notation's functions; None, with a fault, where it cannot be read."""
        text = self.text(node, path)
        if text is None:
            return None
        try:
            return reading(text)
        except Misread as wrong:
            self.fault(path, repr(text), wrong.expected, wrong.example)
            return None

    def items(self, node: yaml.Node, path: Path) -> Iterator[tuple[Path, yaml.Node]]:
        """The members of a list, each with its path; a single value counts as a list of one."""
        if isinstance(node, yaml.MappingNode):
            self.fault(path, "a table", "a list", "lines that begin with a dash")
            return
        members = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for number, member in enumerate(members):
            here = (*path, f"[{number}]")
            self.mark(here, member)
            yield here, member

    def table(self, node: yaml.Node, path: Path, keys: Iterable[str] | None = None) -> dict[str, yaml.Node]:
        """The entries of a mapping. Faults: another kind of value, a key twice, one that is not in `keys`."""
        known = None if keys is None else list(keys)
        if not isinstance(node, yaml.MappingNode):
            if not (isinstance(node, yaml.ScalarNode) and node.tag == _NULL):
                found = "a list" if isinstance(node, yaml.SequenceNode) else repr(node.value)
                self.fault(path, found, "a table of keys and values", f"{(known or ['name'])[0]}: ...")
            return {}
        entries: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            self._entry(key_node, value, path, known, entries)
        return entries

    def _entry(
        self,
        node: yaml.Node,
        value: yaml.Node,
        path: Path,
        known: list[str] | None,
        entries: dict[str, yaml.Node],
    ) -> None:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self._at(node, path, "a key that is no word", "a word before the colon")
            return
        key = node.value.strip()
        here = (*path, key)
        if unfit(key):
            self._at(node, path, unfit(key), "a short name of visible characters")
        elif key in entries:
            self._at(node, here, f"{key!r} again (first in line {self.marks[here][0]})", "each key once")
        elif known is not None and key not in known:
            self._at(node, here, f"{key!r}", "one of " + ", ".join(known), closest(key, known))
        else:
            self.mark(here, node)
            entries[key] = value

    def _at(self, node: yaml.Node, path: Path, found: str, expected: str, example: str = "") -> None:
        """A fault at this very node, whose path may be known from another place already."""
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        shown = ".".join(path).replace(".[", "[")
        self.faults.append(
            Fault(f"{self.name}, line {line}, column {column}, {shown}", found, expected, example)
        )


def unfit(text: str) -> str:
    """What keeps a text from being a name or a value here; "" where nothing does."""
    text = text.strip()
    if len(text) > LONGEST or len(fold(text)) > 2 * LONGEST:
        return f"{text[:20]!r}... of {len(text)} characters"
    odd = [character for character in text if unicodedata.category(character) in _UNSEEN]
    return f"the character {odd[0]!a} in {text!a}" if odd else ""


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant; "" where none is near."""
    plain = {k.casefold().replace("-", " ").replace("_", " "): k for k in known}
    near = difflib.get_close_matches(word.casefold().replace("-", " ").replace("_", " "), plain, 1, 0.6)
    return plain[near[0]] if near else ""
