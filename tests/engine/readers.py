"""Other ways to a ticket's readings than clock.read, in its shape."""

from collections.abc import Sequence

from beforehand.engine.clock import Readings, compile_terms, read
from beforehand.engine.columns import encode, read_columns
from beforehand.engine.coverage import Coverage
from beforehand.engine.history import History
from beforehand.engine.terms import Terms


def read_by_columns(
    history: History,
    terms: Terms,
    coverage: Coverage,
    as_of: int | None = None,
    *,
    thresholds: Sequence[int] = (),
    spans: bool = False,
) -> Readings:
    """A ticket read as a batch of one. Columns give no spans: those asked for are clock.read's."""
    compiled = compile_terms(terms, coverage)
    batch = read_columns(encode([history], compiled), compiled, as_of, thresholds)
    readings = batch.readings(0, history)
    if not spans:
        return readings
    told = [r.spans for r in read(history, terms, coverage, as_of, thresholds=thresholds, spans=True)]
    items = [reading._replace(spans=s) for reading, s in zip(readings, told, strict=True)]
    head, _ = next(batch.tickets())
    return Readings(tuple(items), readings.as_of, head)
