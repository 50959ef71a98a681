"""The mappings there are: those that come with Beforehand, by name, and any file by its path."""

from pathlib import Path

from beforehand.kernel.faults import Fault, Refused
from beforehand.promises.file.reader import closest

from .mapping import LogMapping
from .notation import read_mapping

FOLDER = Path(__file__).parent / "mappings"


def names() -> list[str]:
    """The names of the mappings that come with Beforehand."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def find(given: str) -> LogMapping:
    """The mapping of a name or a path. Raises Refused where there is none, or for its faults."""
    known = names()
    if given in known:
        return read_mapping(FOLDER / f"{given}.yaml")
    path = Path(given)
    if path.suffix in {".yaml", ".yml"} or "/" in given or path.exists():
        return read_mapping(path)
    expected = f"one of {', '.join(known)}, or the path of a mapping file"
    raise Refused(Fault("--mapping", repr(given), expected, closest(given, known) or "my-log.yaml"))
