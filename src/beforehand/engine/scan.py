"""One pass over a ticket's events: what each amounts to for every metric. See flat.py for why only integers."""

from .codes import (
    ABSORBED,
    APPROVED,
    ASSIGNED,
    AUTOMATIC,
    BOARD,
    BY_PERSON,
    CHANGED,
    CLIENT_FIELD,
    CLIENT_MESSAGE,
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
    F_STATE,
    F_TOLD,
    F_TOUCH,
    F_TRIAGED,
    F_VISIT,
    F_WHO,
    F_WORK,
    INCLUDED,
    MACHINE,
    MEANS_NOISE,
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
    WHO,
)
from .flat import Ints, Rules, Slots
from .instants import NEVER

# What `scan` says of the whole ticket: instants, from which event on it is out and why, how it stands at the end.
H_CREATED, H_START, H_BEGIN, H_OUT, H_OUT_AT, H_ORIGIN, H_HUMAN, H_EXCLUDED, H_UNMAPPED, H_LINE = range(10)
H_MERGED, H_STATUS, H_LAST_LINE, H_SINCE, H_PLANNED, H_REOPENED, H_CONTACTS, H_GONE, H_SIZE = range(10, 19)
STATES_SHOWN = F_STATE * 127
MIXED = -2
"""H_LINE when not one line holds throughout."""


def pick(s: Rules, fields: Ints) -> int:
    """The first line, in winning order, that fits the fields; -1 for none (2.2, 2.3)."""
    low, field, code = s.cond_low, s.cond_field, s.cond_code
    for line in range(s.lines):
        fits = True
        for k in range(low[line], low[line + 1]):
            if fields[field[k]] != code[k]:
                fits = False
                break
        if fits:
            return line
    return -1


def status_facts(before: int, after: int, flags: int) -> int:
    """What a change of status amounts to, by their meanings (3.2, 3.6, 3.7)."""
    facts = after & (F_RESPONDED | F_PLANNED)
    if after & STATE_BITS < RESOLVED:
        if before & STATE_BITS >= RESOLVED:
            facts |= F_REOPENED
        elif flags & BY_PERSON:
            facts |= F_WORK
    elif before & STATE_BITS < RESOLVED:
        facts |= F_RESOLVED if after & STATE_BITS == RESOLVED else F_CLOSED
    return facts


def message_facts(flags: int) -> int:
    """What a message of the provider amounts to (3.4): only a person can make contact, and nothing automatic.

    A visit reaches the client, whether or not its note is public.
    """
    facts = 0
    if flags & PUBLIC or (flags & VISIT and flags & BY_PERSON):
        facts = F_ANY_REPLY
        if flags & BY_PERSON and not flags & AUTOMATIC:
            facts |= F_CONTACT
    if flags & BY_PERSON:
        facts |= F_WORK
        if flags & VISIT:
            facts |= F_VISIT
    return facts


def talk_of(source: int, flags: int) -> int:
    """What a contact adds to "meaningful" (3.5): 1 in words of its own, 2 with an expectation."""
    if not source & S_TEXTS:
        return 3
    return (0 if flags & (TEMPLATE | NEAR_COPY) else 1) + (2 if flags & EXPECTATION else 0)


def triage_of(name: int) -> int:
    """Which of the three that make up triage (2.4) a field is that a person set: 1 client, 2 priority, 4 queue."""
    return 1 if name == CLIENT_FIELD else 2 if name == PRIORITY else 4 if name == BOARD else 0


def acts(what: int) -> bool:
    """Whether a kind of event can stop a clock, so that the line must be known before it."""
    return what == STATUS or what == MESSAGE or what == PLAN or what == TOLD


def outside(s: Rules, head: Slots, what: int, value: int, i: int) -> None:
    """The events that say how the ticket stands to others, to its plan and to the figures (3.9, 2.6, 3.10)."""
    if what == MERGED or what == DELETED:
        if head[H_OUT] == 0:
            head[H_OUT], head[H_OUT_AT] = (V_MERGED if what == MERGED else V_DELETED), i
    elif what == ABSORBED:
        head[H_SINCE] = min(head[H_SINCE], value)
    elif what == STARTS:
        head[H_PLANNED] = value
    elif what == EXCLUDED:
        head[H_EXCLUDED] = 1 if s.approval else 2
    elif what == APPROVED:
        head[H_EXCLUDED] = 2 if head[H_EXCLUDED] else 0
    elif what == INCLUDED:
        head[H_EXCLUDED] = 0


def scan(  # noqa: C901
    s: Rules, source: int, n: int, at: Ints, kind: Ints, flags: Ints, code: Ints,
    fields: Slots, facts: Slots, line: Slots, head: Slots,
) -> None:  # fmt: skip
    """Fill facts for events 0 to n, and `head` for the ticket.

    `fields` (7 slots, scratch) and `head` come as zeros.
    `line` gets the line after each event where not one holds throughout (H_LINE is MIXED).
    """
    head[H_CREATED] = contact = head[H_SINCE] = head[H_PLANNED] = NEVER
    head[H_OUT_AT] = head[H_GONE] = n
    head[H_LINE] = -1
    meaning = shown = F_STATE
    status = born = known = triaged = talk = foreign = filled = 0
    current, dirty, scope_at = -1, 1, -1
    for i in range(n):
        what, flag, value = kind[i], flags[i], code[i]
        fact = (flag & WHO) << F_WHO
        if what == STATUS:
            new = s.meaning[fields[BOARD] * s.statuses + value]
            fact |= status_facts(meaning, new, flag)
            if new != meaning or value != status or value == 0:
                meaning, status, shown = new, value, new & STATES_SHOWN
                scope_at = (i if scope_at < 0 else scope_at) if new & MEANS_NOISE | foreign else -1
                if new & MEANS_UNMAPPED:
                    head[H_UNMAPPED] |= 1
            if fact & F_REOPENED:
                head[H_REOPENED] += 1
        elif what == MESSAGE:
            fact |= message_facts(flag)
            if fact & F_CONTACT:
                known = F_CONTACTED
                head[H_CONTACTS] += 1
                talk |= talk_of(source, flag)
        elif what == CLIENT_MESSAGE:
            fact |= F_CLIENT
            if not born and at[i] < contact:
                contact = at[i]
            if shown == F_STATE << WAITING_ON_CLIENT and s.wait_ends:
                shown = F_STATE
        elif what == CHANGED:
            name, new = value & 15, value >> 4
            if flag & BY_PERSON:
                fact |= F_WORK
                triaged |= triage_of(name)
            if name < 7:
                if fields[name] != new:
                    fields[name] = new
                    dirty = 1
            elif name == ORIGIN_FIELD:
                head[H_ORIGIN] = 0 if new == ORIGIN_UNMAPPED else new
                foreign = 1 if head[H_ORIGIN] >= PROJECT else 0
                scope_at = (i if scope_at < 0 else scope_at) if meaning & MEANS_NOISE | foreign else -1
                if new == ORIGIN_UNMAPPED:
                    head[H_UNMAPPED] |= 2
        elif what == ASSIGNED:
            talk = talk & ~4 | value << 2
            if flag & BY_PERSON:
                fact |= F_WORK
                triaged |= value << 2
        elif what == CREATED:
            fact &= F_BY_CLIENT
            born = 1
            head[H_CREATED] = at[i]
        elif what == PLAN:
            fact |= F_PLANNED | F_WORK if flag & BY_PERSON else F_PLANNED
            talk |= 2
        elif what == TOLD:
            fact |= F_TOLD
        else:
            outside(s, head, what, value, i)

        if talk == 7:
            talk |= 8
            fact |= F_MEANINGFUL
        if triaged == 7:
            triaged |= 8
            fact |= F_TRIAGED
        facts[i] = fact | known | shown

        # A line is chosen once for all that changed at one instant, before anything at it can act.
        if dirty and born and (i + 1 == n or at[i + 1] != at[i] or acts(what)):
            chosen, since = pick(s, fields), i
            while since > 0 and at[since - 1] == at[i] and not acts(kind[since - 1]):
                since -= 1
            if born == 1:  # what came before the creation had no line of its own
                head[H_LINE] = current = chosen
            elif chosen != current:
                head[H_LINE] = MIXED
            for k in range(filled, since):
                line[k] = current
            current, filled, dirty, born = chosen, since, 0, 2
    if head[H_LINE] == MIXED:
        for k in range(filled, n):
            line[k] = current
    head[H_STATUS], head[H_LAST_LINE] = meaning, current
    settle(s, n, facts, head, contact, scope_at)


def settle(s: Rules, n: int, facts: Ints, head: Slots, contact: int, scope_at: int) -> None:
    """Where the clocks start (3.1, 2.6, 3.9) and from which event on the ticket is out of scope."""
    start = min(contact, head[H_CREATED])
    if head[H_ORIGIN] == RECURRING and head[H_PLANNED] != NEVER:
        start = head[H_PLANNED]
    if s.merge_start and head[H_SINCE] < start:
        start = head[H_SINCE]
        head[H_MERGED] = 1
    head[H_START] = start
    head[H_BEGIN] = min(start, head[H_CREATED])
    if scope_at >= 0 and (head[H_OUT] == 0 or scope_at < head[H_OUT_AT]):
        head[H_OUT], head[H_OUT_AT] = OUT_OF_SCOPE, scope_at
    if head[H_ORIGIN] == MACHINE:
        for i in range(n):
            head[H_HUMAN] |= facts[i] & F_TOUCH
