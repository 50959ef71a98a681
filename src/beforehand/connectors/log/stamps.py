"""Dates as a log writes them, read into instants."""

from datetime import UTC, datetime, tzinfo

from beforehand.engine.instants import FIRST, LAST, to_instant
from beforehand.engine.zones import load

REMEMBERED = 50_000
_SHOWN = datetime(2016, 2, 29, 13, 5, 9, tzinfo=UTC)
WORDS = {"iso": "2016-02-29T13:05:09Z", "seconds": "1456751109", "milliseconds": "1456751109000"}
"""Formats that have a name, with an example of each; all others are strptime's."""


class Stamps:
    """Reads the dates of one log. Those without an offset are of `zone`; an hour that comes twice is its first."""

    def __init__(self, formats: tuple[str, ...], zone: str) -> None:
        self.formats = formats
        self._zone: tzinfo = UTC if zone == "UTC" else load(zone)
        self._read: dict[str, tuple[int, str]] = {}

    @property
    def expected(self) -> str:
        """What a date looks like, for whoever must mend one."""
        return " or ".join(f"a date as {name} ({example(name)})" for name in self.formats)

    def read(self, text: str) -> tuple[int, str]:
        """The instant, and as text; ValueError where this is no date in any of the formats."""
        known = self._read.get(text)
        if known is None:
            if len(self._read) >= REMEMBERED:
                self._read.clear()
            known = self._read[text] = self._parse(text)
        return known

    def _parse(self, text: str) -> tuple[int, str]:
        for form in self.formats:
            try:
                moment = parse(text, form)
            except (ValueError, OverflowError):
                continue
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=self._zone)
            instant = to_instant(moment)
            if FIRST <= instant < LAST:
                return instant, say(moment.astimezone(UTC))
        raise ValueError(text)


def parse(text: str, form: str) -> datetime:
    """The moment a text names in one format; ValueError where it names none."""
    if form == "iso":
        return datetime.fromisoformat(text)
    if form in WORDS:
        return datetime.fromtimestamp(float(text) / (1_000 if form == "milliseconds" else 1), UTC)
    return datetime.strptime(text, form)  # noqa: DTZ007


def say(moment: datetime) -> str:
    """A moment in UTC as it stands in event ids: 2016-02-29T13:05:09Z, with microseconds where it has any."""
    return moment.replace(tzinfo=None).isoformat() + "Z"


def example(form: str) -> str:
    """A date in this format."""
    return WORDS.get(form) or _SHOWN.strftime(form)


def is_format(form: str) -> bool:
    """Whether a format can be read and holds a whole date: its own example must come back, to the minute."""
    if form in WORDS:
        return True
    try:
        shown = _SHOWN.strftime(form)
        back = datetime.strptime(shown, form)  # noqa: DTZ007
    except (ValueError, UnicodeError):
        return False
    return "%" in form and back.date() == _SHOWN.date()
