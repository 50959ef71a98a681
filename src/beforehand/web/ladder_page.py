"""One ladder: made, changed, looked at before it is kept, taken away. For owners and managers."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from beforehand.alerts.ladders import ladders_of
from beforehand.alerts.models import Alert
from beforehand.alerts.rehearsal import LADDER, Rehearsal
from beforehand.people.models import Provider
from beforehand.people.roles import Role
from beforehand.promises import models
from beforehand.promises.book import current
from beforehand.promises.file.from_rows import document_of
from beforehand.promises.file.told import Placed
from beforehand.promises.ladder_changes import Judged, Meanwhile, Told, Wrong, judge, mark, remove, save
from beforehand.promises.ladders import BUILT_IN, BY_RANK, Ladder, Match, from_stored, rank

from . import moment
from .access import needs, provider_of, zone_of
from .alerts_page import around
from .ladder_form_shown import EXPECTATIONS, Choices, said, said_of, shown
from .ladder_forms import Draft, draft_from, draft_of, remade, tree_of
from .ladder_preview import Question, Seen
from .ladder_shown import steps_of
from .ladders_page import previewer_of

BEFORE = "pv-"
"""What the names of the preview's fields begin with, within the form of a ladder."""


@needs(Role.MANAGER)
@never_cache
def new_ladder(request: HttpRequest) -> HttpResponse:
    """Makes a ladder, from nothing or like another one."""
    return _Page(request, None).answer()


@needs(Role.MANAGER)
@never_cache
def ladder(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a ladder."""
    return _Page(request, get_object_or_404(models.Ladder, provider=provider_of(request), pk=pk)).answer()


class _Page:
    """One visit to the page of a ladder; `row` is None of one that is new."""

    def __init__(self, request: HttpRequest, row: models.Ladder | None) -> None:
        self.request, self.row = request, row
        self.provider, self.zone, self.now = provider_of(request), zone_of(request), moment.now()
        self.book = current(self.provider)
        self.document = document_of(self.provider, self.book.rows)
        self.choices = Choices(self.provider, self.document)
        self.previewer = previewer_of(self.provider, self.book, self.choices, self.now, self.zone)
        self.was = row.name if row is not None else ""
        self.there = None if row is None else from_stored(row.name, row.said, row.in_hours)
        self.seen = mark(self.there)
        self.faults: Iterable[Placed] = ()
        self.more: dict[str, Any] = {}

    def answer(self) -> HttpResponse:
        """The form as it stands; or, where it was sent, what a button asks for."""
        if self.request.method != "POST":
            draft = self._start()
            about = self.previewer.about(
                self.there or judge(self.document, "", Told("", tree_of(draft))).ladder
            )
            return self._render(draft, about, keep_quiet=self.row is None)
        data = self.request.POST
        self.seen = data.get("seen", "")[:64]
        draft = draft_from(data, data.getlist)
        do = data.get("do", "")
        asked = previewer_of(self.provider, self.book, self.choices, self.now, self.zone).question(
            data, BEFORE
        )
        if remade(draft, do):
            return self._render(draft, asked, keep_quiet=True)
        return self._save(draft, asked) if do == "save" else self._render(draft, asked)

    def _start(self) -> Draft:
        if self.there is not None:
            return draft_of(self.there, self.was)
        like = self.request.GET.get("like", "")
        start = ladders_of(self.book).get(like)
        if like and start is None:
            raise Http404
        return Draft() if start is None else draft_of(self._fitted(start), f"{like}, ours" if like else "")

    def _fitted(self, start: Ladder) -> Ladder:
        """A ladder that is built in fits nothing by itself: what it is for is proposed."""
        if start.fits:
            return start
        if start == BUILT_IN[-1]:
            return start._replace(fits=(Match(metric="triage"),))
        priorities = self.choices.fits["priority"]
        named = [one for one in priorities if BY_RANK.get(rank(one, self.book.ladders.priorities)) == start]
        return start._replace(fits=tuple(Match(priority=one) for one in named) or (Match(),))

    def _save(self, draft: Draft, asked: Question) -> HttpResponse:
        told = Told(draft.name, tree_of(draft))
        try:
            kept = save(self.provider, self.was, self.seen, told, self.now)
        except Wrong as wrong:
            self.faults = wrong.faults
            return self._render(draft, asked, status=400)
        except Meanwhile as meanwhile:
            # To be sent once more, by somebody who has read what is there now.
            self.seen = mark(meanwhile.now)
            now = None if meanwhile.now is None else steps_of(meanwhile.now)
            self.more = {"meanwhile": True, "there_now": now}
            return self._render(draft, asked, keep_quiet=True, status=409)
        row = models.Ladder.objects.get(provider=self.provider, name=kept.ladder.name)
        return redirect(
            f"{reverse('ladder', args=[row.pk])}?{urlencode({'kept': 'changed' if self.was else 'new'})}"
        )

    def _render(
        self, draft: Draft, asked: Question, keep_quiet: bool = False, status: int = 200
    ) -> HttpResponse:
        """The page; it does not say what is wrong while somebody is still at it (`keep_quiet`)."""
        judged = judge(self.document, self.was, Told(draft.name, tree_of(draft)))
        faults = list(self.faults) or ([] if keep_quiet else list(judged.faults))
        rings = bool(self.was) and Rehearsal(self.provider.pk).is_on(LADDER, self.was)
        kept = self.request.GET.get("kept", "") if self.request.method != "POST" else ""
        context = {
            "form": shown(draft, faults, self.choices),
            "advice": [said(one.fault) for one in judged.advice],
            "row": self.row,
            "called": self.was,
            "seen": self.seen,
            "rings": rings,
            "kept": kept,
            "open": _open_alerts(self.provider, self.was) if self.was else 0,
            "expectations": EXPECTATIONS,
            "ways": self.choices.ways,
            "asked": asked,
            "pv": BEFORE,
            "preview": None if judged.faults else self._foreseen(judged, asked),
            "choices": self.previewer.choices(),
            **around(self.provider, self.now, self.zone),
            **self.more,
        }
        return render(self.request, "web/ladder.html", context, status=status)

    def _foreseen(self, judged: Judged, asked: Question) -> Seen:
        """What would be with the ladder as it stands in the form."""
        others = [one for one in self.book.ladders.own if one.name != self.was]
        return self.previewer.seen(
            asked, self.book.with_ladders([*others, judged.ladder]), judged.ladder.name
        )


def _open_alerts(provider: Provider, name: str) -> int:
    return Alert.objects.filter(provider=provider, ladder=name, ended=None).count()


@needs(Role.MANAGER)
@never_cache
def remove_ladder(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks whether a ladder is to be taken away, and does it."""
    provider = provider_of(request)
    row = get_object_or_404(models.Ladder, provider=provider, pk=pk)
    there = from_stored(row.name, row.said, row.in_hours)
    context: dict[str, Any] = {"row": row, "seen": mark(there), "steps": steps_of(there)}
    status = 200
    if request.method == "POST":
        try:
            remove(provider, row.name, request.POST.get("seen", "")[:64], moment.now())
        except Meanwhile:
            context["meanwhile"], status = True, 409
        except Wrong as wrong:
            context["faults"], status = [said_of(one) for one in wrong.faults], 400
        else:
            return redirect(f"{reverse('ladders')}?{urlencode({'removed': row.name})}")
    context |= {"open": _open_alerts(provider, row.name), **around(provider, moment.now(), zone_of(request))}
    return render(request, "web/ladder_remove.html", context, status=status)
