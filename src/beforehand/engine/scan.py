"""One pass over a ticket's events: what each amounts to for every metric. See flat.py for why only integers."""

from typing import NamedTuple

from .codes import (
    ABSORBED,
    APPROVED,
    ASSIGNED,
    AUTOMATIC,
    BOARD,
    BY_CLIENT,
    BY_PERSON,
    CHANGED,
    CLIENT_FIELD,
    CLIENT_MESSAGE,
    CLOSED,
    CREATED,
    DELETED,
    EXCLUDED,
    EXPECTATION,
    F_ANY_REPLY,
    F_BY_CLIENT,
    F_CLIENT,
    F_CLOSED,
    F_CONTACT,
    F_CONTACTED,
    F_MEANINGFUL,
    F_PLANNED,
    F_REOPENED,
    F_RESOLVED,
    F_RESPONDED,
    F_TOLD,
    F_TOUCH,
    F_TRIAGED,
    F_VISIT,
    F_WORK,
    INCLUDED,
    MEANS_NOISE,
    MEANS_PLANNED,
    MEANS_RESPONDED,
    MEANS_UNMAPPED,
    MERGED,
    MESSAGE,
    NEAR_COPY,
    ORIGIN_FIELD,
    ORIGIN_UNMAPPED,
    OUT_OF_SCOPE,
    PLAN,
    PRIORITY,
    PROJECT,
    PUBLIC,
    RECURRING,
    RESOLVED,
    S_TEXTS,
    STARTS,
    STATE_BITS,
    STATUS,
    TEMPLATE,
    TOLD,
    V_DELETED,
    V_MERGED,
    VISIT,
    WAITING_ON_CLIENT,
)
from .flat import Ints, Slots
from .instants import NEVER

# What `scan` says of the whole ticket.
H_CREATED, H_START, H_BEGIN, H_OUT, H_OUT_AT, H_ORIGIN, H_HUMAN, H_EXCLUDED, H_UNMAPPED, H_LINE = range(10)
H_MERGED, H_STATUS, H_LAST_LINE, H_SPANS, H_SIZE = range(10, 15)
MIXED = -2
"""H_LINE when not one line holds throughout."""


class Rules(NamedTuple):
    """An agreement's terms as integers: which line fits, what a status means, what a metric of a line promises.

    Line l names the conditions cond_low[l] to cond_low[l + 1]: field cond_field must have the code cond_code. The
    meaning of status s on board b is meaning[b * statuses + s]. Target (line l, metric m) stands at l * 8 + m; line
    -1 (none fits) has its row at the end, so that negative indexes reach it (2.3).
    """

    lines: int
    cond_low: Ints
    cond_field: Ints
    cond_code: Ints
    statuses: int
    meaning: Ints
    kind: Ints
    amount: Ints
    coverage: Ints
    calendar: Ints
    by: Ints
    cut_off: Ints
    stops: Ints
    later: Ints
    pauses: Ints
    wait_ends: int
    retarget: int
    closed_time: int
    restart_after: int
    merge_start: int
    first_touch: int
    approval: int


def pick(s: Rules, fields: Ints) -> int:
    """The first line, in winning order, that fits the fields; -1 for none (2.2, 2.3)."""
    for line in range(s.lines):
        fits = True
        for k in range(s.cond_low[line], s.cond_low[line + 1]):
            if fields[s.cond_field[k]] != s.cond_code[k]:
                fits = False
                break
        if fits:
            return line
    return -1


def status_facts(before: int, after: int, flags: int) -> int:
    """What a change of status amounts to (3.2, 3.6, 3.7)."""
    facts = 0
    done = before & STATE_BITS >= RESOLVED
    state = after & STATE_BITS
    if state == RESOLVED and not done:
        facts |= F_RESOLVED
    elif state == CLOSED and not done:
        facts |= F_CLOSED
    elif state < RESOLVED:
        if done:
            facts |= F_REOPENED
        elif flags & BY_PERSON:
            facts |= F_WORK
    if after & MEANS_RESPONDED:
        facts |= F_RESPONDED
    if after & MEANS_PLANNED:
        facts |= F_PLANNED
    return facts


def message_facts(flags: int) -> int:
    """What a message of the provider amounts to (3.4): only a person can make contact, and nothing automatic."""
    facts = 0
    if flags & PUBLIC:
        facts = F_ANY_REPLY
        if flags & BY_PERSON and not flags & AUTOMATIC:
            facts |= F_CONTACT
    if flags & BY_PERSON:
        facts |= F_WORK
        if flags & VISIT:
            facts |= F_VISIT
    return facts


def scan(
    s: Rules, source: int, n: int, at: Ints, kind: Ints, flags: Ints, code: Ints,
    fields: Slots, state: Slots, facts: Slots, line: Slots, head: Slots,
) -> None:  # fmt: skip
    """Fill state, facts and line for events 0 to n, and `head` for the ticket. `fields` is scratch of 7 slots."""
    for k in range(7):
        fields[k] = 0
    head[H_CREATED] = head[H_START] = head[H_BEGIN] = NEVER
    head[H_OUT], head[H_OUT_AT] = 0, n
    head[H_ORIGIN] = head[H_HUMAN] = head[H_EXCLUDED] = head[H_UNMAPPED] = head[H_SPANS] = head[H_MERGED] = 0
    contact = since = planned = NEVER
    meaning = status = born = waits = known = triaged = talk = noise_origin = 0
    owner = meant = tri_done = 0
    scope_at, pending = -1, 0
    current, dirty, first = -1, 1, 1
    head[H_LINE] = -1
    for i in range(n):
        what, flag, value = kind[i], flags[i], code[i]
        fact = F_BY_CLIENT if flag & BY_CLIENT else 0
        if flag & BY_PERSON and what != CREATED:
            head[H_HUMAN] = 1
            fact |= F_TOUCH
        if what == CREATED:
            born = 1
            head[H_CREATED] = at[i]
        elif what == CHANGED:
            name, new = value & 15, value >> 4
            if flag & BY_PERSON:
                fact |= F_WORK
                if name == CLIENT_FIELD:
                    triaged |= 1
                elif name == PRIORITY:
                    triaged |= 2
                elif name == BOARD:
                    triaged |= 4
            if name < 7:
                if fields[name] != new:
                    fields[name] = new
                    dirty = 1
            elif name == ORIGIN_FIELD:
                head[H_ORIGIN] = new & 7
                noise_origin = new & 7
                if new == ORIGIN_UNMAPPED:
                    head[H_ORIGIN] = noise_origin = 0
                    head[H_UNMAPPED] |= 2
        elif what == ASSIGNED:
            owner = value
            if flag & BY_PERSON:
                fact |= F_WORK
                if value:
                    triaged |= 4
        elif what == CLIENT_MESSAGE:
            fact |= F_CLIENT
            if not born and at[i] < contact:
                contact = at[i]
            if waits and s.wait_ends:
                waits = 0
        elif what == STATUS:
            new = s.meaning[fields[BOARD] * s.statuses + value]
            fact |= status_facts(meaning, new, flag)
            if value != status or value == 0 or new != meaning:
                waits = 1 if new & STATE_BITS == WAITING_ON_CLIENT else 0
            meaning, status = new, value
            if new & MEANS_UNMAPPED:
                head[H_UNMAPPED] |= 1
        elif what == MESSAGE:
            fact |= message_facts(flag)
            if fact & F_CONTACT:
                known = F_CONTACTED
                if not flag & (TEMPLATE | NEAR_COPY) or not source & S_TEXTS:
                    talk |= 1
                if flag & EXPECTATION or not source & S_TEXTS:
                    talk |= 2
        elif what == PLAN:
            fact |= F_PLANNED | (F_WORK if flag & BY_PERSON else 0)
            talk |= 2
        elif what == TOLD:
            fact |= F_TOLD
        elif what == MERGED or what == DELETED:
            if head[H_OUT] == 0:
                head[H_OUT], head[H_OUT_AT] = (V_MERGED if what == MERGED else V_DELETED), i
        elif what == ABSORBED:
            since = min(since, value)
        elif what == STARTS:
            planned = value
        elif what == EXCLUDED:
            head[H_EXCLUDED] = 1 if s.approval else 2
        elif what == APPROVED:
            head[H_EXCLUDED] = 2 if head[H_EXCLUDED] else 0
        elif what == INCLUDED:
            head[H_EXCLUDED] = 0

        if noise_origin >= PROJECT or meaning & MEANS_NOISE:
            if scope_at < 0:
                scope_at = i
        else:
            scope_at = -1
        if talk == 3 and owner and not meant:
            meant = 1
            fact |= F_MEANINGFUL
        if triaged == 7 and not tri_done:
            tri_done = 1
            fact |= F_TRIAGED
        facts[i] = fact | known
        shown = meaning & STATE_BITS
        state[i] = 0 if shown == WAITING_ON_CLIENT and not waits else shown

        # A line is chosen once for all that changed at one instant, before anything at it can act.
        acts = what == STATUS or what == MESSAGE or what == PLAN or what == TOLD
        if acts or i + 1 == n or at[i + 1] != at[i]:
            if born and dirty:
                chosen = pick(s, fields)
                head[H_LINE] = chosen if first or chosen == head[H_LINE] else MIXED
                current, dirty, first = chosen, 0, 0
            for k in range(pending, i + 1):
                line[k] = current
            pending = i + 1
    head[H_STATUS], head[H_LAST_LINE] = meaning, current
    settle(s, at, head, contact, since, planned, scope_at)


def settle(s: Rules, at: Ints, head: Slots, contact: int, since: int, planned: int, scope_at: int) -> None:
    """Where the clocks start (3.1, 2.6, 3.9) and from which event on the ticket is out of scope."""
    start = min(contact, head[H_CREATED])
    if head[H_ORIGIN] == RECURRING and planned != NEVER:
        start = planned
    if s.merge_start and since < start:
        start = since
        head[H_MERGED] = 1
    head[H_START] = start
    head[H_BEGIN] = min(start, head[H_CREATED])
    if scope_at >= 0 and (head[H_OUT] == 0 or scope_at < head[H_OUT_AT]):
        head[H_OUT], head[H_OUT_AT] = OUT_OF_SCOPE, scope_at
