"""The timeline of a ticket as inline SVG: its clocks one above the other, its events under them, on one axis."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from beforehand.engine.clock import Reading
from beforehand.engine.spans import CLOSED, COUNTED, HOLIDAY, OFF_HOURS, WAITING, Span

from .scale import Scale

WIDTH, EDGE, LANE, BAR, TOP, MARKS = 1000.0, 10.0, 66.0, 20.0, 22.0, 40.0
TICK_ROOM, LABEL_ROOM = 62.0, 34.0
_CLASSES = {COUNTED: "counted", WAITING: "waiting", CLOSED: "closed", OFF_HOURS: "off", HOLIDAY: "holiday"}
LEGEND = (
    "counted", "late", "ahead", "waiting", "closed", "off", "holiday",
    "event-client", "event-public", "event-status", "event-other",
)  # fmt: skip
_THIN = frozenset((OFF_HOURS, HOLIDAY))


class Lane(NamedTuple):
    """The clocks of one metric, which follow each other, with what is written over them."""

    title: str
    summary: str
    readings: tuple[Reading, ...]


class Mark(NamedTuple):
    """An event on the axis: its instant, how it is drawn (client, public, status, other), its words."""

    at: int
    lane: str
    words: str


class Timeline(NamedTuple):
    """The picture, and what occurs in it, for its legend."""

    svg: SafeString
    kinds: tuple[str, ...]


def draw(lanes: Sequence[Lane], marks: Sequence[Mark], as_of: int, zone: str, named: str) -> Timeline:
    """The picture; `named` says what it shows to those who do not see it. No lane, no picture."""
    readings = [reading for lane in lanes for reading in lane.readings]
    if not readings:
        return Timeline(SafeString(), ())
    start, end = _reach(readings, marks, as_of)
    scale = Scale(start, end, WIDTH - 2 * EDGE, _dead(readings, start, end, as_of))
    kinds: set[str] = set()
    height = TOP + LANE * len(lanes) + MARKS + 24
    body = [*_axis(scale, zone, height)]
    for number, lane in enumerate(lanes):
        body += _lane(scale, lane, TOP + number * LANE, as_of, kinds)
    body += _marks(scale, marks, TOP + len(lanes) * LANE + 14, kinds)
    if any(reading.is_open for reading in readings):
        body += _now(scale, as_of, height)
    named = escape(named)
    head = f'<svg class="timeline" viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="{named}">'
    # Safe: every text in it went through escape() where it was put in; the rest are numbers and names of ours.
    picture = mark_safe(head + _HATCH + "".join(body) + "</svg>")  # noqa: S308
    return Timeline(picture, tuple(kind for kind in LEGEND if kind in kinds))


_HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" class="hatch-ground"/><rect width="2" height="6" class="hatch-line"/></pattern></defs>'
)


def _reach(readings: Sequence[Reading], marks: Sequence[Mark], as_of: int) -> tuple[int, int]:
    """The first and the last instant to be shown, with a little air after it."""
    instants = [mark.at for mark in marks if mark.at <= as_of]
    for reading in readings:
        instants += [reading.start, as_of if reading.is_open else reading.stop or reading.start]
        if reading.is_open and reading.deadline is not None:
            instants.append(reading.deadline)
    first, last = min(instants), max(instants)
    return first, last + max((last - first) // 40, 60_000_000)


def _dead(readings: Iterable[Reading], start: int, end: int, as_of: int) -> list[tuple[int, int]]:
    """The stretches in which no clock could run: no coverage is open for any of them."""
    live = []
    for reading in readings:
        until = max(as_of, reading.deadline or 0) if reading.is_open else reading.stop or reading.start
        live += list(reading.coverage.windows(max(reading.start, start), min(until, end)))
    dead, at = [], start
    for window in sorted(live):
        if window.start > at:
            dead.append((at, window.start))
        at = max(at, window.end)
    return dead if at >= end else [*dead, (at, end)]


def _axis(scale: Scale, zone: str, height: float) -> Iterator[str]:
    for tick in scale.ticks(zone, TICK_ROOM):
        x = EDGE + tick.x
        yield f'<path class="grid" d="M{x:.1f} {TOP - 4:g}V{height - 18:g}"/>'
        yield f'<text class="tick" x="{x + 3:.1f}" y="{height - 6:g}">{escape(tick.label)}</text>'


def _lane(scale: Scale, lane: Lane, y: float, as_of: int, kinds: set[str]) -> Iterator[str]:
    yield f'<text class="lane" x="{EDGE:g}" y="{y + 12:g}">{escape(lane.title)}'
    yield f'<tspan class="lane-sum" dx="8">{escape(lane.summary)}</tspan></text>'
    top = y + 19
    for reading in lane.readings:
        for span in _split(reading):
            yield from _span(scale, *span, top, kinds)
        yield from _ahead(scale, reading, top, as_of, kinds)
    for reading in lane.readings[-1:]:
        yield from _thresholds(scale, reading, top)
    for reading in lane.readings:
        yield from _stop(scale, reading, top, kinds)


def _split(reading: Reading) -> Iterator[tuple[Span, str]]:
    """Each span with its class; counted time after the promise was broken is late."""
    broken = None
    if reading.verdict == "breached":
        changed = "breached by the change" in reading.marks or reading.deadline is None
        broken = reading.breached_at if changed else reading.deadline
    for span in reading.spans:
        name = _CLASSES.get(span.why, "")
        if name == "counted" and broken is not None and span.end > broken:
            if span.start < broken:
                yield span._replace(end=broken), name
            yield span._replace(start=max(span.start, broken)), "late"
        elif name:
            yield span, name


def _span(scale: Scale, span: Span, name: str, top: float, kinds: set[str]) -> Iterator[str]:
    kinds.add(name)
    x, end = EDGE + scale.x(span.start), EDGE + scale.x(span.end)
    thin = span.why in _THIN
    y, height = (top + BAR / 2 - 1, 2.0) if thin else (top, BAR)
    fill = ' fill="url(#hatch)"' if name == "waiting" else ""
    what = f": {span.what}" if span.what else ""
    title = f"<title>{escape(span.why + what)}</title>"
    width = max(end - x, 0.6 if thin else 1.2)
    yield f'<rect class="{name}" x="{x:.1f}" y="{y:g}" width="{width:.1f}" height="{height:g}"{fill}>{title}</rect>'


def _ahead(scale: Scale, reading: Reading, top: float, as_of: int, kinds: set[str]) -> Iterator[str]:
    """The open hours still to come until the deadline."""
    due = reading.deadline
    if not reading.is_open or due is None or due <= as_of or reading.run == "paused":
        return
    for window in reading.coverage.windows(max(as_of, reading.start), due):
        kinds.add("ahead")
        x, end = EDGE + scale.x(window.start), EDGE + scale.x(window.end)
        yield f'<rect class="ahead" x="{x:.1f}" y="{top:g}" width="{max(end - x, 1):.1f}" height="{BAR:g}"/>'


def _thresholds(scale: Scale, reading: Reading, top: float) -> Iterator[str]:
    """Ticks at the percentages reached and to come; of labels that would touch, the higher one is written."""
    written: list[float] = []
    for threshold in sorted(reading.thresholds, reverse=True):
        at = threshold.instant
        if (
            at is None
            or not scale.start <= at <= scale.end
            or (not threshold.reached and not reading.is_open)
        ):
            continue
        x = EDGE + scale.x(at)
        reached = "" if threshold.reached else " to-come"
        yield f'<path class="threshold-in{reached}" d="M{x:.1f} {top:g}v{BAR:g}"/>'
        yield f'<path class="threshold{reached}" d="M{x:.1f} {top + BAR:g}v4"/>'
        if all(abs(x - other) >= LABEL_ROOM for other in written):
            written.append(x)
            place = f'x="{x:.1f}" y="{top + BAR + 14:g}" text-anchor="{_anchor(x)}"'
            yield f'<text class="percent" {place}>{threshold.percent}%</text>'


def _stop(scale: Scale, reading: Reading, top: float, kinds: set[str]) -> Iterator[str]:
    """Where a clock stopped: a disc with a tick when kept, a square with a cross when broken, a ring when neither."""
    if reading.is_open or reading.stop is None:
        return
    x, y = EDGE + scale.x(reading.stop), top + BAR / 2
    at = f'transform="translate({x:.1f} {y:g})"'
    if reading.verdict == "met":
        kinds.add("stop-met")
        yield f'<g class="stop met" {at}><circle r="8"/><path d="M-3.6 .2l2.6 2.8 4.6-5.6"/></g>'
    elif reading.verdict == "breached":
        kinds.add("stop-breached")
        yield f'<g class="stop breached" {at}><rect x="-7.5" y="-7.5" width="15" height="15"/>'
        yield '<path d="M-3.4-3.4l6.8 6.8M3.4-3.4l-6.8 6.8"/></g>'
    else:
        kinds.add("stop-none")
        yield f'<g class="stop none" {at}><circle r="6"/></g>'


_SHAPES = {
    "client": '<circle class="by-client" r="4.2"/>',
    "public": '<circle class="by-us" r="4.6"/>',
    "status": '<path class="by-us" d="M0-5.4L5.4 0 0 5.4-5.4 0z"/>',
    "other": '<path class="by-other" d="M0-4.5v9"/>',
}


def _marks(scale: Scale, marks: Sequence[Mark], y: float, kinds: set[str]) -> Iterator[str]:
    yield f'<path class="grid" d="M{EDGE:g} {y:g}H{WIDTH - EDGE:g}"/>'
    for mark in marks:
        if scale.start <= mark.at <= scale.end:
            kinds.add(f"event-{mark.lane}")
            at = f'transform="translate({EDGE + scale.x(mark.at):.1f} {y:g})"'
            yield f"<g {at}>{_SHAPES[mark.lane]}<title>{escape(mark.words)}</title></g>"


def _now(scale: Scale, as_of: int, height: float) -> Iterator[str]:
    x = EDGE + scale.x(as_of)
    yield f'<path class="now" d="M{x:.1f} {TOP - 6:g}V{height - 18:g}"/>'
    yield f'<text class="now-label" x="{x:.1f}" y="{TOP - 10:g}" text-anchor="{_anchor(x)}">now</text>'


def _anchor(x: float) -> str:
    """How a label stands to its mark, so that it does not leave the picture."""
    return "end" if x > WIDTH - 30 else "start" if x < 30 else "middle"
