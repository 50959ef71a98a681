"""Tickets to be read again under other terms: their histories, what holds for them here, and what serves them there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from beforehand.engine.clock import compile_terms, records_of
from beforehand.engine.codes import CHANGED, CLIENT_MESSAGE, CREATED, FIELDS, STATUS
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import History
from beforehand.engine.record import COVER, METRIC, NUMBER, TARGET, VERDICT
from beforehand.engine.scan import H_REOPENED
from beforehand.engine.terms import Terms
from beforehand.kernel.names import fold
from beforehand.promises.book import Book, InForce
from beforehand.promises.psa import Calendar, Serves, SetUpPlain, Sla
from beforehand.tickets import store
from beforehand.tickets.models import PsaView, Source
from beforehand.tickets.reading import tells, terms_of
from beforehand.tickets.rows import standing

from .compared import Pair
from .eras import Era, Eras
from .verdicts import kept, latest

Names = Mapping[tuple[str, str], str]
"""What a thing of the source (kind of word, its name there) is called here, where that is another name."""


class Served(NamedTuple):
    """Under which SLA and in which hours the ticket system judges a ticket; None where it does not say."""

    sla: Sla | None = None
    calendar: Calendar | None = None
    round_the_clock: bool = False


class Result(NamedTuple):
    """A ticket read under some terms: by metric its verdicts, targets and hours; whether it was ever reopened."""

    latest: Mapping[int, int]
    targets: Mapping[int, int]
    hours: Mapping[int, Coverage]
    reopened: bool


@dataclass(frozen=True, eq=False)
class Subject:
    """A ticket that both judge."""

    ticket: int
    history: History
    held: InForce
    theirs: Mapping[int, bool]
    served: Served
    now: int
    era: Era

    def read(self, terms: Terms) -> Result:
        """Its clocks under these terms as of now."""
        compiled = compile_terms(terms, self.held.coverage)
        head, records = records_of(compiled, self.history, self._as_of)
        clocks = [(record[METRIC], record[NUMBER], record[VERDICT]) for record in records]
        targets = {record[METRIC]: record[TARGET] for record in records}
        hours = {record[METRIC]: compiled.coverages[record[COVER]] for record in records}
        return Result(latest(clocks), targets, hours, head[H_REOPENED] > 0)

    def differs(self, result: Result) -> frozenset[int]:
        """In what it is judged otherwise there."""
        return frozenset(one for one, there in self.theirs.items() if kept(one, result.latest) != there)

    def agrees(self, result: Result) -> bool:
        """Whether each verdict is what the ticket system says."""
        return not self.differs(result)

    @cached_property
    def _as_of(self) -> int:
        """Now; or its last event, where its source's clock is ahead."""
        return max(max(event.until or event.at for event in self.history.events), self.now)

    @cached_property
    def base(self) -> Result:
        """Under the terms that hold."""
        return self.read(self.held.terms)

    @cached_property
    def statuses(self) -> frozenset[str]:
        """Each that it ever had."""
        return frozenset(event.value for event in self.history.events if event.kind == STATUS)

    @cached_property
    def priorities(self) -> frozenset[str]:
        """Each that it ever had."""
        events = self.history.events
        return frozenset(one.value for one in events if one.kind == CHANGED and one.field == "priority")

    @cached_property
    def changed(self) -> bool:
        """Whether anything by which a line is chosen became another after its creation."""
        events = self.history.events
        return any(one.kind == CHANGED and one.field in FIELDS and one.at > self.born for one in events)

    @cached_property
    def born(self) -> int:
        """When it was created."""
        return min(event.at for event in self.history.events if event.kind == CREATED)

    @cached_property
    def answered(self) -> bool:
        """Whether the client ever wrote."""
        return any(event.kind == CLIENT_MESSAGE for event in self.history.events)


def subjects(
    source: Source, pairs: Sequence[Pair], book: Book, eras: Eras, names: Names, now: int
) -> Iterator[Subject]:
    """These tickets, in their order, with all that is known of them: what their source was set to when they came."""
    provider, told = source.provider_id, tells(source)
    ids = [pair.ticket for pair in pairs]
    events = store.events_of(ids, provider)
    said: dict[int, Mapping[str, Any]] = {}
    for start in range(0, len(ids), 400):
        views = PsaView.objects.filter(provider=provider, ticket__in=ids[start : start + 400])
        said.update(views.values_list("ticket_id", "said"))
    serving: dict[int, Serving] = {}
    for pair in pairs:
        if not any(event.kind == CREATED for event in events[pair.ticket]):
            continue
        history = History(events[pair.ticket], told)
        stands = standing(history.events)
        held = terms_of(book, stands).terms
        era = eras.at(stands.created or 0)
        if era.number not in serving:
            serving[era.number] = Serving(era.set_up, names)
        served = serving[era.number].of(said.get(pair.ticket, {}), stands.fields)
        yield Subject(pair.ticket, history, held, pair.theirs, served, now, era)


class Serving:
    """Which SLA and hours of a source serve a ticket: what the ticket's view names, else what serves its client."""

    def __init__(self, set_up: SetUpPlain, names: Names) -> None:
        self._set_up = set_up
        self._slas = {one.key: one for one in set_up.slas}
        self._named = {fold(word): one for one in set_up.slas for word in (one.name, one.key)}
        self._calendars = {one.key: one for one in set_up.calendars}
        self._serves: dict[tuple[str, str], Serves] = {}
        for one in sorted(set_up.serves, key=lambda one: one.stopped):
            client = names.get(("client", one.client), one.client)
            contract = names.get(("contract", one.contract), one.contract)
            self._serves.setdefault((fold(client), fold(contract)), one)

    def of(self, view: Mapping[str, Any], fields: Mapping[str, str]) -> Served:
        """What serves a ticket of this view, with these fields."""
        client, contract = fold(fields.get("client", "")), fold(fields.get("contract", ""))
        keys = ((client, contract), ("", contract), (client, ""), ("", ""))
        serves = next((self._serves[key] for key in keys if key in self._serves), None)
        sla = self._of_view(view) or (self._slas.get(serves.sla) if serves else None)
        if sla is None and len(self._slas) == 1:
            (sla,) = self._slas.values()
        if sla is not None and sla.round_the_clock:
            return Served(sla, None, True)
        key = (sla.calendar if sla else "") or (serves.calendar if serves else "")
        return Served(sla, self._calendars.get(key) or self._default)

    @cached_property
    def _default(self) -> Calendar | None:
        some = [one for one in self._set_up.calendars if one.default] or list(self._set_up.calendars)
        return some[0] if len(some) == 1 else None

    def _of_view(self, view: Mapping[str, Any], inside: bool = False) -> Sla | None:
        for key, value in view.items():
            about = inside or "sla" in str(key).casefold()
            if isinstance(value, Mapping):
                found = self._of_view(value, about)
            else:
                found = self._named.get(fold(value)) if about and isinstance(value, str) else None
            if found is not None:
                return found
        return None
