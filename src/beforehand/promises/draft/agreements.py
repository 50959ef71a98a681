"""Whom a draft serves: agreements for clients who have none, by what the source says of its SLAs (clock.md 2.1)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from beforehand.kernel.names import fold
from beforehand.promises.draft.plans import Plan, Plans
from beforehand.promises.draft.spans import Span, filled, spans_of
from beforehand.promises.draft.words import DRAFT, Notes, is_draft, kept, name_of, short, unique
from beforehand.promises.file.document import AgreementPart, ClientPart, Document, TermsPart
from beforehand.promises.psa import Serves
from beforehand.promises.rows import Rows

EVERYONE = "every client without an agreement of its own"
Agreements = dict[str, AgreementPart]


class Agreed:
    """The drafted agreements. `clients` are those that get some, `serves` in words by the keys of SLAs."""

    def __init__(
        self, document: Document, rows: Rows, plans: Plans, since: date, today: date, notes: Notes
    ) -> None:
        self.document, self.plans, self.notes = document, plans, notes
        self.since, self.today = since, today
        self.everyone: Agreements = {}
        self.clients: dict[str, ClientPart] = {}
        self.serves: dict[str, list[str]] = {}
        self.coverages: set[str] = set()
        names = {row.pk: row.name for row in rows.clients}
        self._known = {key.folded: names[key.client_id] for keys in rows.keys.values() for key in keys}
        self._zones = {row.name: row.zone for row in rows.clients}

    def make(self, rows: Iterable[Serves]) -> None:
        """Reads whom SLAs serve, every client first, since it stands in where a client has nothing."""
        told: dict[str, dict[str, list[Serves]]] = {}
        for row in rows:
            whose = self._whose(row)
            if whose is not None:
                client, contract = whose
                told.setdefault(client, {}).setdefault(contract, []).append(row)
        spans = {client: self._spans(client, groups) for client, groups in told.items()}
        every = spans.pop("", {})
        if every and self.document.everyone:
            self._keep("", self.document.everyone)
        elif every:
            self.everyone = self._agreements("", every)
            self._noted_before()
        for client, own in spans.items():
            if own and self._free(client):
                self._client(client, own, every)

    def _spans(self, client: str, groups: Mapping[str, list[Serves]]) -> dict[str, list[Span]]:
        """When which SLA serves a client, by contract."""
        found = {
            contract: spans_of(rows, self.since, self.today, client or EVERYONE, self.notes)
            for contract, rows in groups.items()
        }
        return {contract: spans for contract, spans in found.items() if spans}

    def _whose(self, row: Serves) -> tuple[str, str] | None:
        """The client's name in the document ("" for every one) and the contract; None where that cannot be drafted."""
        client, contract = kept(row.client), kept(row.contract)
        if row.sla not in self.plans.found:
            self.notes.say(
                "served by an SLA that is left out; if every client gets an agreement, that holds in its place.",
                row.client or EVERYONE,
            )
        elif (row.client.strip() and not client) or (row.contract.strip() and not contract):
            self.notes.say("left out: no agreement file can hold the name.", row.client or row.contract)
        elif not client:
            return "", contract
        else:
            return self._known.setdefault(fold(client), " ".join(client.split())), contract
        return None

    def _free(self, name: str) -> bool:
        """Whether a client has nothing yet that it was promised: what is promised already wins."""
        part = self.document.clients.get(name)
        if part is not None and part.agreements:
            self._keep(name, part.agreements)
            return False
        if any(not is_draft(agreement) for agreement in self.document.everyone):
            self.notes.say("it keeps what your agreement for every client promises.", name)
            return False
        return True

    def _keep(self, name: str, agreements: Iterable[str]) -> None:
        if all(is_draft(agreement) for agreement in agreements):
            self.notes.say("drafted before, and left as that is.", name or EVERYONE)
        else:
            self.notes.say("it keeps the agreement that it has with you.", name or EVERYONE)

    def _client(self, name: str, own: Mapping[str, list[Span]], every: Mapping[str, list[Span]]) -> None:
        """A client with agreements of its own is served by every client's no more, so that it gets those too."""
        spans = {
            contract: filled(own.get(contract, []), every.get(contract, []), self.since)
            for contract in dict.fromkeys([*own, *every])
        }
        part = self.document.clients.get(name)
        if part is None:
            part = ClientPart(self._zones.get(name, self.document.provider.zone))
        self.clients[name] = replace(part, agreements=self._agreements(name, spans))

    def _agreements(self, client: str, spans: Mapping[str, list[Span]]) -> Agreements:
        """One agreement for each contract and SLA, with a version for each span."""
        made: Agreements = {}
        for contract, found in spans.items():
            for sla in dict.fromkeys(span.sla for span in found):
                plan = self.plans.found[sla]
                ours = [span for span in found if span.sla == sla]
                versions = [v for span in ours if (v := self._version(plan, span, client or EVERYONE))]
                if versions:
                    under = f", contract {contract}" if contract else ""
                    name = name_of(f"{DRAFT}{self.plans.title}: {plan.name}{under}")
                    name = unique(name, made, self.plans.title)
                    made[name] = AgreementPart(tuple(versions), contract)
                    words = _words(client or EVERYONE, contract, versions, self.since)
                    self.serves.setdefault(sla, []).append(words)
        return made

    def _version(self, plan: Plan, span: Span, whose: str) -> TermsPart | None:
        since = max(span.since, plan.edition.since)
        if since > span.since:
            # The plan was drafted before, of a shorter past.
            begins = f"the plan {short(plan.name)} is there from {since} on: before that it has no terms."
            self.notes.say(begins, whose)
        if span.until is not None and span.until < since:
            return None
        coverage, holidays = self.plans.own_hours(plan, span.calendar, whose)
        if coverage:
            self.coverages.add(coverage)
        return TermsPart(since, span.until, plan.name, coverage, holidays)

    def _noted_before(self) -> None:
        """Every client's agreement serves also before the first of a client's own begins."""
        for name, part in self.document.clients.items():
            begins = [
                version.since for agreement in part.agreements.values() for version in agreement.versions
            ]
            if begins and min(begins) > self.since:
                self.notes.say(
                    "its agreement begins later: until then the drafted one for every client holds.", name
                )


def _words(client: str, contract: str, versions: list[TermsPart], since: date) -> str:
    said = [short(client)]
    if contract:
        said.append(f"contract {short(contract)}")
    if versions[0].since > since:
        said.append(f"from {versions[0].since}")
    if versions[-1].until:
        said.append(f"until {versions[-1].until}")
    return ", ".join(said)
