"""The reader of a source that is not asked: everything it could be asked for is nothing."""

from collections.abc import Sequence

from .contract import Page, Right, SetUp, Told


class Unasked:
    """A Reader (contract.py) with nothing to say."""

    def check(self) -> Sequence[Right]:
        """No rights are needed."""
        return ()

    def set_up(self) -> SetUp:
        """There is none to read."""
        return SetUp(())

    def begin(self) -> str:
        """Nothing goes on from anywhere."""
        return ""

    def changes(self, cursor: str) -> Page:
        """None are told when asked."""
        return Page((), cursor, False)

    def back(self, cursor: str, _since: int) -> Page:
        """There is no past to read."""
        return Page((), cursor, False)

    def read(self, _ids: Sequence[str]) -> Sequence[Told]:
        """No ticket can be read."""
        return ()

    def ids_between(self, _since: int, _until: int) -> Sequence[str] | None:
        """Nobody can say."""
        return None
