"""What the API answers, and the one shape of everything it refuses."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from beforehand.kernel.faults import Fault

SHOWN = 100
"""So many faults are listed; how many more there are is said."""


class Answer(NamedTuple):
    """A status, a body that becomes JSON, and headers beyond the content type."""

    status: int
    body: dict[str, Any]
    headers: tuple[tuple[str, str], ...] = ()

    def encoded(self) -> bytes:
        """The body as it is sent."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


class Problem(Exception):
    """A request that is answered with an error. `code` stays the same for the same problem; programs may go by it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        faults: Iterable[Fault] = (),
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.faults, self.headers = tuple(faults), headers

    def answer(self) -> Answer:
        """The error as it is answered."""
        return Answer(self.status, refusal(self.code, self.message, self.faults), self.headers)


def refusal(code: str, message: str, faults: Iterable[Fault] = ()) -> dict[str, Any]:
    """The one error shape."""
    every = list(faults)
    listed = [
        {"place": f.place, "found": f.found, "expected": f.expected, "example": f.example} for f in every
    ]
    return {
        "error": {
            "code": code,
            "message": message,
            "faults": listed[:SHOWN],
            "faults_not_listed": max(len(every) - SHOWN, 0),
        }
    }
