"""The engine's vocabulary as small integers, so that one walk serves single readings and compiled columns.

Each group has a tuple of names beside it: `STATES[WAITING_ON_CLIENT] == "waiting-on-client"`.
"""

# Kinds of event, in the order of rule 4.4; the rest, which that rule does not name, follow.
CREATED, CLIENT_MESSAGE, ASSIGNED, CHANGED, STATUS, MESSAGE, PLAN = range(7)
TOLD, MERGED, ABSORBED, DELETED, STARTS, EXCLUDED, APPROVED, INCLUDED = range(7, 15)
KINDS = (
    "created",
    "client message",
    "assigned",
    "changed",
    "status",
    "message",
    "plan",
    "told",
    "merged",
    "absorbed",
    "deleted",
    "starts",
    "excluded",
    "approved",
    "included",
)

# What a status means (3.2).
WORKING, WAITING_ON_CLIENT, WAITING_ON_VENDOR, SCHEDULED_BY_CLIENT, SCHEDULED_BY_US, RESOLVED, CLOSED = range(
    7
)
STATES = (
    "working",
    "waiting-on-client",
    "waiting-on-vendor",
    "scheduled-by-client",
    "scheduled-by-us",
    "resolved",
    "closed",
)
STATE_BITS = 15
"""The meaning of a status holds its state in these bits, the facts it tells, F_STATE << state, and MEANS_*."""
MEANS_NOISE, MEANS_UNMAPPED = 1 << 28, 1 << 29

# Who began the ticket (2.6).
CLIENT_WRITTEN, CLIENT_LIVE, PROVIDER, MACHINE, RECURRING, PROJECT, INTERNAL, NOISE = range(8)
ORIGINS = (
    "client-written",
    "client-live",
    "provider",
    "machine",
    "recurring",
    "project",
    "internal",
    "noise",
)
ORIGIN_UNMAPPED = 15

# Who did it, and what a message is: the bits of an event's `flags`.
BY_PERSON, BY_CLIENT, BY_AUTOMATION, PUBLIC = 1, 2, 4, 8
WHO = BY_PERSON | BY_CLIENT
AUTOMATIC, TEMPLATE, NEAR_COPY, EXPECTATION, VISIT = 16, 32, 64, 128, 256

# Fields of a ticket that a line may name, in the order of rule 2.2; then the other fields that change.
FIELDS = ("contract", "site", "type", "board", "tier", "channel", "priority")
CONTRACT, SITE, TYPE, BOARD, TIER, CHANNEL, PRIORITY = range(7)
CLIENT_FIELD, ORIGIN_FIELD, OTHER_FIELD = 7, 8, 9
FIELD_CODES = {
    **{name: code for code, name in enumerate(FIELDS)},
    "client": CLIENT_FIELD,
    "origin": ORIGIN_FIELD,
}

# Facts: what one event amounts to, found once for all metrics by `scan`. They leave STATE_BITS free.
F_CONTACT, F_ANY_REPLY, F_RESPONDED, F_PLANNED, F_RESOLVED, F_CLOSED, F_REOPENED = (
    1 << n for n in range(4, 11)
)
F_CLIENT, F_WORK, F_MEANINGFUL, F_VISIT, F_TRIAGED, F_TOLD, F_CONTACTED = (1 << n for n in range(11, 18))
F_WHO = 18
F_TOUCH, F_BY_CLIENT = BY_PERSON << F_WHO, BY_CLIENT << F_WHO
F_STATE = 1 << 20
"""Above the other facts: F_STATE << state tells the state after the event."""

# Metrics (2.4); the last two are the figures computed beside the response (3.5).
RESPONSE, PLAN_METRIC, RESOLUTION, UPDATE, ONSITE, TRIAGE, MEANINGFUL, FIRST_REPLY = range(8)
METRICS = ("response", "plan", "resolution", "update", "onsite", "triage", "meaningful", "first-reply")
BESIDE = (MEANINGFUL, FIRST_REPLY)

# Verdicts, and why there is none (5.1).
(
    OPEN,
    MET,
    BREACHED,
    CANNOT_BE_JUDGED,
    V_MERGED,
    V_DELETED,
    OUT_OF_SCOPE,
    NO_LINE,
    CLEARED_ITSELF,
    NO_VISIT,
) = range(10)
VERDICTS = (
    "none",
    "met",
    "breached",
    "cannot be judged",
    "merged",
    "deleted",
    "out of scope",
    "no line fits",
    "cleared by itself",
    "resolved without a visit",
)

# Run states (5.1).
NOT_STARTED, RUNNING, OFF_HOURS, PAUSED, STOPPED = range(5)
RUNS = ("not started", "running", "off hours", "paused", "stopped")

# Marks: how a reading came to be what it is.
M_BY_RESOLUTION, M_BY_PLAN, M_AS_TOLD, M_LOGGED_AFTER, M_BY_CHANGE, M_AT_LIMIT, M_PRECISION, M_THANKS = (
    1 << n for n in range(8)
)
M_LATE_CHANGE, M_LIVE, M_UNCERTAIN, M_REOPENED, M_RESTARTED, M_MERGED_START = (1 << n for n in range(8, 14))
MARKS = (
    "by resolution",
    "by the plan",
    "as told",
    "logged after the work",
    "breached by the change",
    "at the limit",
    "within the precision",
    "reopened without work",
    "changed in the last quarter",
    "met by live contact",
    "uncertain time counted against us",
    "reopened",
    "restarted",
    "start of a merged ticket",
)

# Why a span counted or did not (5.3), before coverage is looked at.
W_RUNNING, W_WAITING, W_STOPPED, W_CLOSED, W_NOT_STARTED, W_SET_ASIDE, W_ENDED = range(7)

# Kinds of target (2.5).
NO_TARGET, DURATION, DAYS_TARGET = range(3)
CUT_NONE, CUT_CLOSE = -1, -2

# Changes of target (4.1).
FROM_CREATION, FROM_CHANGE, KEEP_FIRST = range(3)
RETARGETS = ("from-creation", "from-change", "keep-first")

# What a source tells (3.4): bits.
S_MESSAGES, S_RESPONDED, S_TEXTS = 1, 2, 4
TELLS = S_MESSAGES | S_RESPONDED | S_TEXTS
S_UNCERTAIN = 8
"""Of one ticket: an event was known only to lie between two instants, and counts at the worse end (4.4)."""
