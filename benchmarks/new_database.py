"""A new SQLite database, made at once and by all migrations: `python -m benchmarks.new_database [TIMES]`.

Each as a process of its own, in turns; the best of each, in seconds and in seconds of the processor.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

WAYS = {
    "by all migrations": ["django", "migrate", "--verbosity=0", "--settings=beforehand.config.settings"],
    "at once": ["beforehand", "migrate"],
}


def made(command: list[str]) -> tuple[float, float]:
    """Seconds, and those of the processor, of a process that makes one."""
    with tempfile.TemporaryDirectory(prefix="beforehand-new-") as data:
        environment = {"PATH": os.environ["PATH"], "BEFOREHAND_DATA": data}
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(  # noqa: S603
            [sys.executable, "-m", *command], env=environment, check=True, stdout=subprocess.DEVNULL
        )
        took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(times: int) -> None:
    runs = [{way: made(command) for way, command in WAYS.items()} for _ in range(times)]
    best = {way: [min(run[way][which] for run in runs) for which in (0, 1)] for way in WAYS}
    for way, (took, of_processor) in best.items():
        print(f"{way:20} {took:6.1f} s, {of_processor:5.1f} s of the processor")
    slow, fast = best.values()
    print(f"{'times as fast':20} {slow[0] / fast[0]:6.1f}   {slow[1] / fast[1]:6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
