"""Writing a document into the database: rows that stay the same keep their keys, for tickets hold on to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from beforehand.engine.codes import FIELDS
from beforehand.kernel.names import fold
from beforehand.people.models import Provider
from beforehand.promises import models
from beforehand.promises.file.document import (
    BUILT_IN,
    AgreementPart,
    Document,
    LinePart,
    TermsPart,
)
from beforehand.promises.file.from_rows import lines_of
from beforehand.promises.file.hours import ALWAYS
from beforehand.promises.file.notation import AT_CLOSE, Promise, Time
from beforehand.promises.rows import Rows

_KIND = models.ClientKey.Kind


def matched_clients(document: Document, rows: Rows) -> dict[str, models.Client]:
    """The row of each client of the document that has one: by name, else by a key or alias (it was renamed)."""
    by_pk = {row.pk: row for row in rows.clients}
    known = {key.folded: by_pk[key.client_id] for keys in rows.keys.values() for key in keys}
    names = {fold(name) for name in document.clients}
    found: dict[str, models.Client] = {}
    for name in document.clients:
        row = known.get(fold(name))
        if row is not None:
            found[name] = row
    taken = {row.pk for row in found.values()}
    for name, part in document.clients.items():
        for word in (*part.keys, *part.aliases) if name not in found else ():
            row = known.get(fold(word))
            if row is not None and row.pk not in taken and fold(row.name) not in names:
                found[name] = row
                taken.add(row.pk)
                break
    return found


class Writer:
    """Brings the rows of one provider to what a document says, within the caller's transaction."""

    def __init__(self, provider: Provider, document: Document, rows: Rows) -> None:
        self.provider, self.document, self.rows = provider, document, rows
        self.coverages = {row.name: row for row in rows.coverages}
        self.plans = {row.name: row for row in rows.plans}
        self.clients = matched_clients(document, rows)

    def write(self) -> None:
        """All of it; what the document no longer names goes last, when nothing refers to it."""
        self.provider.zone = self.document.provider.zone
        self.provider.save(update_fields=["zone"])
        self._write_coverages()
        self._write_plans()
        self._write_clients()
        self._write_agreements(None, self.document.everyone)
        for name, part in self.document.clients.items():
            self._write_agreements(self.clients[name], part.agreements)
        self._forget()

    def _forget(self) -> None:
        gone = {row.pk for row in self.rows.clients} - {row.pk for row in self.clients.values()}
        for client in gone:
            for row in self.rows.agreements.get(client, []):
                self._drop_agreement(row)
        for name in self.plans.keys() - self.document.plans.keys():
            self.plans[name].delete()
        for name in self.coverages.keys() - self.document.coverages.keys() - {BUILT_IN}:
            self.coverages[name].delete()

    def _make(self, model: type[Any], **values: Any) -> Any:
        return model.objects.create(provider=self.provider, **values)

    def _write_coverages(self) -> None:
        if BUILT_IN not in self.coverages:
            row = self._make(models.Coverage, name=BUILT_IN, zone="UTC", hours=ALWAYS, built_in=True)
            self.coverages[BUILT_IN] = row
        for name, part in self.document.coverages.items():
            row = self.coverages.get(name)
            if row is None:
                self.coverages[name] = self._make(
                    models.Coverage, name=name, zone=part.zone, hours=part.hours
                )
            elif (row.zone, row.hours) != (part.zone, part.hours):
                row.zone, row.hours = part.zone, part.hours
                row.save()

    def _write_plans(self) -> None:
        for name, editions in self.document.plans.items():
            if name not in self.plans:
                self.plans[name] = self._make(models.Plan, name=name)
            plan = self.plans[name]
            stored = self.rows.editions.get(plan.pk, [])
            self._write_terms(models.Edition, {"plan": plan}, stored, editions, self.rows.edition_lines)

    def _write_clients(self) -> None:
        listed = {row.pk for row in self.clients.values()}
        gone = [row for row in self.rows.clients if row.listed and row.pk not in listed]
        # Clients stay, since tickets are theirs; those no longer listed keep their name alone.
        left = models.Client.objects.filter(pk__in=[row.pk for row in gone])
        left.update(listed=False, contact_name="", contact_email="")
        models.ClientKey.objects.filter(client__in=gone).exclude(kind=_KIND.NAME).delete()
        changed = {}
        for name, part in self.document.clients.items():
            row = self.clients.get(name)
            if row is None:
                row = self.clients[name] = models.Client(provider=self.provider, name=name, zone=part.zone)
                changed[name] = row
            said = (name, part.zone, True, *part.contact)
            if said != (row.name, row.zone, row.listed, row.contact_name, row.contact_email):
                row.name, row.zone, row.listed, row.contact_name, row.contact_email = said
                changed[name] = row
        made = [row for row in changed.values() if row.pk is None]
        models.Client.objects.bulk_create(made)
        models.Client.objects.bulk_update(
            [row for row in changed.values() if row not in made],
            ["name", "zone", "listed", "contact_name", "contact_email"],
        )
        self._write_keys()

    def _write_keys(self) -> None:
        wanted: list[models.ClientKey] = []
        stale: list[int] = []
        for name, part in self.document.clients.items():
            row = self.clients[name]
            words = [
                (_KIND.NAME, name),
                *((_KIND.KEY, k) for k in part.keys),
                *((_KIND.ALIAS, a) for a in part.aliases),
            ]
            if words != [(k.kind, k.text) for k in self.rows.keys.get(row.pk, [])]:
                stale.append(row.pk)
                wanted += [
                    models.ClientKey(
                        provider=self.provider,
                        client=row,
                        kind=kind,
                        text=text,
                        folded=fold(text),
                        position=n,
                    )
                    for n, (kind, text) in enumerate(words)
                ]
        ours = models.ClientKey.objects.filter(provider=self.provider)
        ours.filter(client__in=stale).delete()
        # A word that meant a client no longer listed may now mean one that is.
        ours.filter(client__listed=False, folded__in=[key.folded for key in wanted]).delete()
        models.ClientKey.objects.bulk_create(wanted)

    def _write_agreements(
        self, client: models.Client | None, agreements: Mapping[str, AgreementPart]
    ) -> None:
        stored = {row.name: row for row in self.rows.agreements.get(client.pk if client else None, [])}
        for name, part in agreements.items():
            row = stored.get(name)
            if row is None:
                row = self._make(models.Agreement, client=client, name=name, contract=part.contract)
            elif row.contract != part.contract:
                row.contract = part.contract
                row.save()
            versions = self.rows.versions.get(row.pk, [])
            self._write_terms(
                models.Version, {"agreement": row}, versions, part.versions, self.rows.version_lines
            )
        for name in stored.keys() - agreements.keys():
            self._drop_agreement(stored[name])

    def _drop_agreement(self, row: models.Agreement) -> None:
        models.Version.objects.filter(agreement=row).delete()
        row.delete()

    def _write_terms(
        self,
        model: type[Any],
        owner: dict[str, Any],
        stored: Sequence[Any],
        wanted: Sequence[TermsPart],
        lines: Mapping[int | None, list[models.Line]],
    ) -> None:
        """Editions or versions: matched by their first day, then in order, so that a corrected date keeps its row."""
        by_day = {row.since: row for row in stored}
        rest = [row for row in stored if row.since not in {part.since for part in wanted}]
        matched = [by_day.get(part.since) for part in wanted]
        for number, row in enumerate(matched):
            if row is None and rest:
                matched[number] = rest.pop(0)
        model.objects.filter(pk__in=[row.pk for row in rest]).delete()
        for part, row in zip(wanted, matched, strict=True):
            values = self._values(part, model)
            if row is None:
                row = self._make(model, **owner, **values)
                self._write_lines(row, part.lines)
                continue
            if any(getattr(row, name) != value for name, value in values.items()):
                model.objects.filter(pk=row.pk).update(**values)
            if self._lines_differ(part.lines, lines.get(row.pk, [])):
                row.lines.all().delete()
                self._write_lines(row, part.lines)

    def _values(self, part: TermsPart, model: type[Any]) -> dict[str, Any]:
        values: dict[str, Any] = {
            "since": part.since,
            "coverage_id": self._coverage(part.coverage),
            "holidays": part.holidays,
            "settings": dict(part.settings),
        }
        if model is models.Version:
            values["until"] = part.until
            values["plan_id"] = self.plans[part.plan].pk if part.plan else None
        return values

    def _coverage(self, name: str) -> int | None:
        return self.coverages[name].pk if name else None

    def _lines_differ(self, wanted: tuple[LinePart, ...], stored: list[models.Line]) -> bool:
        return wanted != lines_of(stored, self.rows, {row.pk: name for name, row in self.coverages.items()})

    def _write_lines(self, owner: models.Edition | models.Version, lines: tuple[LinePart, ...]) -> None:
        name = "edition" if isinstance(owner, models.Edition) else "version"
        rows = [
            models.Line(
                provider=self.provider,
                position=number,
                name=line.name,
                coverage_id=self._coverage(line.coverage),
                **{name: owner},
                **{field: line.match.get(field, "") for field in FIELDS},
            )
            for number, line in enumerate(lines)
        ]
        models.Line.objects.bulk_create(rows)
        models.Target.objects.bulk_create(
            [
                models.Target(provider=self.provider, line=row, metric=metric, **self._promise(promise))
                for row, line in zip(rows, lines, strict=True)
                for metric, promise in line.targets.items()
            ]
        )

    def _promise(self, promise: Promise) -> dict[str, Any]:
        if isinstance(promise, Time):
            return promise._asdict()
        at_close = promise.cut_off == AT_CLOSE
        return {
            "days": promise.days,
            "by": promise.by,
            "cut_off": None if at_close else promise.cut_off,
            "cuts_at_close": at_close,
            "calendar_id": self._coverage(promise.calendar),
        }
