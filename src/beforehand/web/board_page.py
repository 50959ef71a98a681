"""The board: what breaks next?"""

from datetime import UTC

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from beforehand.engine.codes import METRICS
from beforehand.engine.english import city
from beforehand.engine.instants import to_instant
from beforehand.engine.zones import load
from beforehand.promises.book import current
from beforehand.tickets.models import Ticket

from . import moment
from .access import provider_of, zone_of
from .board import NOBODY, PAGE, SORTS, STATES, Asked, Board
from .standing import row_of

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


def board(request: HttpRequest) -> HttpResponse:
    """The open clocks as of now, by deadline unless the address asks for another order."""
    now = moment.now()
    provider, zone = provider_of(request), zone_of(request)
    local = now.astimezone(load(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    asked = Asked.read(request.GET.dict())
    shown = Board(provider, asked, now, midnight.astimezone(UTC))
    book, instant = current(provider), to_instant(now)
    rows = [row_of(clock, book, instant, zone) for clock in shown.clocks()]
    return render(
        request,
        "web/board.html",
        {
            "asked": asked,
            "rows": rows,
            "figures": shown.figures(),
            "links": {name: asked.address(state=name) for name in STATES}
            | {"unassigned": asked.address(assignee=NOBODY), "all": "?"},
            "columns": [_column(asked, *column) for column in COLUMNS],
            "choices": {**shown.choices(), "client": shown.clients(), "metric": METRICS[:6], "state": STATES},
            "nobody": NOBODY,
            "count": shown.count,
            "first": (shown.page - 1) * PAGE + 1,
            "page": shown.page,
            "pages": shown.pages,
            "earlier": asked.address(page=shown.page - 1) if shown.page > 1 else "",
            "later": asked.address(page=shown.page + 1) if shown.page < shown.pages else "",
            "any_tickets": bool(rows) or Ticket.objects.filter(provider=provider).exists(),
            "last": (shown.page - 1) * PAGE + len(rows),
            "now": now,
            "now_local": f"{local.hour}:{local:%M}",
            "today": local.date(),
            "page_name": "board",
            "zone": city(zone),
            "provider": provider,
        },
    )


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
