"""What the engine says, in templates."""

import re
from datetime import UTC, date

from django import template

from beforehand.engine import english
from beforehand.engine.instants import to_datetime
from beforehand.engine.saying import Amount, Moment, Said

register = template.Library()
_DURATION = re.compile(r"\d+ (?:h|m|s|ms|µs)\b(?: \d+ (?:m|s|ms|µs)\b)*")


@register.filter
def words(value: Amount | Moment | Said | None) -> str:
    """A duration ("1 h 12 m"), an instant ("Friday 16:10") or a sentence."""
    if value is None:
        return ""
    if isinstance(value, Amount):
        return unbroken(english.amount(value.micros))
    return unbroken(english.moment(value) if isinstance(value, Moment) else english.render(value))


def unbroken(text: str) -> str:
    """The text with durations ("1 h 12 m") that no end of a line can part."""
    return _DURATION.sub(lambda found: found[0].replace(" ", "\u00a0"), text)


@register.filter
def clause(value: Said) -> str:
    """A message inside a sentence: its first letter stays small."""
    said = unbroken(english.render(value))
    return said[:1].lower() + said[1:]


@register.filter
def short(value: Moment, today: date) -> str:
    """An instant for a column: the time alone today, else the day before it ("Mon 11:40", "14 Nov 11:40")."""
    clock = f"{value.local.hour}:{value.local.minute:02d}"
    if value.local.date() == today:
        return clock
    if value.style == "weekday":
        return f"{value.local:%a} {clock}"
    year = f" {value.local.year}" if value.style == "year" else ""
    return f"{value.local.day} {value.local:%b}{year} {clock}"


@register.filter
def iso(value: Moment | int) -> str:
    """An instant for the attribute of a time element, in UTC to the second."""
    instant = to_datetime(value) if isinstance(value, int) else value.local.astimezone(UTC)
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


@register.filter
def count(value: int) -> str:
    """A number with commas between thousands."""
    return f"{value:,}"


@register.filter
def percent(permille: int) -> str:
    """Thousandths as a percentage without decimals, cut (1.4)."""
    return f"{permille // 10}"


@register.filter
def meter(permille: int) -> str:
    """Thousandths as a width out of 100, at most 100."""
    return f"{min(permille, 1000) / 10:.1f}"
