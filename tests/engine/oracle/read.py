"""All clocks of a ticket, and what the ticket's end makes of their verdicts (clock.md 3.9, 2.6)."""

from collections.abc import Mapping

from .clocks import Clock
from .counting import Counted
from .given import Deal, Told
from .promised import Promised
from .story import Story
from .ticking import Ticker

METRICS = ("response", "plan", "resolution", "update", "onsite", "triage", "meaningful", "first-reply")


def read(
    story: Story,
    deal: Deal,
    told: Told,
    covers: Mapping[str, Counted],
    own: str,
    as_of: int,
    percents: tuple[int, ...],
) -> list[Clock]:
    """Every clock of a ticket as of an instant; `own` names the agreement's coverage."""
    if not story.born:
        return []
    tickers = [
        Ticker(story, told, Promised(metric, deal, covers, own), as_of, percents) for metric in METRICS
    ]
    clocks = [clock for ticker in tickers for clock in ticker.run()]
    for clock in clocks:
        cleared = story.origin == "machine" and not story.human and clock.verdict == "met"
        if clock.breached_at is None and (story.out or cleared):
            clock.verdict = story.out or "cleared by itself"
        if story.uncertain:
            clock.marks.add("uncertain time counted against us")
    return clocks
