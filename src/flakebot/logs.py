"""Take GitHub's envelope off a log in bounded memory: blocks of cleaned lines, then lines. Pure.

GitHub serves a job's log as UTF-8 with a byte-order mark, a time stamp of 28 characters before each
line, colour codes, and `##[command]` markers. The script of a `run:` step is echoed in cyan inside
a `##[group]Run` block: text that was not executed, so nothing may match it.

Most lines of a log mean nothing, and Python needs a microsecond to touch one. So colours and
overwritten text go from a whole block of bytes at a time (`Reader.blocks`), what reads the log
searches the block for the lines it needs, and only those become a `Line`. `Reader.lines` makes one
of every line.
"""

from __future__ import annotations

import re  # on bytes, by linear patterns: re2's own `sub` is twenty times slower
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from flakebot.settings import Limits

STAMP = 28
"""Characters of `2026-02-03T17:46:30.1837739Z`; one blank follows."""

_MARK = b"\xef\xbb\xbf"
"""A byte-order mark."""

_CYAN = b"\x1b[36;1m"
"""How the runner colours an echoed script."""

_ECHO = b"\x00"
"""Stands for `_CYAN` once other colours are removed; a NUL from the log itself is replaced
before."""

_COLOURS = re.compile(rb"\x1b\[[0-9;]*+m")  # noqa: TID251  see the import
_ESCAPES = re.compile(  # noqa: TID251  see the import
    rb"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|\][^\x07\x1b\n]*+(?:\x07|\x1b\\)|[@-Z\\^_=>])"
)
"""CSI sequences (colours), OSC sequences (links, titles), and single escapes."""

_COLUMNS = re.compile(  # noqa: TID251  see the import
    rb"\n[^\t\n]*+\t[^\t\n]*+\t(?:\xef\xbb\xbf)?(?=[\d-]{10}T[\d:.]{16}Z)"
)
"""The job and the step that `gh run view --log` puts before each line."""

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


class Block(NamedTuple):
    """Whole lines without colours and overwritten text, still with their stamps.

    `data` is valid UTF-8 and begins and ends with a line end; `number` is that of its first line.
    """

    data: bytes
    number: int

    @property
    def stamped(self) -> bool:
        """Whether its first line, and so probably every line, has a stamp."""
        return bool(_envelope(self.data[1 : STAMP + 2])[0])

    def row(self, start: int) -> bytes:
        """The line that begins at a place in `data`."""
        return self.data[start : self.data.index(b"\n", start)]


def plain_line(row: bytes, number: int) -> Line:
    """A line of which is known that it is neither echoed nor a command of the runner."""
    stamp, body = _envelope(row)
    return Line(number, body.decode(), stamp.decode())


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
        self.echoing = False
        """Whether a `##[group]Run` is open, whose lines are all echoed."""
        self.count = 0
        self.enveloped = False
        self.unended = False
        """Whether the last line has no end."""
        self.problem = ""
        self.has_cut = False
        """Whether a line was longer than its limit."""

    def lines(self, chunks: Iterable[bytes]) -> Iterator[Line]:
        """Cleaned lines in order; stops early, with `problem` set, when the log is no text or too
        long.
        """
        for block in self.blocks(chunks):
            for number, row in enumerate(block.data[1:-1].split(b"\n"), block.number):
                yield self.line(row, number)

    def blocks(self, chunks: Iterable[bytes]) -> Iterator[Block]:
        """The same lines, about `_READ` bytes at a time."""
        for raw in self._pieces(chunks):
            data = self._cleaned(raw if raw.endswith(b"\n") else raw + b"\n")
            block = Block(data, self.count + 1)
            self.count += data.count(b"\n") - 1
            first = data[1:].split(b"\n", 9)[:9]
            self.enveloped = self.enveloped or any(_envelope(row)[0] for row in first)
            yield block
        if not self.count and not self.problem:
            self.problem = "The log is empty."

    def line(self, row: bytes, number: int) -> Line:
        """A line of a block; to be called for every line that is echoed or a command."""
        stamp, body = _envelope(row)
        if not (self.echoing or body.startswith(b"##[") or _ECHO in body):
            return Line(number, body.decode(), stamp.decode())
        echoed = self.echoing
        if body.startswith(b"##[group]"):
            echoed = self.echoing = body.startswith(b"##[group]Run ")
        elif body.startswith(b"##[endgroup]"):
            self.echoing = False
        echoed = echoed or _ECHO in body
        return Line(number, body.replace(_ECHO, b"").decode(), stamp.decode(), echoed)

    def _pieces(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Whole lines, about `_READ` bytes at a time, never more than the limits allow."""
        rest, seen = b"", 0
        for chunk in chunks:
            if seen < _BINARY_HEAD and b"\x00" in chunk[: _BINARY_HEAD - seen]:
                self.problem = "The log is no text: it holds NUL bytes."
                return
            room = self._limits.log_bytes - seen
            seen += len(chunk)
            rest += chunk[:room]
            if len(chunk) > room:
                self.problem = f"Only the first {self._limits.log_bytes} bytes were read."
                rest = rest[: rest.rfind(b"\n") + 1] or rest  # half a line says half the truth
                break
            if len(rest) >= _READ:
                whole, newline, rest = rest.rpartition(b"\n")
                if newline:
                    yield whole + newline
                else:
                    rest = self._cut_line(rest)
        self.unended = bool(rest) and not rest.endswith(b"\n")
        if rest:
            yield rest

    def _cut_line(self, rest: bytes) -> bytes:
        """The head of a line that has no end yet, so that an endless line takes bounded memory."""
        self.has_cut = True
        return rest[: self._limits.line_bytes]

    def _cleaned(self, raw: bytes) -> bytes:
        """The data of a block."""
        if not raw.isascii():
            raw = raw.decode("utf-8", errors="replace").encode()
        data = b"\n" + raw.replace(b"\x00", "\ufffd".encode())
        if b"\x1b" in data:
            data = _COLOURS.sub(b"", data.replace(_CYAN, _ECHO))
        if b"\x1b" in data:
            data = _ESCAPES.sub(b"", data)
        if _COLUMNS.match(data) is not None:
            data = _COLUMNS.sub(b"\n", data)
        if data.startswith(_MARK, 1):
            data = b"\n" + data[1 + len(_MARK) :]
        if b"\r" in data or _has_longer(data, self._limits.line_bytes):
            data = b"\n".join(map(self._trimmed, data.split(b"\n")))
        return data

    def _trimmed(self, row: bytes) -> bytes:
        """A line without what was overwritten, and of a bounded length."""
        limit = self._limits.line_bytes
        if b"\r" not in row and len(row) <= limit:
            return row
        body = _envelope(row)[1]
        head = row[: len(row) - len(body)]
        parts = [part for part in body.split(b"\r") if part]  # a terminal shows the last
        text = (parts[-1] if parts else b"").decode()
        self.has_cut = self.has_cut or len(text) > limit
        return head + text[:limit].encode()


def _has_longer(data: bytes, limit: int) -> bool:
    """Whether a line is longer than the limit."""
    at = 0
    while at + limit + 1 < len(data):
        end = data.rfind(b"\n", at + 1, at + limit + 2)
        if end < 0:
            return True
        at = end
    return False


def _envelope(row: bytes) -> tuple[bytes, bytes]:
    """Stamp and text of a line; the stamp is empty when it has none."""
    if _is_stamp(row):
        return row[:STAMP], row[STAMP + 1 :]
    row = row.removeprefix(_MARK)
    if _is_stamp(row):
        return row[:STAMP], row[STAMP + 1 :]
    columns = row.split(b"\t", 2)
    if len(columns) == 3:  # noqa: PLR2004  job, step, line
        line = columns[2].removeprefix(_MARK)
        if _is_stamp(line):
            return line[:STAMP], line[STAMP + 1 :]
    if row.startswith(b"[20") and row[20:23] == b"Z] ":  # `[2025-06-28T09:19:58Z] `: Buildkite
        return row[1:21], row[23:]
    return b"", row


def _is_stamp(row: bytes) -> bool:
    """Whether a line begins with GitHub's time stamp."""
    return (
        row[27:28] == b"Z"
        and row[10:11] == b"T"
        and row[28:29] in {b" ", b""}
        and row[:27].isascii()
    )


def read_lines(chunks: Iterable[bytes], limits: Limits) -> Iterator[Line]:
    """Cleaned lines of a log; see `Reader` for what could not be read."""
    return Reader(limits).lines(chunks)
