"""Read what a Go program prints when it dies: why, and the stacks of its goroutines. Pure."""

from __future__ import annotations

import re2

from flakebot.frameworks.reports import Report
from flakebot.logs import Line

BEGINS = ("panic: ", "fatal error: ")
"""How its first line begins."""

_RUNNING = re2.compile(r"^\t((?:Test|Fuzz|Example)\S*) \(\d[\dhms.]*\)$")
_FRAME = re2.compile(r"^(?:\S*/)?[\w-]+\.((?:Test|Fuzz|Example)\w*)\(")
_MADE = re2.compile(
    r"^(?:created by )?(?:\S*/)?[\w-]+\.((?:Test|Fuzz|Example)\w*)(?:\.[\w.]+)?"
    r"(?:\(.*\)| in goroutine \d+)?$"
)
"""A frame of a test, of a function in it, or of what started a goroutine."""

_MAIN = "TestMain"
"""What runs the tests of a package, and is none."""

_HUNG = 50
"""Tests named by one time-out."""


class Dump:
    """The lines of one dump, and the tests that they name."""

    def __init__(self, line: Line) -> None:
        self.first = line
        self.report = Report("crash", [line])
        self.hung: dict[str, None] = {}
        """Tests that were running when their time was over."""
        self.by = ""
        """The test whose code died, as far as a stack tells."""

    @property
    def timed_out(self) -> bool:
        """Whether the tests of a package took too long."""
        return self.first.text.startswith("panic: test timed out after")

    @property
    def repanicked(self) -> bool:
        """Whether the panic is one of a test itself, which is told as failed before."""
        return "[recovered" in self.first.text

    def add(self, line: Line) -> None:
        """A line of its stacks, or of the tests that a time-out found running."""
        self.report.add(line)
        found = _RUNNING.match(line.text) or _FRAME.match(line.text)
        if found is not None and len(self.hung) < _HUNG and found.group(1) != _MAIN:
            self.hung[found.group(1)] = None
        made = _MADE.match(line.text) if not self.by else None
        if made is not None and made.group(1) != _MAIN:
            self.by = made.group(1)
