"""The file: lines of JSON, packed. First a heading, then each table's name and rows, at last what all came to.

    {"backup": {"format": 1, "program": "0.1.0", "migrations": [...], "tables": {"people_user": ["id", ...]}, ...}}
    {"table": "people_user"}
    [1, "maria", ...]
    {"end": {"rows": {"people_user": 1}, "digests": {"people_user": "..."}, "whole": "..."}}

Rows stand in the order of their keys, so that a table's digest says what is in it, on whichever database. `whole` is
the digest of all that comes before the last line. A file without its last line is cut.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from beforehand.kernel.faults import Fault, Refused

from .cells import neutral
from .tables import Node

FORMAT = 1
LEVEL = 3
"""Of packing: twice as fast as the usual, and the file a tenth larger."""
_GZIP = 16 + zlib.MAX_WBITS
"""Says to zlib: in gzip's form."""
_HEADING = b'{"backup":'

Row = list[Any]
# Sorted, since PostgreSQL keeps the names in a document in an order of its own.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=neutral).encode


@dataclass(frozen=True)
class Heading:
    """What a backup is of. `key` is the secret key kept in the data folder; None where it is not kept there."""

    program: str
    made: str
    tzdata: str
    database: str
    migrations: list[Node]
    tables: dict[str, list[str]]
    key: str | None = field(repr=False)
    format: int = FORMAT


@dataclass
class Sums:
    """What tables came to: rows and a digest of them, by table."""

    rows: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def all_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


class Writer:
    """Writes a backup into an open file, which it leaves open."""

    def __init__(self, out: IO[bytes], heading: Heading) -> None:
        # Not a GzipFile: where the disk is full, that would try to write once more when it is forgotten.
        self._out, self._pack = out, zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
        self._whole = hashlib.sha256()
        self.sums = Sums()
        self._put(_line({"backup": asdict(heading)}))

    def table(self, name: str, batches: Iterator[list[Row]]) -> Iterator[int]:
        """Writes a table; gives the number of rows written after each batch."""
        self._put(_line({"table": name}))
        count, digest = 0, hashlib.sha256()
        for rows in batches:
            block = b"".join(map(_line, rows))
            digest.update(block)
            self._put(block)
            count += len(rows)
            yield count
        self.sums.rows[name], self.sums.digests[name] = count, digest.hexdigest()

    def finish(self) -> None:
        """Writes the last line."""
        self._put(_line({"end": {**asdict(self.sums), "whole": self._whole.hexdigest()}}))
        self._out.write(self._pack.flush())

    def _put(self, block: bytes) -> None:
        self._whole.update(block)
        self._out.write(self._pack.compress(block))


def _line(value: object) -> bytes:
    return (_encode(value) + "\n").encode()


class Reader:
    """Reads a backup out of an open file. Raises Refused wherever it is not what was once written."""

    def __init__(self, file: IO[bytes], place: str) -> None:
        self.place = place
        self._packed = gzip.GzipFile(fileobj=file, mode="rb")
        self._whole = hashlib.sha256()
        self.sums = Sums()
        self._ahead = self._next()
        if not self._ahead.startswith(_HEADING):
            raise self._bad("a file that does not begin like a backup")
        self.heading = self._heading(self._parse(self._ahead)["backup"])
        self._take()

    def rows(self) -> Iterator[tuple[str, Row]]:
        """All rows, each with its table, and then everything held against the last line."""
        for table, columns in self.heading.tables.items():
            if self._parse(self._take()) != {"table": table}:
                raise self._bad(f"another line than the beginning of {table}")
            count, digest = 0, hashlib.sha256()
            while self._ahead.startswith(b"["):
                row: Row = self._parse(self._ahead)
                if len(row) != len(columns):
                    raise self._bad(f"a row of {len(row)} values in {table}, which has {len(columns)}")
                digest.update(self._take())
                count += 1
                yield table, row
            self.sums.rows[table], self.sums.digests[table] = count, digest.hexdigest()
        if self._parse(self._ahead) != {"end": {**asdict(self.sums), "whole": self._whole.hexdigest()}}:
            raise self._bad("contents that are not those that were written")
        if self._guarded(self._packed.read, 1):
            raise self._bad("more after its end")

    def _heading(self, told: Any) -> Heading:
        number = told.get("format") if isinstance(told, dict) else None
        if isinstance(number, int) and number > FORMAT:
            raise Refused(newer(self.place, f"form {number} of {told.get('program')}"))
        try:
            heading = Heading(**{**told, "migrations": [(app, name) for app, name in told["migrations"]]})
        except (TypeError, KeyError, ValueError) as error:
            raise self._bad("a heading that says other things than a backup's") from error
        return heading

    def _take(self) -> bytes:
        """The line that is ahead, counted in; the one after it is ahead then."""
        line = self._ahead
        self._whole.update(line)
        self._ahead = self._next()
        return line

    def _next(self) -> bytes:
        line = self._guarded(self._packed.readline, -1)
        if not line.endswith(b"\n"):
            raise self._bad("a file that is cut off")
        return line

    def _guarded(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            return read(size)
        except EOFError as error:
            raise self._bad("a file that is cut off") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise self._bad(f"a file that is no backup, or was changed ({error})") from error

    def _parse(self, line: bytes) -> Any:
        try:
            return json.loads(line)
        except ValueError as error:
            raise self._bad("a line that was changed") from error

    def _bad(self, found: str) -> Refused:
        return Refused(
            Fault(self.place, found, "a whole backup, as `beforehand backup` wrote it", "another backup")
        )


def newer(place: str, found: str) -> Fault:
    """The fault of a backup that this version cannot know."""
    return Fault(
        place,
        f"a backup by a newer version of Beforehand ({found})",
        "one of this version or an older one",
        "install the version that made it, or a later one; nothing was changed",
    )
