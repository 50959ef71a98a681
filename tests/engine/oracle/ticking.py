"""One metric's clocks, held while time passes step by step (clock.md chapters 3 to 5). In microseconds."""

from copy import deepcopy

from .clocks import Clock, TooFar, need
from .counting import MICRO, Counted
from .given import Row, Told
from .promised import ENDS, Promised
from .story import Story


class Ticker:
    """Steps through time for one metric."""

    def __init__(
        self, story: Story, told: Told, promised: Promised, as_of: int, percents: tuple[int, ...]
    ) -> None:
        self.story, self.told, self.promised, self.deal = story, told, promised, promised.deal
        self.as_of, self.percents, self.metric = as_of, percents, promised.metric
        self.covers = covers = promised.covers
        self.step = covers["always"].step * MICRO
        self.rows, self.gone = promised.bridged(story.rows)
        self.ended: list[Clock] = []
        self.paused = self.stopped = self.over = False
        self.asked = self.thanks = self.worked = self.fresh = False
        self.since = ""
        self.saved: Clock | None = None

    # Beginning and passing time

    def run(self) -> list[Clock]:
        story, stopping = self.story, self.promised.stopping(self.story, self.told)
        outside = story.out_at is not None and story.events[story.out_at].at <= max(
            story.start, story.created
        )
        if not self.rows or stopping is None or outside:
            return []
        self.row, self.stopping = self.rows[0], stopping
        self.clock = self._begin(1, self.row, story.start)
        if story.merged_start:
            self.clock.marks.add("start of a merged ticket")
        if stopping == "":
            self.clock.verdict = "cannot be judged"
            self.over = True
        elif self.promised.beside and story.origin == "client-live":
            self._stop(story.start, None, {"met by live contact"})
        self._pass_time()
        return [
            *(self._finished(clock, True) for clock in self.ended),
            self._finished(self.clock, self.stopped or self.over),
        ]

    def _begin(self, number: int, row: Row, start: int) -> Clock:
        promised = self.promised
        return Clock(self.metric, number, start, promised.target(row, start), promised.cover(row), row)

    def _pass_time(self) -> None:
        """Events before the start have their effect at it."""
        waiting = [(max(event.at, self.story.start), n) for n, event in enumerate(self.story.events)]
        if self.story.begin <= self.as_of:
            for now in range(self.story.begin, self.as_of + 1, self.step):
                while waiting and waiting[0][0] <= now:
                    at, n = waiting.pop(0)
                    self._happens(n, at)
                if now < self.as_of:
                    self._tick(now)
        for at, n in waiting:
            self._happens(n, at)

    def _tick(self, now: int) -> None:
        for clock in self.ended:
            clock.labels.append("stopped")
        cover = self.covers[self.clock.cover]
        if now < self.story.start:
            self.clock.labels.append("not yet started")
        elif self.over and not self.stopped:
            self.clock.labels.append("ended")
        elif self.stopped:
            self.clock.labels.append("stopped")
        elif self.paused:
            self.clock.labels.append(f"waiting since {self.since}")
        else:
            self.clock.labels.append(self._count(cover, now))

    def _count(self, cover: Counted, now: int) -> str:
        n = (now // MICRO - cover.first) // cover.step
        if not cover.open[n]:
            return "holiday" if cover.holiday[n] else "off hours"
        clock, before = self.clock, self.clock.used
        clock.used += self.step
        for percent in self.percents:
            wanted = need(clock, percent)
            if percent not in clock.reached and wanted <= clock.used:
                clock.reached[percent] = now + max(wanted - before, 0)
        if clock.breached_at is None and clock.used > clock.target:
            clock.breached_at = now + max(clock.target - before, 0)
        return "counted"

    # Events

    def _happens(self, n: int, now: int) -> None:
        if self.over:
            return
        if n in (self.story.out_at, self.gone) and self._ends(n, now):
            return
        moment, row = self.story.moments[n], self.rows[n]
        if self.stopped:
            self.asked |= "by client" in moment.facts
            if "reopened" in moment.facts and self.metric in ("resolution", "update"):
                self._reopen(n, now)
        else:
            self.worked |= "work" in moment.facts
            if row != self.row:
                self._change(row, n, now)
            if moment.facts & (self.promised.later | {self.stopping}):
                self._stop_by(n, now)
        pausing = moment.state in self.promised.pausing and (not self.promised.beside or moment.contacted)
        self.since = self.story.events[n].id if pausing and not self.paused else self.since
        self.paused = pausing

    def _ends(self, n: int, now: int) -> bool:
        """Rules 3.9 and 4.1: the clock ends without a verdict, unless it is breached and only its line is gone."""
        if n != self.story.out_at and not self.stopped and self.clock.breached_at is not None:
            return False
        self.over = True
        if not self.stopped:
            self.clock.stop = now
            self.clock.verdict = self.story.out if n == self.story.out_at else "no line fits"
        return True

    def _stop_by(self, n: int, now: int) -> None:
        facts, clock = self.story.moments[n].facts, self.clock
        if self.metric == "update" and not facts & ENDS:
            self._stop(now, n, set())
            self._renew(clock.number + 1, self.row, now)
            self.thanks = self.fresh = self.stopped = False
        elif self.thanks and not self.worked:
            self._take_back(now)
        else:
            self._stop(now, n, self._how(n))
            if self.metric == "onsite" and "visit" not in facts and clock.verdict == "met":
                clock.verdict = "resolved without a visit"
            self.thanks = False

    def _how(self, n: int) -> set[str]:
        event, facts = self.story.events[n], self.story.moments[n].facts
        marks = {"logged after the work"} if event.at < min(self.story.start, self.story.created) else set()
        if self.stopping in facts:
            return marks | ({"as told"} if self.stopping == "told" else set())
        if self.metric in ("resolution", "update"):
            return marks
        return marks | {"by the plan" if "planned" in facts & self.promised.later else "by resolution"}

    def _stop(self, now: int, n: int | None, marks: set[str]) -> None:
        """Rule 1.5."""
        clock, over = self.clock, self.clock.used - self.clock.target
        forgivable = (
            clock.breached_at is not None
            and not clock.settled
            and "breached by the change" not in clock.marks
        )
        if forgivable and over < self.told.precision:
            clock.breached_at = None
            marks = marks | {"within the precision"}
        if over == 0:
            marks = marks | {"at the limit"}
        clock.verdict = "met" if clock.breached_at is None else "breached"
        clock.marks |= marks
        clock.stop, clock.stop_event = now, n
        clock.first_stop = now if clock.first_stop is None else clock.first_stop
        clock.stops += 1
        self.stopped = True

    def _renew(self, number: int, row: Row, now: int) -> None:
        """The clock is done, another one begins."""
        self.ended.append(self.clock)
        self.clock = self._begin(number, row, now)
        self.clock.labels = ["set aside by a restart"] * ((now - self.story.begin) // self.step)

    def _reopen(self, n: int, now: int) -> None:
        """Rule 3.7."""
        clock, row = self.clock, self.rows[n]
        assert clock.stop is not None
        self.thanks, self.asked, self.worked, self.stopped = self.asked, False, False, False
        self.saved = deepcopy(clock)
        restart = self.deal.restart_after
        self.fresh = self.metric == "update" or (restart is not None and now - clock.stop > restart)
        if self.fresh:
            self._renew(clock.number + 1, row, now)
            self.clock.marks.add("restarted")
            self.row = row
            return
        closed = (now - clock.stop) // self.step
        clock.labels = clock.labels[: len(clock.labels) - closed]
        clock.settled = clock.breached_at is not None
        breach, at, clock.stop, clock.verdict = clock.breached_at, clock.stop, None, "none"
        clock.marks.add("reopened")
        clock.cycle += 1
        for passing in range(at, now, self.step):
            counts = self.deal.closed_time_counts
            clock.labels.append(
                self._count(self.covers[clock.cover], passing) if counts else "closed before a reopening"
            )
        clock.breached_at = breach
        if row != self.row:
            self._change(row, n, now)
        if clock.breached_at is None and clock.used > clock.target:
            clock.breached_at = now
            if self.deal.closed_time_counts:
                clock.marks.add("breached by the change")

    def _take_back(self, now: int) -> None:
        """Rule 3.7: the reopening came to nothing, and the first verdict stands."""
        if self.fresh:
            self.clock = self.ended.pop()
        else:
            assert self.saved is not None
            steps = len(self.clock.labels) - len(self.saved.labels)
            self.clock = self.saved
            self.clock.labels += ["stopped"] * steps
        self.clock.marks.add("reopened without work")
        self.stopped, self.thanks = True, False

    def _change(self, row: Row, n: int, now: int) -> None:
        clock = self.clock
        self.row = row
        if self.deal.retarget == "keep-first":
            return
        if clock.breached_at is not None:
            target = self.promised.target(row, clock.start)
            clock.later = target if target != clock.target else None
        else:
            old, target = clock.target, self._new_target(row, now)
            if target >= old and clock.used * 4 >= old * 3 and clock.finding is None:
                clock.finding = n
                clock.marks.add("changed in the last quarter")
            clock.row, clock.target = row, target
            self._cross_again(now)
            if clock.used > target:
                clock.breached_at = now
                clock.marks.add("breached by the change")
        clock.cover = self.promised.cover(row)

    def _new_target(self, row: Row, now: int) -> int:
        clock = self.clock
        if self.deal.retarget != "from-change":
            return self.promised.target(row, clock.start)
        old, new = self.covers[clock.cover], self.covers[self.promised.cover(row)]
        due = old.add(now, clock.target - clock.used)
        fresh = self.promised.target(row, now)
        if due is None:
            raise TooFar
        return max(min(clock.used + fresh, clock.used + new.between(now, due)), 1)

    def _cross_again(self, now: int) -> None:
        """Rule 5.2: a threshold that the percent fell below can be reached again, in a new cycle."""
        clock = self.clock
        fallen = [percent for percent in clock.reached if need(clock, percent) > clock.used]
        for percent in fallen:
            del clock.reached[percent]
        clock.cycle += bool(fallen)
        for percent in self.percents:
            if need(clock, percent) <= clock.used:
                clock.reached.setdefault(percent, now)

    # What it comes to (5.1, 5.2)

    def _finished(self, clock: Clock, done: bool) -> Clock:
        cover = self.covers[clock.cover]
        if done:
            clock.run = "stopped"
        elif self.as_of < self.story.start:
            clock.run = "not started"
        elif self.paused:
            clock.run = "paused"
        else:
            clock.run = "running" if cover.is_open(self.as_of) else "off hours"
        if clock.breached_at is not None:
            clock.verdict = "breached"
        clock.deadline = self._deadline(clock, cover)
        for percent in self.percents:
            ahead = clock.run in ("running", "off hours", "not started")
            at = max(self.as_of, clock.start)
            coming = (
                cover.add(at, need(clock, percent) - clock.used)
                if percent not in clock.reached and ahead
                else None
            )
            clock.thresholds[percent] = clock.reached.get(percent, coming)
        return clock

    def _deadline(self, clock: Clock, cover: Counted) -> int | None:
        if clock.used >= clock.target:
            return None if clock.run == "paused" and clock.breached_at is None else clock.reached[100]
        if clock.run == "paused" or clock.verdict not in ("none", "met", "breached"):
            return None
        since = clock.stop if clock.run == "stopped" else max(self.as_of, clock.start)
        assert since is not None
        return cover.add(since, clock.target - clock.used)
