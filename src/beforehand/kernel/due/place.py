"""Which machine and process this is, and whether another of the same machine is still there."""

import os
import socket
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def here() -> str:
    """Names this process among all that ever ran: machine, process, and when that began."""
    return f"{_machine()}/{os.getpid()}/{_began(os.getpid())}"


def surely_gone(place: str) -> bool:
    """Whether the process of that name ran on this machine and is there no more. False where that cannot be known."""
    machine, pid, began = place.rsplit("/", 2)
    return bool(began) and machine == _machine() and _began(int(pid)) != began


def _machine() -> str:
    # Containers share host names and boots; the namespace of process ids tells them apart.
    boot = _BOOT.read_text().strip() if _BOOT.exists() else ""
    spaces = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()}:{boot}:{spaces.readlink() if boot and spaces.exists() else ''}"


def _began(pid: int) -> str:
    """When a process began, as the system counts; "" where it is not there or the system does not say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "gone" if _BOOT.exists() else ""
    state, *rest = stat.rpartition(")")[2].split()
    return "gone" if state == "Z" else rest[18]
