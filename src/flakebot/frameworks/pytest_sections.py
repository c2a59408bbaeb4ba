"""The part of pytest's output after the tests ran: failures, errors, summary. Pure."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import re2

from flakebot.frameworks.reading import Block
from flakebot.logs import Line

HEAD = 250
"""Lines kept from the start of a failure."""

TAIL = 150
"""Lines kept from its end, where the error is."""

BUDGET = 100_000
"""Lines kept of all failures of one log; beyond it only `SHORT` of each."""

SHORT = 20

ENDS = (
    "##[group]",
    "##[error]Process completed",
    "##[error]The operation was canceled",
    "Post job ",
)
"""Where a report ends that was cut: the runner speaks again."""

_REPORTS = ("FAILURES", "ERRORS", "Datadog Auto Test Retries", "RERUNS")
_ORDER = {"ERRORS": 0, "FAILURES": 1, "XFAILURES": 2, "PASSES": 3, "XPASSES": 4}
"""In which the sections come that quote what tests printed."""

_QUOTING = frozenset({*_REPORTS, *_ORDER})
"""The sections in which headers stand."""

_NUMBERS = re2.compile(
    r"\b(\d{1,9}) (passed|failed|errors?|skipped|xfailed|xpassed|rerun|deselected|warnings?"
    r"|crashed)\b"
)
_FINAL = re2.compile(
    r"^(?:=+ )?(?:\d+ [a-z]+(?:, )?)+(?: in [\d.]+s?(?:econds)?.*)?|^=+ no tests ran"
)


def section_name(text: str) -> str | None:
    """The title of `===== TITLE =====`, None for other lines; a long one leaves room for `= =`."""
    if text.startswith(("==", "= ")) and text.endswith("="):
        return text.strip("=").strip() or None
    return None


def totals(text: str) -> dict[str, int] | None:
    """The numbers of a session's last line, `= 4 failed, 8 passed in 4.01s =`; None for others."""
    if " in " not in text or not (text[:1] == "=" or text[:1].isdigit()):
        return None
    if "no tests ran" in text:
        return {}
    if _FINAL.match(text) is None:
        return None
    return {word.rstrip("s") if word == "errors" else word: n for n, word in _found(text)} or None


def _found(text: str) -> list[tuple[int, str]]:
    return [(int(match.group(1)), match.group(2)) for match in _NUMBERS.finditer(text)]


class Header(NamedTuple):
    """What stands over a failure: what failed, and in which phase."""

    name: str
    kind: str


_PHASES = {
    "ERROR at setup of ": "setup",
    "ERROR at teardown of ": "teardown",
    "ERROR collecting ": "collect",
}


def header(text: str) -> Header | None:
    """`____ test_x[a] ____`, `_ ERROR at setup of Class.test_x _`; None for other lines."""
    if not (text.startswith("_") and text.endswith("_")):
        return None
    name = text.strip("_")
    if len(name) < 3 or name[0] != " " or name[-1] != " " or not name.strip("_ "):  # noqa: PLR2004
        return None
    name = name.strip()
    for words, kind in _PHASES.items():
        if name.startswith(words):
            return Header(name[len(words) :], kind)
    return Header(name, "call")


class Collector:
    """Gathers the blocks of the sections that report failures.

    A failure's captured output may hold a whole pytest session (a test of a pytest plug-in), so
    sessions nested in it are counted and nothing in them is a header of ours. A quiet one has no
    start, but its failures stand where those of ours are already under way.
    """

    def __init__(self) -> None:
        self.section: str | None = None
        self.blocks: list[tuple[Header, Block]] = []
        self._header: Header | None = None
        self._lines: list[Line] = []
        self._tail: deque[Line] = deque(maxlen=TAIL)
        self._budget = BUDGET
        self._captured = False
        self._nested = 0
        self._inner = ""  # the section of the session inside

    @property
    def nested(self) -> bool:
        """Whether the lines belong to a session inside a failure's captured output."""
        return self._nested > 0

    @property
    def captured(self) -> bool:
        """Whether the lines are what a failing test printed."""
        return self._captured

    def enter(self, section: str | None) -> None:
        """A new section begins; None ends the report."""
        self._close()
        self.section = section

    def feed(self, line: Line) -> None:
        """A line of the current section."""
        if self.section not in _QUOTING:
            return
        text = line.text
        found = None if self._inner in _QUOTING else header(text)
        if found is not None:
            self._close()
            self._header = found if self.section in _REPORTS else None
            return
        if text.startswith("---") and " Captured " in text:
            self._captured = True
        self._count_nested(text)
        if self._header is not None:
            self._keep(line)

    def nests(self, name: str) -> bool:
        """Whether a section of that name would be one of a session inside captured output."""
        before = _ORDER.get(self.section or "", -1)
        return self._captured and _ORDER.get(name, len(_ORDER)) <= before

    def _count_nested(self, text: str) -> None:
        name = section_name(text)
        quiet = name is not None and not self._nested and self.nests(name)
        if quiet or (self._captured and name == "test session starts"):
            self._nested += 1
        elif self._nested and totals(text) is not None:
            self._nested -= 1
            name = None
        if name is not None or not self._nested:
            self._inner = name if name is not None and self._nested else ""

    def _keep(self, line: Line) -> None:
        most = HEAD if self._budget > 0 else SHORT
        if len(self._lines) < most:
            self._lines.append(line)
            self._budget -= 1
        elif not self._captured:
            self._tail.append(line)

    def _close(self) -> None:
        if self._header is not None:
            lines = (*self._lines, *self._tail)
            self.blocks.append((self._header, Block(kind=self._header.kind, lines=lines)))
        self._header, self._lines = None, []
        self._tail.clear()
        self._captured, self._nested, self._inner = False, 0, ""

    def take(self) -> list[tuple[Header, Block]]:
        """All complete blocks, once."""
        self._close()
        blocks, self.blocks = self.blocks, []
        return blocks
