"""The lines of a report that a person would quote. Pure.

Of a dump the frames of the project, of a traceback its last exception, of a comparison its values;
frames of libraries are left out where the project has frames of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import re2

from flakebot.frameworks.reading import Block
from flakebot.logs import Line

INTERNAL = "INTERNALERROR> "
"""What pytest puts before the lines of an error of its own."""

EXCERPT = 24
"""Lines a person would quote."""

TEXT = 1000
"""Characters of a cause's own line."""

_BEFORE = 10
"""Lines quoted before the error, as far as there is room."""

_LEAST_BEFORE = 6
"""Lines quoted before the error in any case."""

_AFTER = 10
"""Lines quoted after the error."""

_AFTER_MARK = 3
"""The same in pytest's reports, which show local variables there."""

_BOUNDARIES = (
    "During handling of the above exception",
    "The above exception was the direct cause",
    "Retry #",
)
"""Where one error of a report ends and another begins."""

_WIDTH = 400
"""Characters of one quoted line."""

TITLES = re2.compile(r"^-+ .+ -+$")
"""What stands over captured output."""

_TOOL_FRAME = re2.compile(
    r"^\s+(?:at|❯) .*(?:node:internal/|node:async_hooks|/node_modules/)"  # noqa: RUF001  vitest's
)
_FRAME = re2.compile(r'^ +File "|^\S+:\d+: in ')
_LIBRARY = ("/site-packages/", "/lib/python", "<frozen ", "<string>")
_NATIVE = "Current thread's C stack"
"""What Python 3.14 writes over the native frames of the thread that crashed."""

_SYSTEM = re2.compile(
    r'^ *Binary file "[^"]*/(?:python[\d.]*|lib(?:python|c|pthread)[\d.-]*\.so[\d.]*)"'
)
"""Native frames of the interpreter and of the C library."""


def excerpt(block: Block, line: Line) -> tuple[str, ...]:
    """What a person would quote of a masked block: of a dump the frames of the test, else the lines
    around the error.
    """
    lines = _of_dump(block) if block.kind in {"crash", "timeout"} else _around(block, line)
    return tuple(quote(row.text) for row in lines[:EXCERPT])


def quote(text: str) -> str:
    """A masked log line, cut where it is very long."""
    text = text.rstrip()
    return text if len(text) <= _WIDTH else text[:_WIDTH] + "…"


def _of_dump(block: Block) -> list[Line]:
    """The announcement, then the thread that crashed without the frames of the libraries."""
    rows = list(block.lines)
    marks = ("Current thread", "Stack of MainThread")
    start = next((i for i, row in enumerate(rows) if any(m in row.text for m in marks)), 1)
    frames = _frames(rows[start:])
    shown = frames if len(frames) > 1 else rows[start : start + 8]
    return [*rows[:1], *shown]


def _frames(rows: Sequence[Line]) -> list[Line]:
    """Without the frames of libraries, and without the source line that may follow each."""
    kept: list[Line] = []
    library = False
    for row in rows:
        if row.text.lstrip().startswith(("File ", "Binary file ")):
            library = _of_library(row.text)
        elif row.text.startswith(_NATIVE):
            library = False
        if row.text.strip() and not library:
            kept.append(row)
    return kept[:-1] if kept and kept[-1].text.startswith(_NATIVE) else kept


def _around(block: Block, line: Line) -> list[Line]:
    """The lines before an error that lead to it, and those after it that belong to it: in pytest's
    reports up to the last `E ` line, elsewhere until something else begins or all is said again.
    """
    rows = [row._replace(text=row.text.removeprefix(INTERNAL)) for row in block.lines]
    rows = _without_libraries([row for row in rows if row.text.strip()], line) or [line]
    at = next((i for i, row in enumerate(rows) if row.number == line.number), 0)
    marked = rows[at].text.startswith("E ")
    first = at
    while marked and first > 0 and rows[first - 1].text.startswith("E "):
        first -= 1
    last = _end(rows, at)
    first = max(first, at - EXCERPT // 2)
    room = min(_BEFORE, max(EXCERPT - (last - first), _LEAST_BEFORE))
    begin = first
    while begin > max(0, first - room) and not rows[begin - 1].text.startswith(_BOUNDARIES):
        begin -= 1
    return rows[begin:last]


def _without_libraries(rows: Sequence[Line], line: Line) -> list[Line]:
    """Without frames of libraries and their source lines, where the project has frames as well."""
    frames = [row.text for row in rows if _FRAME.match(row.text) is not None]
    mixed = any(not _of_library(text) for text in frames)
    kept: list[Line] = []
    library = False
    for row in rows:
        if _FRAME.match(row.text) is not None:
            library = mixed and _of_library(row.text)
        elif row.number == line.number or not row.text.startswith("    "):
            library = False
        told = row.number == line.number or _TOOL_FRAME.match(row.text) is None
        if told and not library:
            kept.append(row)
    return kept


def _of_library(text: str) -> bool:
    return any(place in text for place in _LIBRARY) or _SYSTEM.search(text) is not None


def _end(rows: Sequence[Line], at: int) -> int:
    """Where the lines that belong to an error end."""
    last, limit = at + 1, at + 1 + (_AFTER_MARK if rows[at].text.startswith("E ") else _AFTER)
    while last < len(rows):
        text = rows[last].text
        if not text.startswith("E ") and last >= limit:
            break
        if TITLES.match(text) is not None or text.startswith(_BOUNDARIES):
            break
        if text == rows[at].text:
            break
        last += 1
    return last
