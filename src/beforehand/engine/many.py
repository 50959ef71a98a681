"""Many tickets, one after another, and business time many times over. See flat.py for why only integers."""

from .flat import Flat, Ints, Rows, Rules, Slots
from .indexed import Indexed
from .instants import NEVER
from .scan import H_CREATED, H_SIZE, scan
from .turns import Ticket
from .walk import room_for, walk_all


def read_many(
    w: Flat, s: Rules, metrics: Ints, offsets: Ints, source: Ints, precision: Ints,
    at: Ints, kind: Ints, flags: Ints, code: Ints, as_of: int, pct: Ints, full: int, blank: Ints,
    fields: Slots, facts: Slots, line: Slots, effective: Slots, snap: Slots, side: Rows, log: Rows,
    heads: Rows, begins: Slots, out: Rows,
) -> int:  # fmt: skip
    """Read tickets, as many as `out` has room for; returns how many.

    Ticket k has events offsets[k] to offsets[k + 1]. It is read at `as_of`, or (NEVER) at its last event. Its records
    go to out[begins[k]] to out[begins[k + 1]], its head to heads[k]. The third line of arguments is scratch.
    """
    count = begins[0] = 0
    for k in range(len(source)):
        low, n = offsets[k], offsets[k + 1] - offsets[k]
        while n > 0 and at[low + n - 1] > as_of:
            n -= 1
        head = heads[k]
        for i in range(H_SIZE):
            head[i] = 0
        for i in range(7):
            fields[i] = 0
        until = low + n
        instants = at[low:until]
        scan(
            s,
            source[k],
            n,
            instants,
            kind[low:until],
            flags[low:until],
            code[low:until],
            fields,
            facts,
            line,
            head,
        )
        if head[H_CREATED] != NEVER:
            room = count + room_for(metrics, head)
            if room > len(out):
                return k
            for i in range(count, room):
                copy_to(out[i], blank)
            for i in range(3):
                copy_to(side[i], blank)
            upto = at[until - 1] if as_of == NEVER else as_of
            ticket = Ticket(
                source[k],
                precision[k],
                n,
                instants,
                facts,
                line,
                head,
                upto,
                pct,
                full,
                effective,
                snap,
                blank,
            )
            count += walk_all(w, s, ticket, metrics, out[count:room], side, log)
        begins[k + 1] = count
    return len(source)


def place(values: Ints, buckets: Ints, first: int, bits: int, x: int) -> int:
    """The index of the last of `values`, ascending, that is not after x.

    buckets[b] is that index for x = first + (b << bits), so that only the few values of one bucket are looked at.
    """
    i, last = buckets[(x - first) >> bits], len(values) - 1
    while i < last and values[i + 1] <= x:
        i += 1
    return i


def add_each(t: Indexed, starts: Ints, amounts: Ints, results: Slots) -> None:
    """results[k]: the earliest instant by which amounts[k] has passed since starts[k]; NEVER past the table."""
    opens, closes, sums, shift = t.opens, t.closes, t.sums, t.shift
    most = sums[len(sums) - 1]
    for k in range(len(results)):
        start, amount = starts[k], amounts[k]
        if amount == 0:
            results[k] = start
            continue
        i = place(opens, t.by_time, t.first, t.time_bits, start)
        total = min(amount, NEVER) + min(start, closes[i]) - shift[i]
        if total > most:
            results[k] = NEVER
            continue
        i = place(sums, t.by_sum, 0, t.sum_bits, total - 1)
        results[k] = total + shift[i]


def between_each(t: Indexed, starts: Ints, ends: Ints, results: Slots) -> None:
    """results[k]: the business time from starts[k] to ends[k], 0 where the end is not after the start."""
    opens, closes, shift, buckets, first, bits = t.opens, t.closes, t.shift, t.by_time, t.first, t.time_bits
    for k in range(len(results)):
        start, end = starts[k], ends[k]
        if end <= start:
            results[k] = 0
            continue
        i = place(opens, buckets, first, bits, start)
        j = place(opens, buckets, first, bits, end)
        results[k] = min(end, closes[j]) - shift[j] - min(start, closes[i]) + shift[i]


# For the compiler, which takes these three for their namesakes.


def bisect_right(values: Ints, x: int, low: int, high: int) -> int:
    """As in the standard library, which the compiler does not know."""
    while low < high:
        middle = (low + high) // 2
        if x < values[middle]:
            high = middle
        else:
            low = middle + 1
    return low


def bisect_left(values: Ints, x: int, low: int, high: int) -> int:
    """As in the standard library, which the compiler does not know."""
    while low < high:
        middle = (low + high) // 2
        if values[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


def copy_to(target: Slots, source: Ints) -> None:
    """As flat.copy_to: slice by slice is slow when compiled, as it allows for rows that overlap."""
    for k in range(len(source)):
        target[k] = source[k]
