"""What a backfill from Autotask takes under a share of its calls: worked out by the functions that the pages use.

python -m benchmarks.autotask_budget [tickets]
"""

import sys

from beforehand.connectors.autotask.cost import BESIDE, LIMIT, SHARE, calls
from beforehand.connectors.estimate import estimate

SHARES = (SHARE, 25, 50)


def main(tickets: int) -> None:
    """A line for each share."""
    needed = calls(tickets)
    print(f"{tickets:,} tickets with histories: {needed:,} calls")
    for share in SHARES:
        hours = estimate(needed, LIMIT, share, BESIDE)
        print(f"{share} %: " + ("no call is left" if hours is None else f"{hours:.0f} hours"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
