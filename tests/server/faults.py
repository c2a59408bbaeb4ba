"""Scripted faults of the fake GitHub: what goes wrong, where, and how often."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "status",  # answer `status` with `headers` and `body`; nothing happens
    "after-status",  # the request is carried out, then answered as `status` is
    "reset",  # the connection is reset; nothing happens
    "after-reset",  # the request is carried out, then the connection is reset
    "slow",  # nothing is answered for `seconds` or until the fake closes; nothing happens
    "after-slow",  # the request is carried out, then as `slow`
    "truncated",  # the true answer, cut after half of what Content-Length promised
    "html",  # a page of HTML with status 200
    "empty",  # status 200 without a body
    "wrong-type",  # the true body declared as `text/plain`
    "short-list",  # a list without its last item, while `total_count` and Link say the same
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault; `path` is searched in the path, `skip` requests that match are let through, and
    between two strikes all but each `every`-th.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    times: int = 1
    skip: int = 0
    every: int = 1
    origin: Literal["api", "storage"] = "api"
    status: int = 502
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"message": "Server Error"}'
    seconds: float = 5.0


class Faults:
    """The faults still to come, each used up by the requests it hits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[Fault, int, int]] = []  # fault, skip left, times left

    def add(self, fault: Fault) -> None:
        """Script a fault after those already waiting."""
        with self._lock:
            self._waiting.append((fault, fault.skip, fault.times))

    def clear(self) -> None:
        """Forget the faults that did not strike."""
        with self._lock:
            self._waiting.clear()

    @property
    def pending(self) -> int:
        """How many faults did not strike as often as they were to."""
        return len(self._waiting)

    def strike(self, origin: str, method: str, path: str) -> Fault | None:
        """The fault that hits a request, used up once."""
        with self._lock:
            for index, (fault, skip, times) in enumerate(self._waiting):
                if not _hits(fault, origin, method, path):
                    continue
                if skip:
                    self._waiting[index] = (fault, skip - 1, times)
                    continue
                left = [(fault, fault.every - 1, times - 1)] if times > 1 else []
                self._waiting[index : index + 1] = left
                return fault
        return None


def _hits(fault: Fault, origin: str, method: str, path: str) -> bool:
    return (
        fault.origin == origin
        and fault.method in {"", method}
        and re.search(fault.path, path) is not None
    )
