"""The SQL of due rows: asked for, taken, settled, given back; the same for SQLite and PostgreSQL."""

from collections.abc import Collection, Iterable, Sequence

from django.db import connection, transaction

from .handlers import Claim, Next

FIRST_WAIT, LONGEST_WAIT = 5_000_000, 3_600_000_000
"""Microseconds until something that failed is tried again: from five seconds, doubled each time, to an hour."""


def ask(kind: str, provider: int, keys: Collection[int], at: int, lane: int = 0) -> None:
    """Ask for something to be done at an instant, or earlier where that was asked for already.

    As part of the caller's transaction, in the order of the keys: two who ask for the same never wait for each other.
    """
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO kernel_due (provider_id, kind, key, lane, due_at, turn, owner, tries, fault)"
            " VALUES (%s, %s, %s, %s, %s, 1, 0, 0, '') ON CONFLICT (provider_id, kind, key) DO UPDATE SET"
            " turn = kernel_due.turn + 1, due_at ="
            " CASE WHEN excluded.due_at < kernel_due.due_at THEN excluded.due_at ELSE kernel_due.due_at END",
            [(provider, kind, key, lane, at) for key in sorted(keys)],
        )


def ask_again(kind: str, provider: int, keys: Collection[int], at: int) -> None:
    """The same, but only where there is such a row."""
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE kernel_due SET turn = turn + 1, due_at = CASE WHEN %s < due_at THEN %s ELSE due_at END"
            " WHERE provider_id = %s AND kind = %s AND key = %s",
            [(at, at, provider, kind, key) for key in sorted(keys)],
        )


def have(kind: str, providers: Collection[int], at: int) -> None:
    """See that each provider has its row of a kind of which there is one for each; a new one is due at an instant."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO kernel_due (provider_id, kind, key, lane, due_at, turn, owner, tries, fault)"
            " SELECT %s, %s, %s, 0, %s, 1, 0, 0, '' WHERE NOT EXISTS (SELECT 1 FROM kernel_due"
            " WHERE provider_id = %s AND kind = %s AND key = %s) ON CONFLICT (provider_id, kind, key) DO NOTHING",
            [(one, kind, one, at, one, kind, one) for one in sorted(providers)],
        )


def take(
    kind: str,
    provider: int,
    now: int,
    owner: int,
    most: int,
    without: Collection[int] = (),
    latest: bool = False,
) -> list[Claim]:
    """Take what is due, the longest due or the latest first, but for that in some lanes. A transaction of its own."""
    order = " DESC" if latest else ""
    lanes = f" AND lane NOT IN ({', '.join(map(str, map(int, without)))})" if without else ""
    lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        # Looked for once: within the UPDATE PostgreSQL may do so again for each row, and take more than was asked for.
        cursor.execute(
            "WITH found AS MATERIALIZED (SELECT id FROM kernel_due WHERE owner = 0"
            f" AND provider_id = %s AND kind = %s AND due_at <= %s{lanes} ORDER BY due_at{order} LIMIT %s{lock})"
            " UPDATE kernel_due SET owner = %s WHERE id IN (SELECT id FROM found)"
            " RETURNING id, provider_id, kind, key, lane, due_at, turn, tries",
            [provider, kind, now, most, owner],
        )
        return sorted((Claim(*row) for row in cursor.fetchall()), key=lambda claim: claim.key)


def hold(claims: Sequence[Claim], owner: int) -> list[Claim]:
    """Those that are still this worker's: nobody takes them over until the transaction ends."""
    if not claims:
        return []
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    marks = ", ".join(["%s"] * len(claims))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM kernel_due WHERE id IN ({marks}) AND owner = %s ORDER BY id{lock}",
            [*(claim.id for claim in claims), owner],
        )
        ours = {pk for (pk,) in cursor.fetchall()}
    return [claim for claim in claims if claim.id in ours]


def settle(claims: Sequence[Claim], nexts: Sequence[Next], owner: int) -> None:
    """Done, in the transaction in which it was and in which they are held: due again at `nexts`, or gone.

    What was asked for anew meanwhile stays due when that was asked.
    """
    pairs = list(zip(claims, nexts, strict=True))
    gone = [(claim.id, owner, claim.turn) for claim, at in pairs if at is None]
    kept = [(claim.turn, claim.due_at if at is None else at, claim.id, owner) for claim, at in pairs]
    with connection.cursor() as cursor:
        if gone:
            cursor.executemany("DELETE FROM kernel_due WHERE id = %s AND owner = %s AND turn = %s", gone)
        if kept:
            cursor.executemany(
                "UPDATE kernel_due SET owner = 0, tries = 0, fault = '',"
                " due_at = CASE WHEN turn = %s THEN %s ELSE due_at END WHERE id = %s AND owner = %s",
                kept,
            )


def put_off(claim: Claim, owner: int, now: int, fault: str) -> None:
    """It failed: due again after a while, longer each time. Nothing where another has taken it over."""
    wait = min(FIRST_WAIT << min(claim.tries, 20), LONGEST_WAIT)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_due SET owner = 0, tries = tries + 1, fault = %s, due_at = %s"
            " WHERE id = %s AND owner = %s",
            [fault[:500], now + wait, claim.id, owner],
        )


def give_back(providers: Iterable[int], owners: Iterable[int]) -> int:
    """Free what workers have taken that are there no more; how many rows that were."""
    gone, freed = list(owners), 0
    marks = ", ".join(["%s"] * len(gone))
    # Rows that are taken: said as `NOT owner = 0`, in which alone SQLite knows the index of these again.
    with connection.cursor() as cursor:
        for provider in providers if gone else ():
            cursor.execute(
                "UPDATE kernel_due SET owner = 0"
                f" WHERE NOT owner = 0 AND provider_id = %s AND owner IN ({marks})",
                [provider, *gone],
            )
            freed += cursor.rowcount
    return freed


def give_back_all_but(providers: Iterable[int], owner: int, keep: Collection[int]) -> int:
    """Free what a worker has taken and is not at; how many rows that were. `keep` is looked at after the database."""
    left: list[int] = []
    with connection.cursor() as cursor:
        for provider in providers:
            cursor.execute(
                "SELECT id FROM kernel_due WHERE NOT owner = 0 AND provider_id = %s AND owner = %s",
                [provider, owner],
            )
            left += [pk for (pk,) in cursor.fetchall()]
        idle = [pk for pk in left if pk not in keep]
        cursor.executemany(
            "UPDATE kernel_due SET owner = 0 WHERE id = %s AND owner = %s",
            [(pk, owner) for pk in sorted(idle)],
        )
    return len(idle)


def free_all(using: str, **_signal: object) -> None:
    """After a restore no worker has anything."""
    from beforehand.kernel.models import Due

    Due.objects.using(using).exclude(owner=0).update(owner=0)


PAIRS_AT_ONCE = 200


def waiting(pairs: Sequence[tuple[int, str]], now: int) -> list[tuple[int, str]]:
    """Of some providers, each with a kind, those of whom something of it is due and not taken."""
    found: list[tuple[int, str]] = []
    one = (
        "SELECT %s, %s WHERE EXISTS (SELECT 1 FROM kernel_due"
        " WHERE owner = 0 AND provider_id = %s AND kind = %s AND due_at <= %s)"
    )
    with connection.cursor() as cursor:
        for start in range(0, len(pairs), PAIRS_AT_ONCE):
            some = pairs[start : start + PAIRS_AT_ONCE]
            values = [
                value
                for place, (provider, kind) in enumerate(some, start)
                for value in (place, 0, provider, kind, now)
            ]
            cursor.execute(" UNION ALL ".join([one] * len(some)), values)
            found += [pairs[place] for place, _ in cursor.fetchall()]
    return found


def lag(provider: int, kind: str, now: int) -> int:
    """For how long, in microseconds, the longest due row of a kind has been due; 0 where none is.

    Rows without an instant of their own, due at 0, have no age.
    """
    # Asked apart, so that each is found by its own index, however many rows are due later. Those that are taken are
    # few: what stands beside `kind` keeps SQLite from reading all of the kind instead.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(due_at) FROM kernel_due WHERE owner = 0 AND provider_id = %s AND kind = %s"
            " AND due_at > 0 AND due_at <= %s"
            " UNION ALL SELECT min(due_at) FROM kernel_due WHERE NOT owner = 0 AND provider_id = %s AND kind || '' = %s"
            " AND due_at > 0 AND due_at <= %s",
            [provider, kind, now] * 2,
        )
        firsts = [first for (first,) in cursor.fetchall() if first is not None]
    return now - min(firsts) if firsts else 0
