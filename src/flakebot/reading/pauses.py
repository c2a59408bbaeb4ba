"""How long a log was silent before it was stopped; this rests on time stamps alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flakebot.logs import Line, seconds_between

SILENCE = 600
"""Seconds without output before a cancel that make it a hang: a push that supersedes a run cancels
it at any moment, but a test suite that prints its tests is not silent for ten minutes."""

_LAST_WORDS = 15
"""Seconds in which a process that is being stopped may still speak: it gets SIGINT, 7.5 seconds
later SIGTERM, and is killed 2.5 seconds after that
(https://docs.github.com/en/actions/reference/workflow-cancellation-reference). The line that it had
begun, as pytest's of a test that runs, is stamped only now.
"""

_TEN_MINUTES = 15
"""Characters of a time stamp that are the same all through ten minutes."""


class Stop(NamedTuple):
    """What stopped a job, the last line before the silence that it ended, and its seconds."""

    line: Line
    before: Line
    silence: int


_NOTHING = Line(0, "")


class Pauses:
    """Listens to all output of a log, in order."""

    def __init__(self) -> None:
        self._last = _NOTHING
        self._pause = (_NOTHING, _NOTHING)  # the last long one: the lines around it

    def heard(self, line: Line) -> None:
        """A line; what the runner reports is no output."""
        if not line.time or line.text.startswith("##[error]"):
            return
        crosses = line.time[:_TEN_MINUTES] != self._last.time[:_TEN_MINUTES]
        if crosses and seconds_between(self._last.time, line.time) >= SILENCE:
            self._pause = (self._last, line)
        self._last = line

    def skipped(self, backwards: Iterator[Line]) -> None:
        """Lines of output that nobody had to read, the last one first."""
        last = next((line for line in backwards if line.time), self._last)
        if last.time[:_TEN_MINUTES] != self._last.time[:_TEN_MINUTES]:
            for line in [*backwards][::-1]:
                self.heard(line)
        self.heard(last)

    def stopped(self, line: Line) -> Stop:
        """The silence before a line that stops the job, or before the words it was answered by."""
        before, after = self._pause
        if after.time and seconds_between(after.time, line.time) <= _LAST_WORDS:
            return Stop(line, before, seconds_between(before.time, after.time))
        return Stop(line, self._last, seconds_between(self._last.time, line.time))
