"""The page on which the first ten minutes end: what the ticket system says, what the agreements say, and why not the
same. Where nothing is promised yet, what the ticket system's own set-up gives as a draft."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from beforehand.connectors.models import Connection
from beforehand.connectors.registry import connectors
from beforehand.kernel.faults import Refused
from beforehand.people.roles import Role
from beforehand.promises.psa import set_up_of

from . import moment
from .access import needs, provider_of
from .connect_page import connection_of
from .first_look_draft import ANSWER, Before, Drafted, any_bare, before_of, drafted, one_at_a_time, take
from .first_look_shown import look_at

TAKEN, DRAFT = "taken", "draft"


@require_GET
@never_cache
def first_look(request: HttpRequest, pk: int) -> HttpResponse:
    """Both figures of a source; with `why` in the address what explains that they differ, with `draft` the draft."""
    return _page(request, connection_of(provider_of(request), pk))


def _page(
    request: HttpRequest, row: Connection, status: int = 200, made: Drafted | None = None, **more: object
) -> HttpResponse:
    now = moment.now()
    title = title_of(row)
    look = look_at(row, title, now, "why" in request.GET)
    draft, awaited = (made, False) if made else _draft(request, row, look.promised, now)
    past = None
    if row.back_done is None and row.back_begun is not None:
        past = row.back_read, row.back_total
    context = {
        "row": row,
        "title": title,
        "look": look,
        "draft": draft,
        "shows_draft": draft is not None and (not look.promised or draft.helps),
        "awaited": urlencode({DRAFT: "yes", **_given(request)}) if awaited else "",
        "asked": urlencode(_given(request)),
        "past": past,
        "taken": TAKEN in request.GET,
        "again": "yes" if past or look.rereading else "",
        "page_name": "sources",
    }
    return render(request, "web/first_look.html", context | more, status=status)


def _draft(
    request: HttpRequest, row: Connection, promised: bool, now: datetime
) -> tuple[Drafted | None, bool]:
    """The draft, and whether it is to be asked for yet: it takes longer than the figures, and for these alone the page
    is asked again and again.
    """
    if promised and not any_bare(row):
        return None, False
    set_up = set_up_of(row.provider_id, row.source.slug)
    if not set_up.slas:
        return None, False
    is_asked = DRAFT in request.GET or bool(_given(request)) or request.method == "POST"
    if not is_asked or not one_at_a_time.acquire(blocking=False):
        return None, True
    try:
        return drafted(row, title_of(row), set_up, _answers(request), now), False
    finally:
        one_at_a_time.release()


def title_of(row: Connection) -> str:
    """What the ticket system is called: its maker's name where that is known, else the source's."""
    kind = connectors().get(row.connector)
    return kind.title if kind is not None else row.source.name


def _given(request: HttpRequest) -> dict[str, str]:
    """The answers by their fields; what was assumed, shown and sent back as it was is none."""
    data = request.POST if request.method == "POST" else request.GET
    assumed = _before(request).assumed
    return {
        name: str(value)
        for name, value in data.items()
        if name.startswith(ANSWER) and assumed.get(name.removeprefix(ANSWER)) != value
    }


def _before(request: HttpRequest) -> Before:
    return before_of(request.POST.get("seen", ""), request.POST.get("shown", ""))


def _answers(request: HttpRequest) -> dict[str, str]:
    return {name.removeprefix(ANSWER): value for name, value in _given(request).items()}


@needs(Role.OWNER)
@require_POST
@never_cache
def take_draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Takes the draft as agreements, as an agreement file is loaded; all tickets are then read again. One that is
    another than was shown is not taken but shown anew, with what is another.
    """
    row, now = connection_of(provider_of(request), pk), moment.now()
    set_up = set_up_of(row.provider_id, row.source.slug)
    before, answers = _before(request), _answers(request)
    draft = drafted(row, title_of(row), set_up, answers, now)
    if draft is None or not (draft.draft.plans or before.said):
        return redirect("first-look", pk)
    if before.seen.whole != draft.seen.whole or draft.draft.odd:
        return _page(request, row, 409, draft.beside(before, title_of(row), answers))
    if not draft.draft.plans:
        return redirect("first-look", pk)
    try:
        take(row, draft, now)
    except Refused as refused:
        return _page(request, row, 400, draft, faults=[str(fault) for fault in refused.faults])
    return redirect(f"{reverse('first-look', args=[pk])}?{TAKEN}=yes")


@require_POST
@never_cache
def show_draft(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Shows the draft under the answers that a form has, by an address that has them too."""
    row = connection_of(provider_of(request), pk)
    asked = urlencode({DRAFT: "yes", **_given(request)})
    return redirect(f"{reverse('first-look', args=[row.pk])}?{asked}#draft")


@needs(Role.OWNER)
@require_GET
@never_cache
def draft_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as an agreement file, to be read and changed before it is loaded."""
    row = connection_of(provider_of(request), pk)
    set_up = set_up_of(row.provider_id, row.source.slug)
    draft = drafted(row, title_of(row), set_up, _answers(request), moment.now())
    if draft is None:
        return HttpResponseNotFound("Its set-up gives no draft.", content_type="text/plain")
    answer = HttpResponse(draft.text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="draft-{row.source.slug}.yaml"'
    return answer
