"""The line to a source: HTTP with a limit of its own, and one set of words for what goes wrong on it.

Nothing here is logged, and no failure repeats an address or a header: both hold secrets.
"""

import logging
import threading
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from beforehand.kernel import guarded

from .limits import Limits
from .trouble import Down, Forbidden, Limited, Missing, Odd, Trouble, Unauthorised

__all__ = ["Down", "Forbidden", "Limited", "Line", "Missing", "Odd", "Trouble", "Unauthorised", "json_of"]

# At INFO it writes every address down.
logging.getLogger("httpx").setLevel(logging.WARNING)

TIMEOUT_S = 30.0
WHOLE_S = 120.0
"""How long an answer may take in all, however many of its bytes come one by one."""
_TRIES = 3
_PAUSE_S = 1.0
_SECRET = 6
"""Letters that a secret has at least."""
_PLAIN = frozenset((
    "host", "accept", "accept-encoding", "connection", "user-agent", "content-type", "content-length",
    "pagination-type",
))  # fmt: skip
"""Headers of ours that hold none; any other may."""
_MOST_S = 20.0
"""How long a call waits by itself for a limit or a server; more than that is for the due row to wait."""


class Line:
    """Calls to one source, under `limits`, which all threads share. `timeout`: seconds in which something must come,
    `whole`: in which all of it must; `pause`: before the first other try.
    """

    def __init__(
        self,
        limits: Limits,
        allow_private: bool = False,
        timeout: float = TIMEOUT_S,
        pause: float = _PAUSE_S,
        whole: float = WHOLE_S,
    ) -> None:
        self.limits, self.allow_private, self._pause, self._whole = limits, allow_private, pause, whole
        self._client = httpx.Client(
            transport=guarded.Transport(allow_private),
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "Beforehand"},
        )
        self._gone = threading.Event()

    def stop(self) -> None:
        """No more calls; those that wait end."""
        self._gone.set()

    def close(self) -> None:
        """The same, and what is open to the source is closed."""
        self.stop()
        self._client.close()

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        ok: tuple[int, ...] = (),
        counted: bool = True,
        twice: bool | None = None,
    ) -> httpx.Response:
        """One call, tried again where that can help. An answer of 2xx, or of `ok`; else raises Trouble.

        `counted` is False for calls that the source does not count. `twice`: whether it can be done twice without
        harm, as every GET can: after a connection broke or a server failed nobody knows whether it was done.
        """
        fault = guarded.fault_of(url, self.allow_private)
        if fault:
            raise Down(f"{_place(url)} is not called: {fault}")
        harmless = method == "GET" if twice is None else twice
        for tried in range(1, _TRIES + 1):
            if self._gone.is_set():
                raise Down("stopped")
            try:
                with self.limits.turn(_endpoint(url), counted, self._rest):
                    answer = self._once(method, url, headers=headers, params=params, json=json, data=form)
                if answer.is_success or answer.status_code in ok:
                    return answer
                raise trouble_of(answer)
            except (Down, Limited) as trouble:
                again = trouble.again and (harmless or isinstance(trouble, Limited))
                wait = max(trouble.wait, self._pause * 2 ** (tried - 1))
                if tried == _TRIES or not again or wait > _MOST_S:
                    raise
            self._rest(wait)
        raise AssertionError

    def _once(self, method: str, url: str, **more: Any) -> httpx.Response:
        ends = {"ends": time.monotonic() + self._whole}
        try:
            return self._client.request(method, url, extensions=ends, **more)
        except httpx.TimeoutException:
            raise Down(f"{_place(url)} gave no whole answer in time", again=True) from None
        except guarded.Refused as refused:
            raise Down(f"{_place(url)} is not called: {refused}") from None
        except httpx.HTTPError as error:
            raise Down(f"{_place(url)} cannot be reached ({type(error).__name__})", again=True) from None

    def json(self, method: str, url: str, **more: Any) -> Any:
        """The same, its answer read as JSON."""
        return json_of(self.call(method, url, **more))

    def _rest(self, seconds: float) -> None:
        if self._gone.wait(seconds):
            raise Down("stopped")


def json_of(answer: httpx.Response) -> Any:
    """What an answer says in JSON; Odd where it is none."""
    try:
        return answer.json()
    except ValueError:
        kind = answer.headers.get("content-type", "").partition(";")[0] or "something unnamed"
        raise Odd(
            f"{_place(str(answer.url))} answered {answer.status_code} with {kind} that is not whole JSON"
        ) from None


def trouble_of(answer: httpx.Response) -> Trouble:
    """What an answer that is none of success means."""
    status, place = answer.status_code, _place(str(answer.url))
    if status == 401:
        return Unauthorised(f"{place} does not accept the key (401)")
    if status == 403:
        return Forbidden(f"{place} refuses {urlsplit(str(answer.url)).path} to this key (403)")
    if status == 404:
        return Missing(f"{place} has no {urlsplit(str(answer.url)).path} (404)")
    if status == 429:
        said = f"{place} says that its limit of calls is reached (429)"
        return Limited(said, retry_after(answer) or 0.0, again=True)
    if status >= 500:
        wait = retry_after(answer) or 0.0
        return Down(f"{place} has an error of its own ({status})", wait, again=status in (502, 503, 504))
    return Odd(f"{place} refuses a call that should be right ({status}): {_words(answer)}")


def retry_after(answer: httpx.Response) -> float | None:
    """Seconds that an answer asks to wait, however many; None where it says nothing that can be read.

    A date is held against the answer's own, so that no clock of ours has to be right.
    """
    said = answer.headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        until, now = (parsedate_to_datetime(text) for text in (said, answer.headers.get("date", "")))
        return max((until - now).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def _words(answer: httpx.Response) -> str:
    """What it says of it, short."""
    return " ".join(without_secrets(answer.text, answer)[:300].split()) or "without a word"


def without_secrets(said: str, answer: httpx.Response) -> str:
    """What an answer says, without what we sent to be known by: some repeat in their errors what they were asked."""
    for name, value in answer.request.headers.items():
        if name.lower() in _PLAIN:
            continue
        for part in {value, *value.split()}:
            if len(part) >= _SECRET:
                said = said.replace(part, "…")
    return said


def _place(url: str) -> str:
    return urlsplit(url).hostname or "the address"


def _endpoint(url: str) -> str:
    """What a source counts threads by: the address but for ids in it."""
    return "/".join(part for part in urlsplit(url).path.split("/") if not part.isdecimal())
