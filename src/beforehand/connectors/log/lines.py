"""The bytes of a log: opened, unpacked, looked at before anything is taken, and read row by row with their raw text."""

import csv
import gzip
import io
import sys
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple, cast

from beforehand.kernel.faults import Fault, Refused

STDIN = "-"
LONGEST_LINE = 16 * 1024 * 1024
LONGEST_FIELD = 1024 * 1024
_BUFFER = 256 * 1024
_GZIP = b"\x1f\x8b"
_KINDS = (
    (b"%PDF", "a PDF", "save the table as CSV"),
    (b"PK\x03\x04", "a zip archive, or a workbook (.xlsx)", "unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old workbook (.xls)", "save the sheet as CSV"),
    (b"SQLite format 3", "a SQLite database", "export the table as CSV"),
    (b"BZh", "a file packed by bzip2", "bunzip2 it first, or pack it with gzip"),
    (b"\xfd7zXZ", "a file packed by xz", "unxz it first, or pack it with gzip"),
    (b"<!DOCTYPE", "a web page", "look at it: often it says why there was no download"),
    (b"<html", "a web page", "look at it: often it says why there was no download"),
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error)


class Row(NamedTuple):
    """A row, the number of its first line and its raw text. Without `cells` it is none, and `reason` says why."""

    line: int
    raw: str
    cells: list[str]
    reason: str = ""


class Log:
    """One file of rows, or standard input. `place` is how errors name it."""

    def __init__(self, given: str, encoding: str, delimiter: str) -> None:
        self.given, self.encoding, self.delimiter = given, encoding, delimiter
        self.place = "standard input" if given == STDIN else given

    def look(self) -> int:
        """The number of lines, once all of the file has been looked at; 0 for standard input, which comes but once.

        Raises Refused where the file is cut, is no text in its encoding, or is no table at all.
        """
        if self.given == STDIN:
            return 0
        with self.text() as text:
            count = 0
            for count, _ in enumerate(self.lines(text), 1):  # noqa: B007
                pass
        return count

    @contextmanager
    def text(self) -> Iterator[IO[str]]:
        """The file as text, its line ends as they are. Raises Refused where it cannot be opened or is no table."""
        with ExitStack() as opened:
            binary = self._binary(opened)
            try:
                unpacked = _unpacked(binary)
                start = unpacked.peek(64)[:64]
            except (*_BROKEN, OSError) as error:
                raise self._broken(error, 0) from error
            text = io.TextIOWrapper(unpacked, self._encoding_of(start), newline="")
            # The wrapper would close standard input, which is not ours.
            opened.callback(text.detach)
            yield text

    def _binary(self, opened: ExitStack) -> io.BufferedReader:
        if self.given == STDIN:
            return cast("io.BufferedReader", sys.stdin.buffer)
        try:
            return opened.enter_context(_open(self.given))
        except OSError as error:
            raise Refused(
                Fault(self.place, error.strerror or str(error), "a file that can be read")
            ) from error

    def _encoding_of(self, start: bytes) -> str:
        """The encoding to read it by; Refused where its first bytes are those of something else."""
        for magic, what, way_out in _KINDS:
            if start.lstrip()[: len(magic)].lower() == magic.lower():
                raise Refused(Fault(self.place, what, "a CSV file", way_out))
        if not start:
            raise Refused(
                Fault(self.place, "nothing: the file is empty", "a CSV file with a line of headers")
            )
        for mark, encoding in _MARKS:
            if start.startswith(mark) and not self.encoding.startswith(encoding):
                found, way_out = f"the mark of {encoding}", f"encoding: {encoding}"
                raise Refused(Fault(f"{self.place}, line 1", found, f"text in {self.encoding}", way_out))
        if b"\0" in start and not self.encoding.startswith(("utf-16", "utf-32")):
            way_out = "encoding: utf-16, if that is what it is"
            raise Refused(Fault(f"{self.place}, line 1", "NUL bytes", f"text in {self.encoding}", way_out))
        return "utf-8-sig" if self.encoding == "utf-8" else self.encoding

    def lines(self, text: IO[str]) -> Iterator[str]:
        """The lines with their ends. Raises Refused at the place where it cannot be read on."""
        number = 0
        try:
            for line in iter(partial(text.readline, LONGEST_LINE), ""):
                number += 1
                if len(line) == LONGEST_LINE:
                    found = f"a line of more than {LONGEST_LINE:,} characters"
                    raise Refused(Fault(f"{self.place}, line {number}", found, "a CSV file"))
                yield line
        except UnicodeDecodeError as error:
            raise self._undecodable(number) from error
        except (*_BROKEN, OSError) as error:
            raise self._broken(error, number) from error

    def rows(self, text: IO[str]) -> Iterator[Row]:
        """The rows with their raw text, blank lines left out. One that is no CSV has no cells and says why.

        Of a row that is no CSV only the first line is given up: a quote that is never closed must not take with it
        the rows after it.
        """
        csv.field_size_limit(LONGEST_FIELD)
        raw: list[str] = []
        waiting: deque[str] = deque()
        lines = self.lines(text)

        def feed() -> Iterator[str]:
            while (line := waiting.popleft() if waiting else next(lines, None)) is not None:
                raw.append(line)
                yield line

        reader = csv.reader(feed(), delimiter=self.delimiter, strict=True)
        first = 1
        while True:
            try:
                cells, reason = next(reader), ""
            except StopIteration:
                return
            except csv.Error as error:
                cells, reason = [], self._not_csv(str(error))
                waiting.extendleft(reversed(raw[1:]))
                del raw[1:]
                reader = csv.reader(feed(), delimiter=self.delimiter, strict=True)
            # Most rows are one line, and joining costs.
            whole = raw[0] if len(raw) == 1 else "".join(raw)
            taken = len(raw)
            raw.clear()
            if cells or reason:
                yield Row(first, whole, cells, reason)
            first += taken

    def _not_csv(self, said: str) -> str:
        if "end of data" in said:
            return 'the file ends inside a quoted field: it is cut, or a quote (") is never closed'
        if "field larger" in said:
            return (
                f'a field of more than {LONGEST_FIELD:,} characters: perhaps a quote (") that is never closed'
            )
        return f"not CSV: {said}"

    def _undecodable(self, after: int) -> Refused:
        place, found = f"{self.place}, after line {after}", f"bytes that are not {self.encoding}"
        if self.given != STDIN and self.encoding == "utf-8":
            number, column, byte = self._first_bad_byte()
            place = f"{self.place}, line {number}, byte {column}"
            found = f"the byte 0x{byte:02x}, which is not utf-8"
        way_out = "encoding: cp1252 in the mapping, if it was written on Windows"
        return Refused(Fault(place, found, f"text in {self.encoding}", way_out))

    def _first_bad_byte(self) -> tuple[int, int, int]:
        with _open(self.given) as file:
            for number, line in enumerate(_unpacked(file), 1):
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError as error:
                    return number, error.start + 1, line[error.start]
        raise AssertionError("the file has changed meanwhile")

    def _broken(self, error: BaseException, after: int) -> Refused:
        if isinstance(error, _BROKEN):
            found = f"a gzip stream that ends too early or is damaged ({error})"
            way_out = "fetch or pack the file again; what is known already is not taken twice"
        else:
            found, way_out = str(error), "the same command again; what is known already is not taken twice"
        return Refused(Fault(f"{self.place}, after line {after:,}", found, "a whole file", way_out))


def _open(given: str) -> io.BufferedReader:
    return cast("io.BufferedReader", Path(given).open("rb", buffering=_BUFFER))


def _unpacked(binary: io.BufferedReader) -> io.BufferedReader:
    """The bytes themselves, or those in them where they are packed by gzip, whatever the file is called."""
    if binary.peek(2)[:2] != _GZIP:
        return binary
    return io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=binary)), _BUFFER)
