"""Cut from a log the little that shows one cause: a fixture for its rule. Pure.

Lines are left out, none is changed but for secrets, and what is left is read again and must come to
the same: the rule is the first cause. The lines around the evidence stay, and those that other
rules match, so that the fixture shows what the rule must beat.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import re2

from flakebot.logs import STAMP, Line, read_lines
from flakebot.model import Cause, LogReading
from flakebot.reading.classify import read_log
from flakebot.reading.rules import RuleSet
from flakebot.reading.trace import Note, Trace
from flakebot.secrets_mask import Masker
from flakebot.settings import Limits

LARGEST = 15_000
"""Bytes of a fixture; a person reads it."""

AROUND = 4
"""Lines kept before and after the evidence, and after the step's end."""

_RIVALS = 12
"""Lines kept because another rule matches them."""

_NEAR = 2000
"""Lines around what is kept with which a long log is tried first."""

_PATIENCE = 4_000_000
"""Lines that are read to see whether they still say the same, half a minute's worth."""

_FIXED = 300
"""Lines that could be read in the time it takes to begin with a log."""

_HEADER = 20
"""Lines of an echoed script that are kept."""

_STEP = re2.compile(r"^(?:\x{feff})?(?:\S{28} )?##\[group\]Run ")
_END = re2.compile(r"^\S{28} ##\[endgroup\]|^##\[endgroup\]")
_ERROR = re2.compile(r"^(?:\S{28} )?##\[error\]")


def cut(lines: Sequence[str], cause: Cause, trace: Trace, rules: RuleSet) -> str:
    """The smallest log that still tells the cause, empty when there is none below `LARGEST`.

    Args:
        lines: the log's lines as they are, without their ends.
        cause: one of its causes.
        trace: the notes taken when it was read.
        rules: what it was read by.
    """
    holds = _Same(lines, cause, rules)
    at = cause.line - 1
    rich = {*_around(lines, at), *_rivals(cause, trace)}
    for kept in (rich, {at}):
        found = _shortened(len(lines), {line for line in kept if 0 <= line < len(lines)}, holds)
        text = masked([lines[line] for line in found], rules.mask)
        if len(text.encode()) <= LARGEST and holds.first(text):
            return text
    return ""


class _Same:
    """Whether some of a log's lines tell the same cause as all of them."""

    def __init__(self, lines: Sequence[str], cause: Cause, rules: RuleSet) -> None:
        self._lines = lines
        self._cause = cause
        self._rules = rules
        self.patience = _PATIENCE

    def __call__(self, kept: Sequence[int]) -> bool:
        """Whether these lines, by their index, do."""
        self.patience -= len(kept) + _FIXED
        reading = self._read("\n".join(self._lines[line] for line in kept))
        return any(self._told(cause) and cause.text == self._cause.text for cause in reading.causes)

    def first(self, text: str) -> bool:
        """Whether a text tells it before anything else; a secret in it may be masked."""
        return any(self._told(cause) for cause in self._read(text).causes[:1])

    def _told(self, cause: Cause) -> bool:
        wanted = self._cause
        return (cause.rule, cause.category) == (wanted.rule, wanted.category) and (
            bool(cause.tests) is bool(wanted.tests)
        )

    def _read(self, text: str) -> LogReading:
        return read_log("excerpt", [text.encode()], self._rules, Limits())


def _around(lines: Sequence[str], at: int) -> Iterator[int]:
    """The evidence and its neighbours, the script of its step, and the step's end."""
    yield from range(at - AROUND, at + AROUND + 1)
    start = next((i for i in range(at, -1, -1) if _STEP.search(lines[i])), None)
    if start is not None:
        ends = (i for i in range(start, start + _HEADER) if i < at and _END.search(lines[i]))
        yield from range(start, next(ends, start) + 1)
    ends = (i for i in range(at, len(lines)) if _ERROR.search(lines[i]))
    yield from (i for i in (next(ends, at),) if i - at < _NEAR)


def _rivals(cause: Cause, trace: Trace) -> Iterator[int]:
    """Where other rules match, the nearest lines first."""
    notes: list[Note] = [*trace.job]
    for test in cause.tests[:1]:
        notes = [*trace.tests.get(test, notes)]
    rivals = {note.line.number for note in notes if note.rule.id != cause.rule}
    yield from (line - 1 for line in sorted(rivals, key=lambda n: abs(n - cause.line))[:_RIVALS])


def _shortened(count: int, kept: Collection[int], holds: _Same) -> list[int]:
    """Leave out ever smaller runs of lines, as long as the rest says the same (delta debugging,
    Zeller and Hildebrandt 2002, without its complements).
    """
    ends = (range(line - _NEAR, line + _NEAR) for line in (*kept, count))
    near = sorted({line for end in ends for line in end if 0 <= line < count})
    found = near if holds(near) else list(range(count))
    size = len(found)
    while size > 1 and holds.patience > 0:
        size = (size + 1) // 2
        at = 0
        while at < len(found) and holds.patience > 0:
            left = [line for line in found[at : at + size] if line in kept]
            rest = [*found[:at], *left, *found[at + size :]]
            if len(rest) < len(found) and holds(rest):
                found = rest
                at += len(left)
            else:
                at += size
    return found


def masked(lines: Sequence[str], mask: Masker) -> str:
    """The lines as a log without secrets: one that holds any loses its colours."""
    clean = [_clean(line) for line in lines]
    rows = mask.lines([line.text for line in clean])
    return mask("".join(_as_log(*one) + "\n" for one in zip(lines, clean, rows, strict=True)))


def _clean(line: str) -> Line:
    (clean,) = read_lines([line.encode() + b"\n"], Limits())
    return clean


def _as_log(line: str, clean: Line, shown: str) -> str:
    """A line of a log with another text, as it is when that is its own."""
    if shown == clean.text:
        return line
    head = line[: STAMP + 1] if clean.time and line.startswith(clean.time) else ""
    return f"{head}\x1b[36;1m{shown}\x1b[0m" if clean.echoed else head + shown
