"""Who are a client's people, and who of them is a VIP? Who manages says it."""

from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from beforehand.connectors import contact_words
from beforehand.kernel.faults import Refused
from beforehand.people.roles import Role
from beforehand.promises.book import current
from beforehand.promises.models import Client

from . import moment
from .access import needs, provider_of
from .contacts_shown import People

PAGE = 50
TIER, LONGEST = "tier-", 12
SAID = {
    "kept": "Nothing is another than before.",
    "now": "It is kept. Tickets that they write from now on have it; older ones are as they were.",
    "always": "It is kept. All their tickets have it in a moment, and their clocks with it.",
}


@never_cache
def contacts(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The people of a client, and the tier of each."""
    return _save(request, pk) if request.method == "POST" else _page(request, pk)


@needs(Role.MANAGER)
def _save(request: HttpRequest, pk: int) -> HttpResponseBase:
    client = _client(request, pk)
    now = moment.now()
    always = request.POST.get("holds") == "always"
    try:
        changed = _say(request, People(client, current(client.provider), now), now, always)
    except Refused as refused:
        return _page(request, pk, 400, faults=[str(fault) for fault in refused.faults])
    said = "kept" if not changed else "always" if always or request.POST.get("as_told") else "now"
    back = {"q": _words(request.POST.get("q", "")), "page": request.POST.get("page", ""), "said": said}
    query = urlencode({name: value for name, value in back.items() if value})
    return redirect(f"{reverse('contacts', args=[pk])}?{query}")


def _say(request: HttpRequest, people: People, now: datetime, always: bool) -> int:
    """Keep what is other than shown; how many those are."""
    told = _number(request.POST.get("as_told", ""))
    if told is not None:
        return sum(contact_words.say_tier(one, None, now, True) for one in people.some([told]))
    said = {
        key: " ".join(str(value).split())
        for name, value in request.POST.items()
        if name.startswith(TIER) and (key := _number(name.removeprefix(TIER))) is not None
    }
    shown = {line.contact.pk: line for line in people.lines(people.some(said))}
    other = [line.contact for key, line in shown.items() if said[key] != line.tier]
    return sum(contact_words.say_tier(one, said[one.pk], now, always) for one in other)


def _page(request: HttpRequest, pk: int, status: int = 200, **more: object) -> HttpResponse:
    client = _client(request, pk)
    words = _words(request.GET.get("q", "") or request.POST.get("q", ""))
    people = People(client, current(client.provider), moment.now())
    pages = Paginator(people.found(words), PAGE)
    page = pages.get_page(request.GET.get("page") or request.POST.get("page"))
    context = {
        "client": client,
        "any": people.any,
        "lines": people.lines(list(page)),
        "page": page,
        "q": words,
        "asked": f"{urlencode({'q': words})}&" if words else "",
        "tiers": people.tiers,
        "promised": people.promised,
        "said": SAID.get(request.GET.get("said", ""), ""),
        "page_name": "clients",
    }
    return render(request, "web/contacts.html", context | more, status=status)


def _client(request: HttpRequest, pk: int) -> Client:
    return get_object_or_404(Client.objects.select_related("provider"), provider=provider_of(request), pk=pk)


def _words(said: str) -> str:
    return said.replace("\x00", "").strip()[:200]


def _number(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= LONGEST else None
