"""Take GitHub's envelope off a log, line by line, in bounded memory. Pure.

GitHub serves a job's log as UTF-8 with a byte-order mark, a time stamp of 28 characters before each
line, colour codes, and `##[command]` markers. The script of a `run:` step is echoed in cyan inside
a `##[group]Run` block: text that was not executed, so nothing may match it.
"""

from __future__ import annotations

import re  # only `re.sub` on one linear pattern: re2's own `sub` is twenty times slower
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import NamedTuple

from flakebot.settings import Limits

_STAMP = 28
"""Characters of `2026-02-03T17:46:30.1837739Z`; one blank follows."""

_CYAN = "\x1b[36;1m"
"""How the runner colours an echoed script."""

_ECHO = "\x00"
"""Stands for `_CYAN` once other colours are removed; a NUL from the log itself is replaced
before."""

_ESCAPES = r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[@-Z\\^_=>])"
"""CSI sequences (colours), OSC sequences (links, titles), and single escapes."""

_READ = 1024 * 1024
"""Bytes cleaned at a time."""

_BINARY_HEAD = 8000
"""A NUL this early means that the file is no text (git's own heuristic)."""


class Line(NamedTuple):
    """One cleaned line: its number in the raw log, its text, GitHub's time stamp (empty when it has
    none), and whether it echoes a script rather than printing output.
    """

    number: int
    text: str
    time: str = ""
    echoed: bool = False


def seconds_between(earlier: str, later: str) -> int:
    """Whole seconds between two time stamps of GitHub, 0 when one is no time."""
    try:
        # Seven digits of fraction are one too many for Python 3.11 on some platforms.
        first, last = (datetime.fromisoformat(stamp[:19]) for stamp in (earlier, later))
    except ValueError:
        return 0
    return int((last - first).total_seconds())


class Reader:
    """Reads one log once; afterwards knows what was wrong with it.

    Args:
        limits: bounds on the whole log and on one line, in bytes.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._echo_group = False
        self.count = 0
        self.enveloped = False
        self.problem = ""

    def lines(self, chunks: Iterable[bytes]) -> Iterator[Line]:
        """Cleaned lines in order; stops early, with `problem` set, when the log is no text or too
        long.
        """
        for block in self._blocks(chunks):
            yield from self._clean(block)
        if not self.count and not self.problem:
            self.problem = "The log is empty."

    def _blocks(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Whole lines, about `_READ` bytes at a time, never more than the limits allow."""
        rest, seen = b"", 0
        for chunk in chunks:
            if not seen and b"\x00" in chunk[:_BINARY_HEAD]:
                self.problem = "The log is no text: it holds NUL bytes."
                return
            room = self._limits.log_bytes - seen
            seen += len(chunk)
            rest += chunk[:room]
            if len(chunk) > room:
                self.problem = f"Only the first {self._limits.log_bytes} bytes were read."
                break
            if len(rest) >= _READ:
                whole, newline, rest = rest.rpartition(b"\n")
                yield whole + newline
                rest = rest if newline else self._cut_line(rest)
        if rest:
            yield rest

    def _cut_line(self, rest: bytes) -> bytes:
        """The head of a line that has no end yet, so that an endless line takes bounded memory."""
        return rest[: self._limits.line_bytes]

    def _clean(self, block: bytes) -> Iterator[Line]:
        text = block.decode("utf-8", errors="replace").replace("\x00", "�")
        if "\x1b" in text:
            text = re.sub(_ESCAPES, "", text.replace(_CYAN, _ECHO))
        rows = text.split("\n")
        if not rows[-1]:
            rows.pop()
        limit = self._limits.line_bytes
        make = partial(tuple.__new__, Line)  # half the time of Line(...), on every line there is
        for number, row in enumerate(rows, self.count + 1):
            if row[27:28] == "Z" and row[10:11] == "T":
                stamp, body = row[:_STAMP], row[_STAMP + 1 :]
            else:
                stamp, body = _odd(row)
            if "\r" in body:
                body = _last_print(body)
            if len(body) > limit:
                body = body[:limit]
            if self._echo_group or body.startswith("##[") or _ECHO in body:
                yield self._marked(number, stamp, body)
            else:
                yield make((number, body, stamp, False))
        self.count += len(rows)
        self.enveloped = self.enveloped or any(_odd(row)[0] for row in rows[:9])

    def _marked(self, number: int, stamp: str, body: str) -> Line:
        """A line that is echoed, or that begins or ends what is."""
        echoed = self._echo_group
        if body.startswith("##[group]"):
            echoed = self._echo_group = body.startswith("##[group]Run ")
        elif body.startswith("##[endgroup]"):
            self._echo_group = False
        if _ECHO in body:
            echoed, body = True, body.replace(_ECHO, "")
        return Line(number, body, stamp, echoed)


def _odd(row: str) -> tuple[str, str]:
    """Stamp and text of a line that does not begin with a stamp: the first line after a byte-order
    mark, the columns job, step and line of `gh run view --log`, or a line without any stamp.
    """
    row = row.removeprefix("\ufeff")
    if row[27:28] == "Z" and row[10:11] == "T":
        return row[:_STAMP], row[_STAMP + 1 :]
    columns = row.split("\t", 2)
    if len(columns) == 3:  # noqa: PLR2004  job, step, line
        line = columns[2].removeprefix("\ufeff")
        if line[27:28] == "Z" and line[10:11] == "T":
            return line[:_STAMP], line[_STAMP + 1 :]
    if row.startswith("[20") and row[20:23] == "Z] ":  # `[2025-06-28T09:19:58Z] `: Buildkite
        return row[1:21], row[23:]
    return "", row


def _last_print(body: str) -> str:
    """What a terminal shows of a line that was overwritten by carriage returns."""
    parts = [part for part in body.split("\r") if part]
    return parts[-1] if parts else ""


def read_lines(chunks: Iterable[bytes], limits: Limits) -> Iterator[Line]:
    """Cleaned lines of a log; see `Reader` for what could not be read."""
    return Reader(limits).lines(chunks)
