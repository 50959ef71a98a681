"""`beforehand backup` and `beforehand restore`: the words around config/backups.py."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from beforehand.config import backups, start

if TYPE_CHECKING:
    from beforehand.kernel.backup.form import Heading

# Standard output may be where the backup goes.
_console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def back_up(path: str, now: datetime) -> None:
    """Makes a backup and says what is in it. The database is taken as it is, also where an older version made it."""
    start.start()
    from beforehand.kernel.schema import refuse_newer, refuse_unusable

    refuse_unusable()
    refuse_newer()
    with _progress("Backing up") as tell:
        sums = backups.back_up(path, now, tell)
    _console.print(f"Backed up {sums.all_rows:,} rows of {len(sums.rows)} tables.")
    if path != backups.STDIO:
        _console.print(
            f"{path} can be read by you alone: the installation's secret key and its users are in it."
        )


def verify(path: str) -> None:
    """Reads a backup to its end and says what it is."""
    start.start()
    with _progress("Checking") as tell:
        heading = backups.verify(path, tell)
    _console.print(f"Whole: {_what(heading)}.")


def restore(path: str, now: datetime, *, replace: bool) -> None:
    """Puts a backup in the place of the database, and says what is to be done now."""
    start.start()
    from beforehand.kernel.schema import refuse_newer, refuse_unusable

    refuse_unusable()
    refuse_newer()
    with _progress("Restoring") as tell:
        done = backups.restore(path, now, tell, replace=replace)
    _console.print(f"Restored: {_what(done.heading)}.")
    if done.kept:
        _console.print(f"What was there before is in {done.kept}")
    if done.new_key:
        _console.print(
            "The secret key is the backup's again: start what runs anew, it still signs with the other one."
        )
    _console.print("Everybody signs in anew.")


def _what(heading: "Heading") -> str:
    return f"made {heading.made} by Beforehand {heading.program} from {heading.database}"


@contextmanager
def _progress(doing: str) -> Iterator[backups.Progress]:
    """Rows as they are done, on a terminal; nothing elsewhere."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f} rows"))
    with Progress(
        *columns, TimeElapsedColumn(), console=_console, transient=True, disable=not _console.is_terminal
    ) as bar:
        task = bar.add_task(doing)

        def tell(table: str, rows: int) -> None:
            bar.update(task, description=f"{doing} {table}", completed=rows)

        yield tell
