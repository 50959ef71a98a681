"""Checking an agreement file: all faults at once, and what is seldom meant."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from beforehand.kernel.faults import Fault
from beforehand.promises.file.advice import advise, unmapped
from beforehand.promises.file.checks import check_document
from beforehand.promises.file.dated import fill_calendars
from beforehand.promises.file.document import Document
from beforehand.promises.file.ladder_checks import advise_ladders, check_ladders
from beforehand.promises.file.parse import Parser
from beforehand.promises.file.reader import Reader

LARGEST = 20_000_000


class Checked(NamedTuple):
    """What a check comes to: the document where there is no fault, and where each thing in it stands."""

    document: Document | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    reader: Reader


def check(path: Path, today: date, used_statuses: Iterable[tuple[str, str]] = ()) -> Checked:
    """Reads an agreement file without touching a database. Which years of holidays are needed hangs on `today`.

    `used_statuses` are the (board, status) that the provider's tickets use: those without meaning are warned of.
    """
    reader = Reader(str(path))
    content = _content(path, reader)
    if content is None:
        return Checked(None, tuple(reader.faults), (), reader)
    return check_text(content, reader, path.parent, today, used_statuses)


def check_text(
    content: str, reader: Reader, folder: Path, today: date, used_statuses: Iterable[tuple[str, str]] = ()
) -> Checked:
    """The same for a text; calendar files are looked for in `folder`."""
    root = reader.compose(content)
    document = None
    if root is not None:
        parser = Parser(reader)
        document = parser.document(root)
        readable = not reader.faults
        document = fill_calendars(document, reader, parser.files, folder, today)
        check_document(document, reader)
        check_ladders(document, reader)
        if readable and not reader.faults:
            advise(document, reader, today)
            advise_ladders(document, reader)
            unmapped(document, used_statuses, reader)
    faults = tuple(dict.fromkeys(reader.faults))
    return Checked(None if faults else document, faults, tuple(reader.warnings), reader)


def _content(path: Path, reader: Reader) -> str | None:
    """The text of the file; None, with a fault, where there is none to be had."""
    try:
        if path.stat().st_size > LARGEST:
            reader.fault(
                (), f"over {LARGEST // 1_000_000} MB", "an agreement file", "a log belongs to import"
            )
            return None
        raw = path.read_bytes()
    except OSError as error:
        reader.faults.append(Fault(str(path), error.strerror or "no file", "a file that can be read"))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte {raw[error.start : error.start + 1].hex()}"
        example = "save the file as UTF-8"
        reader.faults.append(Fault(f"{path}, line {line}", found, "text in UTF-8", example))
        return None
