"""Ranges of free ports, one per iteration."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PORTS = 100
"""Per iteration: three for each of 32 workers."""

FIRST, LAST = 10_000, 32_000
"""Below Linux's ephemeral ports, which any connection may take (ip_local_port_range)."""


class Ports:
    """Lends ranges that are free now and that no other iteration has; starts at `offset`, so that
    two flakebots on a machine rarely look at the same ones.
    """

    def __init__(self, offset: int = 0) -> None:
        starts = range(FIRST, LAST, PORTS)
        turned = [*starts[offset % len(starts) :], *starts[: offset % len(starts)]]
        self._starts = itertools.cycle(turned)
        self._tries = len(turned)
        self._lent: set[int] = set()
        self._lock = threading.Lock()

    @contextmanager
    def lend(self) -> Iterator[tuple[int, int]]:
        """The first and the last port of a range; (0, 0) when no range is free."""
        with self._lock:
            start = next(filter(self._free, itertools.islice(self._starts, self._tries)), 0)
            self._lent.add(start)
        try:
            yield (start, start + PORTS - 1) if start else (0, 0)
        finally:
            with self._lock:
                self._lent.discard(start)

    def _free(self, start: int) -> bool:
        return start not in self._lent and all(map(_is_free, range(start, start + PORTS)))


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            listener.bind(("", port))
        except OSError:
            return False
    return True
