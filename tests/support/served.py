"""The program as a process of its own, over the database and the key of the tests."""

import os
import signal
import subprocess
import sys
import time
import urllib.request

from django.conf import settings
from django.db import connection

from tests.support.ports import free_port


class Served:
    """`beforehand serve` on one port: started, stopped and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Started, and answering."""
        environment = {
            "PATH": os.environ["PATH"],
            "BEFOREHAND_DATA": str(settings.DATA),
            "BEFOREHAND_SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        }
        command = [sys.executable, "-m", "beforehand", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 300
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=60).close()
            except OSError:
                assert self.process.poll() is None, "the server has ended by itself"
                time.sleep(0.05)
            else:
                return
        raise TimeoutError("the server never answered")

    def stop(self, seconds: float = 120) -> int:
        """Asked to end; its exit code. TimeoutExpired if it goes on longer than that."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def pause(self) -> None:
        """There, but doing nothing at all."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After `pause`."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Gone, whatever it does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
