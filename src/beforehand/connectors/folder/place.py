"""Where a watched folder may be, and the files in it that are to be taken in."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from beforehand.connectors.log import library
from beforehand.connectors.log.mapping import LogMapping
from beforehand.connectors.log.notation import read_mapping
from beforehand.connectors.trouble import Trouble
from beforehand.kernel.faults import Refused

DONE, FAILED = "done", "failed"
ENDINGS = (".csv", ".csv.gz", ".tsv", ".txt")
_LATER = 900.0


class Place(NamedTuple):
    """A watched folder that may be used, and how its files are read."""

    folder: Path
    mapping: LogMapping


class Found(NamedTuple):
    """A file as it was seen: one that changes no more is whole."""

    path: Path
    size: int
    changed: int


def place_of(told: Mapping[str, str]) -> Place:
    """The folder and mapping of a connection's settings. Raises Trouble, in words for the owner."""
    folder = folder_of(told.get("folder", ""))
    return Place(folder, mapping_of(told.get("mapping", ""), folder))


def folder_of(named: str) -> Path:
    """The folder, if it is one and lies where one may. Raises Trouble."""
    if not Path(named).is_absolute():
        raise Trouble("the folder is to be named by its whole path, such as /srv/exports", _LATER)
    folder = Path(named).resolve()
    roots = [Path(root).resolve() for root in (settings.DATA, *settings.FOLDERS)]
    if not any(root in folder.parents or (root == folder and root != roots[0]) for root in roots):
        raise Trouble(
            f"{named} lies neither below the data folder nor in a folder that BEFOREHAND_FOLDERS names",
            _LATER,
        )
    if not folder.is_dir():
        raise Trouble(f"there is no folder {named}")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise Trouble(f"files in {named} cannot be read and moved: the program needs the right to")
    return folder


def mapping_of(named: str, folder: Path) -> LogMapping:
    """One that comes with Beforehand, or a file in the folder itself. Raises Trouble."""
    if named not in library.names() and (Path(named).name != named or not (folder / named).is_file()):
        known = ", ".join(library.names())
        raise Trouble(f"there is no mapping {named!r}: neither one of {known} nor a file in {folder}")
    try:
        return library.find(named) if named in library.names() else read_mapping(folder / named)
    except Refused as refused:
        raise Trouble(f"the mapping {named} cannot be used: {refused}") from None


def files_in(folder: Path) -> Sequence[Found]:
    """The files to be taken in, by name: no hidden ones, and none that only point elsewhere."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.lower().endswith(ENDINGS):
                    continue
                if entry.is_file(follow_symlinks=False):
                    stat = entry.stat(follow_symlinks=False)
                    found.append(Found(Path(entry.path), stat.st_size, stat.st_mtime_ns))
    except OSError as error:
        raise Trouble(f"{folder} cannot be read: {error.strerror}") from None
    return sorted(found)


def free(folder: Path, name: str) -> Path:
    """A path in a folder that nothing has yet: the name, or with a number before its ending."""
    stem, dot, ending = name.partition(".")
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{stem}.{number}{dot}{ending}"
    return path
