"""Workers beside a process: one that ends is started again, whatever kept it from running."""

import threading

from beforehand.config.workers import AGAIN_S, _keep


def test_a_worker_that_could_not_be_started_is_started_later() -> None:
    ending = threading.Event()
    # No system starts a program with an argument of this length.
    keeper = threading.Thread(target=_keep, args=(ending, ["x" * 3_000_000]), daemon=True)
    keeper.start()
    keeper.join(AGAIN_S / 4)
    assert keeper.is_alive()
    ending.set()
    keeper.join(AGAIN_S)
    assert not keeper.is_alive()
