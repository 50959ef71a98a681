"""What does the source mean? Its statuses, priorities, types, clients and people, and what each is here."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from beforehand.connectors import contact_words, meaning_changes
from beforehand.connectors.models import Connection
from beforehand.engine.codes import ORIGINS, STATES
from beforehand.kernel.faults import Fault, Refused
from beforehand.people.roles import Role
from beforehand.promises.book import current

from . import moment
from .access import needs, provider_of
from .connect_page import connection_of
from .meaning_shown import BESIDES, SHOWN, Meaning

WORD, LONGEST = "word-", 12
SAYS = "says-"
"""With what the boxes of a status begin, of what it says besides its state."""


@never_cache
def meaning(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the words of a source mean; who manages says it."""
    return _save(request, pk) if request.method == "POST" else _page(request, pk)


@needs(Role.MANAGER)
def _save(request: HttpRequest, pk: int) -> HttpResponseBase:
    connection = connection_of(provider_of(request), pk)
    what = request.POST.get("what", "")
    try:
        said = SAVES[what](connection, request.POST, moment.now()) if what in SAVES else ""
    except Refused as refused:
        return _page(request, pk, 400, faults=[str(fault) for fault in refused.faults])
    return redirect(f"{reverse('meaning', args=[pk])}?{urlencode({'said': said})}#{what}")


def _page(request: HttpRequest, pk: int, status: int = 200, **more: object) -> HttpResponse:
    connection = connection_of(provider_of(request), pk)
    shown = Meaning(connection, current(connection.provider))
    clients, settled_clients = shown.clients
    people, settled_people = shown.people
    teams, settled_teams = shown.teams
    context = {
        "row": connection,
        "shown": shown,
        "clients": clients[:SHOWN],
        "more_clients": max(len(clients) - SHOWN, 0),
        "settled_clients": settled_clients,
        "people": people[:SHOWN],
        "more_people": max(len(people) - SHOWN, 0),
        "settled_people": settled_people,
        "teams": teams[:SHOWN],
        "settled_teams": settled_teams,
        "alike": list(islice(contact_words.alike(connection, shown.book), SHOWN)),
        "states": STATES,
        "also": BESIDES,
        "origins": ORIGINS,
        "said": SAID.get(request.GET.get("said", ""), ""),
        "page_name": "sources",
    }
    return render(request, "web/meaning.html", context | more, status=status)


def _chosen(data: QueryDict) -> dict[int, str]:
    """What is said of each word, by its key."""
    named = ((name.removeprefix(WORD), value) for name, value in data.items() if name.startswith(WORD))
    return {
        int(key): str(value).strip()
        for key, value in named
        if key.isascii() and key.isdecimal() and len(key) <= LONGEST
    }


def _statuses(connection: Connection, data: QueryDict, now: datetime) -> str:
    chosen = _chosen(data)
    says = {key: data.getlist(f"{SAYS}{key}") for key in chosen} if SAYS in data else None
    changed = meaning_changes.confirm_statuses(connection, chosen, now, says)
    return "reread" if changed else "kept"


def _words(connection: Connection, data: QueryDict, now: datetime) -> str:
    told = meaning_changes.confirm_words(connection, _chosen(data), now)
    return "retold" if told else "kept"


def _clients(connection: Connection, data: QueryDict, now: datetime) -> str:
    book = current(connection.provider)
    chosen: dict[int, int] = {}
    faults = []
    for pk, name in _chosen(data).items():
        client = book.client(name) if name else None
        if client is not None:
            chosen[pk] = client.id
        elif name:
            faults.append(Fault("clients", repr(name[:80]), "the name of a client of ours"))
    if faults:
        raise Refused(faults)
    return "reread" if meaning_changes.confirm_clients(connection, chosen, now) else "kept"


def _contacts(connection: Connection, data: QueryDict, now: datetime) -> str:
    return "joined contacts" if contact_words.confirm(connection, _chosen(data), now) else "kept"


def _staff(connection: Connection, data: QueryDict, _now: datetime) -> str:
    return "joined" if meaning_changes.confirm_staff(connection, list(_chosen(data))) else "kept"


SAVES: dict[str, Callable[[Connection, QueryDict, datetime], str]] = {
    "statuses": _statuses,
    "priorities": _words,
    "contracts": _words,
    "types": _words,
    "boards": _words,
    "channels": _words,
    "creators": _words,
    "clients": _clients,
    "contacts": _contacts,
    "people": _staff,
    "teams": _staff,
}
SAID = {
    "kept": "Nothing is another than before.",
    "reread": "It is kept. The clocks of all tickets are read again; until that is done some figures are as before.",
    "retold": "It is kept. The tickets that it touches are read from the source again, the newest first, as far as "
    "our share of its calls allows; until then they are as before.",
    "joined contacts": "It is kept. Who is one person has one tier, in the tickets of each source.",
    "joined": "They are on the staff now. Say there how each is reached.",
}
