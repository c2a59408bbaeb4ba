"""Dumps of all threads, as faulthandler and pytest-timeout print them between pytest's lines. Pure.

faulthandler writes `Fatal Python error: ` and the signal's name apart, and xdist's workers share
one pipe: so a dump begins anywhere in a line, and lines of other tests come between its halves.
"""

from __future__ import annotations

from typing import NamedTuple

import re2

from flakebot.frameworks.pytest_sections import ENDS
from flakebot.frameworks.pytest_session import Crash
from flakebot.frameworks.pytest_status import split_percent
from flakebot.logs import Line

_FATAL = "Fatal Python error: "
_TIMEOUT = "+++ Timeout +++"
_BEGIN = (_FATAL, "Windows fatal exception: ", _TIMEOUT)

_LINES = (
    *("  File ", "Thread 0x", "Current thread ", "Extension modules", "  <", "  ..."),
    *("Current thread's C stack", "  Binary file "),  # Python 3.14 and later
)
_MOST = 200
"""Lines kept of a dump."""

_GLUED = re2.compile(r"^(Fatal Python error: )(?:Fatal Python error: |[.FEsxXR]+)+")
"""Two workers that die at once, or the dots of tests that pass, between the halves of a head."""

_SECOND_HALF = re2.compile(
    r"^(.*?)((?:Aborted|Segmentation fault|Bus error|Illegal instruction"
    r"|Floating.point exception)+)$"
)
"""How a progress line ends that came between the halves of a head."""

_BETWEEN = 20
"""Lines between the two halves, at most: those of other tests, or all above the first test."""

_HEADING = "=" * 9
"""How the start of a session begins, which a pipe may bring amid the dump of its first crash."""


def begins(text: str) -> bool:
    """Whether a dump begins somewhere in a line."""
    return any(mark in text for mark in _BEGIN)


class Opening(NamedTuple):
    """A line in which a dump begins: what stands before it, its head, and a progress line or the
    start of a session where the head's second half or end belongs.
    """

    before: str
    kind: str
    head: Line
    between: str | None
    torn: bool

    @classmethod
    def of(cls, line: Line) -> Opening:
        """Take a line apart that `begins` a dump."""
        at = min(line.text.find(mark) for mark in _BEGIN if mark in line.text)
        if line.text.startswith(_TIMEOUT, at):
            return cls(line.text[:at], "timeout", line._replace(text=_TIMEOUT), None, torn=False)
        head, heading, more = _GLUED.sub(r"\1", line.text[at:]).partition(_HEADING)
        rest = head.removeprefix(_FATAL).strip()
        torn = not rest or "::" in rest
        between = heading + more or (rest if torn else None)
        return cls(line.text[:at], "crash", line._replace(text=head), between, torn)


class Dump:
    """A dump while it is printed; `over` once it has ended."""

    def __init__(self, opening: Opening, started: str) -> None:
        self.crash = Crash(opening.kind, started, [opening.head])
        self.over = False
        self._torn = _BETWEEN if opening.torn else 0

    def feed(self, line: Line) -> Line | None:
        """What of a line is not the dump's: the whole line, or the progress line before the second
        half of the head, or nothing.
        """
        text = line.text
        if self.crash.kind == "timeout":
            ends = text.startswith(ENDS) or split_percent(text)[1] is not None
            self.over = ends or _TIMEOUT in text
            if ends and _TIMEOUT not in text:
                return line
        elif self._torn and (half := _SECOND_HALF.match(text)) is not None:
            return self._whole(line, half.group(1), half.group(2))
        elif not text.startswith(_LINES) and text.strip(".FEsxXR "):
            self._torn = max(0, self._torn - 1)
            return line
        if len(self.crash.lines) < _MOST:
            self.crash.lines.append(line)
        return None

    def _whole(self, line: Line, before: str, signal: str) -> Line | None:
        """The head's second half came."""
        self._torn = 0
        self.crash.lines[0] = self.crash.lines[0]._replace(text=_FATAL + signal)
        return line._replace(text=before) if before else None
