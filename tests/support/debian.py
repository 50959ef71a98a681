"""Installing what the tests need where we are root on Debian or a child of it."""

import os
import shutil
import subprocess

_updated = False


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str) -> bool:
    """Whether `package` is there now; what apt says is shown only when it fails."""
    global _updated
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = [] if _updated else [["apt-get", "update", "-q"]]
    steps.append(["apt-get", "install", "-q", "-y", "--no-install-recommends", package])
    for step in steps:
        done = subprocess.run(step, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            print(f"$ {' '.join(step)}\n{done.stdout}{done.stderr}")
            return False
    _updated = True
    return True
