"""A board as of an instant: what its page shows, and the same in the parts in which a live page gets it anew."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from django.template.loader import render_to_string

from beforehand.engine.codes import METRICS
from beforehand.engine.english import city
from beforehand.engine.instants import to_instant
from beforehand.engine.zones import load
from beforehand.people.models import Provider
from beforehand.promises.book import Book
from beforehand.tickets.mending import open_without_clock
from beforehand.tickets.models import Ticket

from .alert_words import board_words
from .board import NOBODY, PAGE, SORTS, STATES, Asked, Board, Figures
from .standing import Row, row_of

PARTS = ("count", "figures", "pages", "nothing")
"""What of the board is sent anew as a whole when it changes, beside its rows."""
COLUMNS = (
    ("", "Left", "left"),
    ("due", "Due", "due"),
    ("ticket", "Ticket", "ticket"),
    ("client", "Client", "client"),
    ("priority", "Priority", "priority"),
    ("promise", "Promise", "promise"),
    ("who", "Assignee", "who"),
    ("", "State", "state"),
)


class Viewed(NamedTuple):
    """Which board: whose, what the address asks for, in which zone its times are read. The same for many viewers."""

    provider: int
    asked: Asked
    zone: str


class Shown:
    """A board as of `now`. `figures`, where they are known already, need not be counted again."""

    def __init__(
        self, viewed: Viewed, provider: Provider, book: Book, now: datetime, figures: Figures | None = None
    ) -> None:
        self.viewed, self.provider, self.book, self.now = viewed, provider, book, now
        self.local = now.astimezone(load(viewed.zone))
        midnight = self.local.replace(hour=0, minute=0, second=0, microsecond=0)
        self.board = Board(provider, viewed.asked, now, midnight.astimezone(UTC))
        self._figures = figures

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of the page."""
        instant = to_instant(self.now)
        clocks, zone = self.board.clocks(), self.viewed.zone
        said = board_words(self.provider, {clock.ticket_id for clock in clocks}, self.now, zone)
        return [
            row_of(
                clock, self.book, instant, zone, said.get((clock.ticket_id, clock.metric, clock.number), ())
            )
            for clock in clocks
        ]

    @cached_property
    def figures(self) -> Figures:
        """The four figures."""
        return self._figures or self.board.figures()

    @property
    def digest(self) -> str:
        """A word for the rows and their order: the same when a browser that has the one has the other."""
        return hashlib.blake2b("".join(row.rev for row in self.rows).encode(), digest_size=8).hexdigest()

    @cached_property
    def context(self) -> dict[str, object]:
        """For the templates, but for what the filters offer."""
        asked, board, rows = self.viewed.asked, self.board, self.rows
        return {
            "asked": asked,
            "rows": rows,
            "figures": self.figures,
            "links": {name: asked.address(state=name) for name in STATES}
            | {"unassigned": asked.address(assignee=NOBODY), "all": "?"}
            | {"wall": asked.address(wall="1", page=board.page), "desk": asked.address(page=board.page)},
            "nobody": NOBODY,
            "count": board.count,
            "first": (board.page - 1) * PAGE + 1,
            "last": (board.page - 1) * PAGE + len(rows),
            "page": board.page,
            "pages": board.pages,
            "earlier": asked.address(page=board.page - 1) if board.page > 1 else "",
            "later": asked.address(page=board.page + 1) if board.page < board.pages else "",
            "unwatched": open_without_clock(self.provider) if self.book.uncovered.terms.triage is None else 0,
            "any_tickets": bool(rows) or Ticket.objects.filter(provider=self.provider).exists(),
            "now": self.now,
            "now_local": f"{self.local.hour}:{self.local:%M}",
            "today": self.local.date(),
            "zone": city(self.viewed.zone),
            "provider": self.provider,
        }

    def choices(self) -> dict[str, object]:
        """What the filters and headings offer."""
        asked, board = self.viewed.asked, self.board
        return {
            "columns": [_column(asked, *column) for column in COLUMNS],
            "choices": {
                **board.choices(),
                "client": board.clients(),
                "metric": METRICS[:6],
                "state": STATES,
            },
        }

    def parts(self) -> Mapping[str, str]:
        """PARTS as they stand in the page."""
        return {name: render_to_string(f"web/parts/{name}.html", self.context) for name in PARTS}

    def html_of(self, row: Row) -> str:
        """A row as it stands in the page."""
        return render_to_string("web/parts/row.html", {"row": row, "today": self.local.date()})


def _column(asked: Asked, sort: str, title: str, name: str) -> dict[str, str]:
    """A column's heading: its link sorts by it, and once more turns the order round."""
    if sort not in SORTS:
        return {"title": title, "name": name}
    up, down = asked.sort == sort, asked.sort == f"-{sort}"
    return {
        "title": title,
        "name": name,
        "link": asked.address(sort=f"-{sort}" if up else "" if sort == "due" else sort),
        "order": "ascending" if up else "descending" if down else "",
    }
