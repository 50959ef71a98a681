"""Engine coverages made of rows: one object for all who have the same hours and closures (clock.md 1.2)."""

from collections import defaultdict
from collections.abc import Iterable

from beforehand.engine import weekly
from beforehand.engine.coverage import Coverage
from beforehand.promises import models
from beforehand.promises.models.agreements import Holidays
from beforehand.promises.words import CLIENT_ZONE

Owner = tuple[str, int | None]
_LIBRARY = models.Closure.Origin.LIBRARY


class CoverageShelf:
    """The coverages of one provider, each built when it is first asked for and then shared."""

    def __init__(
        self,
        zone: str,
        rows: Iterable[models.Coverage],
        closures: Iterable[models.Closure],
        openings: Iterable[models.Opening],
    ) -> None:
        self.zone = zone
        self._rows = {row.pk: row for row in rows}
        self._bare = {
            pk: Coverage(self._zone(row, zone), row.hours, name=row.name) for pk, row in self._rows.items()
        }
        self._regions: dict[int | None, list[weekly.Closure]] = defaultdict(list)
        self._closures: dict[Owner, list[weekly.Closure]] = defaultdict(list)
        self._openings: dict[Owner, list[weekly.Opening]] = defaultdict(list)
        for closure in closures:
            dates = weekly.Closure(closure.first, closure.last, closure.name, closure.begins, closure.ends)
            if closure.origin == _LIBRARY and closure.client_id is not None:
                self._regions[closure.client_id].append(dates)
            else:
                self._closures[owner_of(closure)].append(dates)
        for opening in openings:
            dated = weekly.Opening(opening.date, opening.opens, opening.closes, opening.name)
            self._openings[owner_of(opening)].append(dated)
        self._asked: dict[tuple[int, str, str, int | None], Coverage] = {}
        self._shared: dict[tuple[int, Coverage], Coverage] = {}
        self._ids: dict[Coverage, int] = {}

    def coverage(
        self,
        pk: int,
        zone: str = "",
        client: int | None = None,
        holidays: str = Holidays.PROVIDER,
    ) -> Coverage:
        """The coverage of row `pk` for a client in `zone`, with the closures and openings that are theirs."""
        bare = self._bare[pk]
        if bare.is_always:
            return self._keep(pk, bare)
        zone = self._zone(self._rows[pk], zone or self.zone)
        key = (pk, zone, holidays, client if self._has_own(client) else None)
        if key not in self._asked:
            closures = self._closures_of(pk, key[3], holidays)
            openings = [
                opening
                for owner in (("provider", None), ("coverage", pk), ("client", key[3]))
                for opening in self._openings.get(owner, ())
            ]
            made = Coverage(zone, self._rows[pk].hours, closures, openings, bare.name)
            self._asked[key] = self._keep(pk, made)
        return self._asked[key]

    def id_of(self, coverage: Coverage) -> int | None:
        """The row that this coverage, or an equal one, was made from; None if it was made from none."""
        return self._ids.get(coverage)

    def _keep(self, pk: int, made: Coverage) -> Coverage:
        self._ids.setdefault(made, pk)
        return self._shared.setdefault((pk, made), made)

    def _has_own(self, client: int | None) -> bool:
        own = ("client", client)
        return client is not None and (
            client in self._regions or own in self._closures or own in self._openings
        )

    def _closures_of(self, pk: int, client: int | None, holidays: str) -> list[weekly.Closure]:
        found = [*self._closures.get(("coverage", pk), ())]
        if holidays == Holidays.PROVIDER:
            found += self._closures.get(("provider", None), ())
        if client is not None:
            found += self._closures.get(("client", client), ())
            if holidays == Holidays.CLIENT:
                found += self._regions.get(client, ())
        return found

    @staticmethod
    def _zone(row: models.Coverage, zone: str) -> str:
        return zone if row.zone == CLIENT_ZONE else row.zone


def owner_of(row: models.Closure | models.Opening) -> Owner:
    """Whose dates these are: ("client", 7), ("coverage", 3) or ("provider", None)."""
    if row.client_id is not None:
        return "client", row.client_id
    if row.coverage_id is not None:
        return "coverage", row.coverage_id
    return "provider", None
