"""SQLite's file with its tables and no rows: migrated once for a state of the sources, and copied from then on."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".pytest_cache" / "migrated"
PATTERNS = (
    "src/beforehand/**/migrations/*.py",
    "src/beforehand/**/*models*.py",
    "src/beforehand/kernel/*.py",
)
FILES = ("src/beforehand/config/settings.py", "requirements.lock", "tests/settings.py")


def state() -> str:
    """Stands for all that a new database depends on: migrations, models, what both import, Django's own."""
    files = {ROOT / name for name in FILES}.union(*(ROOT.glob(pattern) for pattern in PATTERNS))
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def copy_to(copy: Path) -> None:
    """A file that can be written to; made first where there is none yet, by one process for all."""
    file, new = KEPT / f"{state()}.sqlite3", KEPT / "new.sqlite3"
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            for old in KEPT.glob("*.sqlite3*"):
                old.unlink()
            _migrate(new)
            new.rename(file)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def _migrate(file: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DATABASE_URL": f"sqlite:///{file}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity=0"]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)
