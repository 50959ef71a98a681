"""The board: what breaks next?"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from beforehand.engine.instants import to_instant
from beforehand.promises.book import current

from . import moment
from .access import THEMES, provider_of, zone_of
from .board import Asked
from .board_shown import Shown, Viewed
from .desktop import concerned
from .live.hours import offsets
from .live.version import VERSION


def board(request: HttpRequest) -> HttpResponse:
    """The open clocks as of now, by deadline unless the address asks for another order.

    `wall=1` in the address shows it to a room; `theme` there goes before the viewer's own, since a wall has no hands.
    """
    now = moment.now()
    provider, address = provider_of(request), request.GET.dict()
    viewed = Viewed(provider.pk, Asked.read(address), zone_of(request))
    shown = Shown(viewed, provider, current(provider), now)
    wall = address.get("wall") == "1"
    theme = {"theme": address["theme"]} if wall and address.get("theme") in THEMES else {}
    return render(
        request,
        "web/board.html",
        {
            **shown.context,
            **shown.choices(),
            **theme,
            "left_out": Asked.left_out(address),
            "wall": wall,
            "concerned": not wall and concerned(request),
            "page_name": "board",
            "live": live_data(reverse("live-board"), viewed.asked.address(), shown),
        },
    )


def live_data(path: str, address: str, shown: Shown) -> dict[str, object]:
    """What the page's script begins with: where its stream is, the time by the server, what it has already."""
    return {
        "stream": path + address,
        "have": shown.digest,
        "version": VERSION,
        "now": to_instant(shown.now),
        "rate": moment.rate(),
        "offsets": offsets(shown.viewed.zone, to_instant(shown.now)),
    }
