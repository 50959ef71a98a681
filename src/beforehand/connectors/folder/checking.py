"""Whether a watched folder can be used, as a page asks it."""

from collections.abc import Mapping, Sequence

from beforehand.connectors.contract import Right
from beforehand.connectors.line import Line
from beforehand.connectors.trouble import Trouble
from beforehand.connectors.unasked import Unasked

from .place import folder_of, mapping_of


class Folder(Unasked):
    """The reader of a folder: only whether it is there is asked; `taking` does the rest."""

    def __init__(self, told: Mapping[str, str]) -> None:
        self._told = told

    def check(self) -> Sequence[Right]:
        """Whether files can be read and moved, and the mapping be used."""
        named = self._told.get("folder", "")
        try:
            folder = folder_of(named)
        except Trouble as trouble:
            return (Right("read and move files", False, str(trouble), f"chown or chmod {named}"),)
        right = Right("read and move files", True, f"files in {folder} are taken in and moved")
        try:
            mapping_of(self._told.get("mapping", ""), folder)
        except Trouble as trouble:
            return (right, Right("use the mapping", False, str(trouble), "see Importing a log"))
        return (right, Right("use the mapping", True, "it says what the columns mean"))


def open_folder(told: Mapping[str, str], _line: Line) -> Folder:
    """The reader of a connection's folder."""
    return Folder(told)
