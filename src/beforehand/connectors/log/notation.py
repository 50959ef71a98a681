"""Mapping files read: YAML in, a LogMapping out, or every fault with its line."""

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path as File

import yaml

from beforehand.engine.zones import known_zones
from beforehand.kernel.faults import Fault, Refused, refuse_if_any
from beforehand.promises.file.notation import Misread, read_duration
from beforehand.promises.file.reader import Reader, closest

from .mapping import LogMapping, Tells
from .shapes import ShapeReader
from .stamps import example, is_format

KEYS = (
    "name", "source", "zone", "precision", "tells", "dates", "missing", "delimiter", "encoding", "whole numbers",
    "files",
)  # fmt: skip
TELLS = ("messages", "responded", "texts")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_YES = {**dict.fromkeys(("yes", "true", "on"), True), **dict.fromkeys(("no", "false", "off"), False)}


def read_mapping(path: File) -> LogMapping:
    """The mapping in a file. Raises Refused with every fault, each with its line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "bytes that are not UTF-8"
        raise Refused(Fault(f"mapping {path}", said or "nothing", "a mapping file in UTF-8")) from error
    return parse_mapping(text, path.name)


def parse_mapping(text: str, name: str) -> LogMapping:
    """The mapping that a text says; `name` is its file's. Raises Refused with every fault, each with its line."""
    reader = _MappingReader(name)
    found = reader.mapping(text)
    refuse_if_any(reader.faults)
    assert found is not None
    return found


def read_yes(text: str) -> bool:
    """Whether a text says yes."""
    if text.lower() not in _YES:
        raise Misread("yes or no", "yes")
    return _YES[text.lower()]


class _MappingReader(Reader):
    def mapping(self, text: str) -> LogMapping | None:
        if not text.strip():
            self.fault((), "nothing", "a mapping", "name: My tickets")
            return None
        root = self.compose(text)
        if root is None:
            return None
        top = self.table(root, (), KEYS)
        for key in ("name", "source", "dates", "files"):
            if key not in top:
                self.fault((), f"no {key}", f"the key {key}", _EXAMPLES[key])
        found = LogMapping(
            file=self.name,
            name=self._text(top, "name"),
            source=self._read(top, "source", _read_slug) or "",
            zone=self._read(top, "zone", _read_zone) or "UTC",
            dates=tuple(self._each(top, "dates", _read_format)),
            shapes=tuple(ShapeReader(self).shapes(top.get("files"))),
            tells=self._tells(top),
            missing=frozenset(self._missing(top)),
            delimiter=self._read(top, "delimiter", _read_delimiter) or ",",
            encoding=self._read(top, "encoding", _read_encoding) or "utf-8",
            whole=frozenset(self._each(top, "whole numbers", str)),
        )
        return None if self.faults else found

    def _text(self, table: dict[str, yaml.Node], key: str) -> str:
        return (self.text(table[key], (key,)) or "") if key in table else ""

    def _read(self, table: dict[str, yaml.Node], key: str, reading: Callable[[str], str]) -> str | None:
        return self.read(table[key], (key,), reading) if key in table else None

    def _each(self, table: dict[str, yaml.Node], key: str, reading: Callable[[str], str]) -> Iterator[str]:
        if key not in table:
            return
        for path, member in self.items(table[key], (key,)):
            value = self.read(member, path, reading)
            if value is not None:
                yield value

    def _missing(self, top: dict[str, yaml.Node]) -> Iterator[str]:
        """Also the empty text, and the word null as it is written, which elsewhere are no values."""
        if "missing" in top:
            for path, member in self.items(top["missing"], ("missing",)):
                if isinstance(member, yaml.ScalarNode):
                    yield str(member.value).strip()
                else:
                    self.fault(path, "a list or a table", "a value that means there is none", '"?"')

    def _tells(self, top: dict[str, yaml.Node]) -> Tells:
        said = self.table(top["tells"], ("tells",), TELLS) if "tells" in top else {}
        told = {name: bool(self.read(node, ("tells", name), read_yes)) for name, node in said.items()}
        node = top.get("precision")
        precision = None if node is None else self.read(node, ("precision",), read_duration)
        return Tells(precision or 0, **told)


_EXAMPLES = {
    "name": "name: Our tickets",
    "source": "source: our-tickets",
    "dates": 'dates: ["%d/%m/%Y %H:%M"]',
    "files": "files: with a table for each kind of file",
}


def _read_slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise Misread("a short name of small letters, digits and hyphens", "our-tickets")
    return text


def _read_zone(text: str) -> str:
    if text not in known_zones():
        raise Misread("an IANA time zone", closest(text, known_zones()) or "Europe/London")
    return text


def _read_format(text: str) -> str:
    if not is_format(text):
        words = "iso, seconds, milliseconds, or a whole date and time in strptime's codes"
        raise Misread(words, f'"%d/%m/%Y %H:%M" for {example("%d/%m/%Y %H:%M")}')
    return text


def _read_delimiter(text: str) -> str:
    text = {"tab": "\t", "\\t": "\t"}.get(text.lower(), text)
    if len(text) != 1 or text in '"\r\n\0':
        raise Misread("one character, or tab", '";"')
    return text


def _read_encoding(text: str) -> str:
    try:
        "é".encode(text, "replace")
        return codecs.lookup(text).name
    except (LookupError, ValueError) as error:
        raise Misread("an encoding", "utf-8, cp1252 or utf-16") from error
