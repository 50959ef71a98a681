"""Counts messages as they come to their end, for a counter that begins with the process: no scrape reads them all."""

import threading
from collections import Counter

from django.db.models import Max

from beforehand.alerts.models import Channel, Delivery

_OPEN = frozenset({Delivery.State.WAITING.value, Delivery.State.SENDING.value})
OVERLAP = 500
"""So many ids are looked at again: a transaction may end after one that has a later id."""
AT_ONCE = 400


class Told:
    """How many came to their end since this was first asked, by state and channel; a provider's own by its kind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mark: int | None = None
        self._known: set[int] = set()
        self._open: set[int] = set()
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self) -> Counter[tuple[str, str]]:
        """The counts as they are by now; none ever falls."""
        with self._lock:
            if self._mark is None:
                self._begin()
            else:
                self._go_on(self._mark)
            return Counter(self._counts)

    def _begin(self) -> None:
        self._mark = Delivery.objects.aggregate(last=Max("pk"))["last"] or 0
        self._known = set(Delivery.objects.filter(pk__gt=self._mark - OVERLAP).values_list("pk", flat=True))
        # By their own index: what has come to its end is not in it.
        self._open = set(Delivery.objects.filter(state__in=_OPEN).values_list("pk", flat=True))

    def _go_on(self, mark: int) -> None:
        fields = ("pk", "state", "mailbox__channel")
        rows = [
            row
            for row in Delivery.objects.filter(pk__gt=mark - OVERLAP).values_list(*fields)
            if row[0] not in self._known
        ]
        still = sorted(self._open)
        for start in range(0, len(still), AT_ONCE):
            rows += Delivery.objects.filter(pk__in=still[start : start + AT_ONCE]).exclude(
                state__in=_OPEN
            ).values_list(*fields)  # fmt: skip
        kinds = {f"channel:{pk}": kind for pk, kind in Channel.objects.values_list("pk", "kind")}
        for pk, state, channel in rows:
            self._known.add(pk)
            if state in _OPEN:
                self._open.add(pk)
                continue
            self._open.discard(pk)
            name = channel or "none"
            self._counts[state, kinds.get(name, "gone") if name.startswith("channel:") else name] += 1
        self._mark = max([mark, *(pk for pk, _, _ in rows)])
        self._known = {pk for pk in self._known if pk > self._mark - OVERLAP}
