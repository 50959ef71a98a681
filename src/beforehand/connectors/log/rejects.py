"""The rows that could not be taken: a file with the line and the reason before each row, which stays untouched.

It is written beside and takes its name when all is done; a file of that name from before is kept under another.
"""

import filecmp
import io
import re
from pathlib import Path

from beforehand.kernel.faults import Fault, Refused

from .cells import REJECTED
from .lines import STDIN, Log


def default_path(given: str) -> Path:
    """Where the rejected rows of a log go."""
    return Path("stdin.rejects.csv" if given == STDIN else f"{given.removesuffix('.gz')}.rejects.csv")


class Rejects:
    """The rejected rows of one log. `again` says that the log is itself such a file."""

    def __init__(self, path: Path, log: Log, header: str, again: bool) -> None:
        if path.exists() and not path.is_file():
            raise Refused(Fault("--rejects", repr(str(path)), "the path of a file", f"{path}.csv"))
        self.path, self.count = path, 0
        self._log, self._again = log, again
        self._header = self._own(header) if again else header
        self._part = path.with_name(path.name + ".part")
        self._file: io.TextIOWrapper | None = None

    def add(self, line: int, reason: str, raw: str) -> None:
        """Keeps one row."""
        try:
            if self._file is None:
                self._file = self._part.open(
                    "w", encoding=self._log.encoding, errors="backslashreplace", newline=""
                )
                self._write(*REJECTED, self._header)
            self._write(
                str(line), '"' + reason.replace('"', '""') + '"', self._own(raw) if self._again else raw
            )
        except OSError as error:
            raise self._full(error) from error
        self.count += 1

    def finish(self) -> tuple[Path, Path] | None:
        """Gives the file its name. Where another had that name, what it was and what it is called now."""
        if self._file is None:
            return None
        try:
            self._file.close()
            moved = self._keep_older()
            self._part.replace(self.path)
        except OSError as error:
            raise self._full(error) from error
        return moved

    def abandon(self) -> None:
        """Leaves no half a file."""
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                if not self._part.exists():
                    raise self._full(error) from error
            self._part.unlink(missing_ok=True)

    def _write(self, line: str, reason: str, raw: str) -> None:
        assert self._file is not None
        end = "" if raw.endswith(("\n", "\r")) else "\n"
        self._file.write(f"{line}{self._log.delimiter}{reason}{self._log.delimiter}{raw}{end}")

    def _own(self, raw: str) -> str:
        """The row without the line and the reason that it was rejected for the time before."""
        mark = re.escape(self._log.delimiter)
        two = re.match(rf'(?:(?:"(?:[^"]|"")*"|[^"{mark}][^{mark}]*|){mark}){{2}}', raw)
        return raw[two.end() :] if two else raw

    def _keep_older(self) -> tuple[Path, Path] | None:
        if not self.path.exists() or filecmp.cmp(self.path, self._part, shallow=False):
            return None
        number = 1
        while (older := self.path.with_name(f"{self.path.stem}.{number}{self.path.suffix}")).exists():
            number += 1
        self.path.rename(older)
        return self.path, older

    def _full(self, error: OSError) -> Refused:
        way_out = (
            "--rejects with another path, or room there; then the same command again: nothing is taken twice"
        )
        return Refused(
            Fault(f"rejected rows, {self.path}", error.strerror or str(error), "a file to write to", way_out)
        )
