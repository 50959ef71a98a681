"""Files of cases: JSON in UTF-8, plain or gzipped, from disk or standard input; all are read or none."""

import gzip
import json
import zlib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

from beforehand.engine.errors import Fault, Invalid

from .cases import Case, case
from .given import Place, items

EXAMPLE = '{"source": {...}, "cases": [{"id": "a-1", "op": "deadline", ...}]}'
STANDARD_INPUT = "standard input"


class File(NamedTuple):
    """A file and its cases, in order."""

    name: str
    cases: tuple[Case, ...]


def load(names: Iterable[str], stdin: BinaryIO) -> list[File]:
    """Every file, `-` being standard input. Raises Invalid with every fault of them all."""
    faults: list[Fault] = []
    found = [_file(name, stdin, faults) for name in names]
    if faults:
        raise Invalid(faults)
    return found


def _file(name: str, stdin: BinaryIO, faults: list[Fault]) -> File:
    shown = STANDARD_INPUT if name == "-" else name
    try:
        value = _json(_text(stdin.read() if name == "-" else Path(name).read_bytes()))
    except _Unreadable as unreadable:
        where = ", ".join(part for part in (shown, unreadable.fault.place) if part)
        faults.append(unreadable.fault._replace(place=where))
        return File(shown, ())
    except OSError as error:
        faults.append(
            Fault(shown, error.strerror or "no file", "a file that can be read, or - for standard input")
        )
        return File(shown, ())
    return File(shown, _cases(value, shown, faults))


def _cases(value: object, name: str, faults: list[Fault]) -> tuple[Case, ...]:
    top = Place(name, "", faults)
    if not isinstance(value, dict):
        top.refuse(value, "an object with a list of cases", EXAMPLE)
        return ()
    if "cases" not in value:
        faults.append(Fault(f"{name}, cases", "nothing", "this key", EXAMPLE))
        return ()
    found = []
    for n, given in enumerate(items(value["cases"], top.at("cases")), 1):
        known = given.get("id") if isinstance(given, dict) else None
        place = Place(f"{name}, case {known if isinstance(known, str) else f'number {n}'}", "", faults)
        read = case(given, place)
        if read is not None:
            found.append(read)
    return tuple(found)


class _Unreadable(Exception):
    """Bytes that hold no JSON; the fault's place lacks the file."""

    def __init__(self, place: str, found: str, expected: str, example: str = "") -> None:
        self.fault = Fault(place, found, expected, example)
        super().__init__(str(self.fault))


def _text(data: bytes) -> str:
    if data.startswith(b"\x1f\x8b"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise _Unreadable(
                "", f"gzip that breaks off or is damaged ({error})", "a whole gzip file"
            ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        place, found = f"line {line} (byte {error.start})", f"the byte 0x{data[error.start]:02x}"
        raise _Unreadable(
            place, found, "text in UTF-8", "iconv -f latin1 -t utf-8 FILE | beforehand conform -"
        ) from error


def _json(text: str) -> object:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        rest = text[error.pos : error.pos + 30].strip()
        cut = not rest or error.msg.startswith("Unterminated string")
        place, found = (
            f"line {error.lineno}, column {error.colno}",
            repr(rest) if rest else "the end of the file",
        )
        expected = "the rest: the file seems to be cut off" if cut else f"JSON ({error.msg})"
        raise _Unreadable(place, found, expected, EXAMPLE) from error
    except (ValueError, RecursionError) as error:
        raise _Unreadable("", str(error), "JSON of plain numbers and few levels", EXAMPLE) from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name}, which is no number")
