"""Take a process's output as it comes: to the log, to the log with time stamps, within bounds."""

from __future__ import annotations

import select
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

HEAD_BYTES = 48 * 1024 * 1024
"""Of one log: a hundred times what a long pytest log holds; a test that prints without end must
not fill the disk."""

TAIL_BYTES = 4 * 1024 * 1024
"""Kept of the end of a log that is longer: there stand the failures and the summary."""

_READ = 64 * 1024

_LONGEST_LINE = 64 * 1024
"""Held back of a line without an end, to stamp lines whole."""


class Bounded:
    """A file that takes any amount and keeps the begin and the end of it."""

    def __init__(self, path: Path, head: int = HEAD_BYTES, tail: int = TAIL_BYTES) -> None:
        self._file = path.open("wb")
        self._room = head
        self._tail: deque[bytes] = deque()
        self._kept = 0
        self._most = tail
        self._lost = 0

    def write(self, content: bytes) -> None:
        """Take the next bytes."""
        self._file.write(content[: self._room])
        rest = content[self._room :]
        self._room -= len(content) - len(rest)
        if rest:
            self._tail.append(rest)
            self._kept += len(rest)
        while self._kept > self._most:
            gone = len(self._tail.popleft())
            self._kept -= gone
            self._lost += gone

    def close(self) -> None:
        """Write the end, and what is missing before it."""
        try:
            if self._lost:
                self._file.write(f"\n[flakebot: {self._lost} bytes are left out here]\n".encode())
            for part in self._tail:
                self._file.write(part)
        finally:
            self._file.close()


class Drain:
    """Reads a pipe that does not block, and writes what it reads to a log and, with the time before
    each line, to a second.

    Args:
        pipe: where the output comes from.
        log: the path of the log.
        stamped: the path of the log with time stamps.
        now: the time.
        stopwatch: seconds since some fixed moment.
    """

    def __init__(
        self,
        pipe: IO[bytes],
        *,
        log: Path,
        stamped: Path,
        now: Callable[[], datetime],
        stopwatch: Callable[[], float],
    ) -> None:
        self._pipe = pipe
        self._log = Bounded(log)
        self._stamped = Bounded(stamped)
        self._now = now
        self._stopwatch = stopwatch
        self._line = b""
        self.last = stopwatch()
        """When output came last."""
        self.ended = False

    def pump(self, seconds: float) -> bool:
        """Wait for output so long at most, and take it; whether there was any."""
        if not select.select([] if self.ended else [self._pipe], [], [], seconds)[0]:
            return False
        content = self._pipe.read(_READ)
        if content is None:
            return False
        if not content:
            self.ended = True
            return False
        self.last = self._stopwatch()
        self._log.write(content)
        self._stamp(content)
        return True

    def write(self, text: str) -> None:
        """Add lines of our own."""
        self._log.write(text.encode())
        self._stamp(text.encode())

    def close(self) -> None:
        """Give up the pipe, whoever else holds it, and complete the logs."""
        self._pipe.close()
        if self._line:
            self._stamp(b"\n")
        try:
            self._log.close()
        finally:
            self._stamped.close()

    def _stamp(self, content: bytes) -> None:
        """GitHub's form, so that what reads its logs reads these."""
        *lines, self._line = (self._line + content).split(b"\n")
        if len(self._line) > _LONGEST_LINE:
            lines.append(self._line)
            self._line = b""
        if lines:
            stamp = self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z ").encode()
            self._stamped.write(b"".join(stamp + line + b"\n" for line in lines))
