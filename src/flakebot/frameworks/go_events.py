r"""Unwrap what `go test -json` prints: one event a line, of which some hold a line of output. Pure.

`{"Time":"…","Action":"output","Package":"a/b","Test":"TestX","Output":"=== RUN   TestX\n"}`
(https://pkg.go.dev/cmd/test2json). Packages that run side by side print in turns; the lines of each
are held back until it ends.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import re2

from flakebot.logs import Line, Reader
from flakebot.settings import Limits

GATE = r"^\{\"(?:Time|Action)\":\""
"""How an event begins."""

_BEGINS = ('{"Time":"', '{"Action":"')
_ENDS = frozenset({"pass", "fail", "skip"})
_MOST = 4 * 1024 * 1024
"""Characters that are held back; beyond, lines of several packages stay in turns."""

_LINE = 100
"""Characters that an empty line counts for, by the memory that it takes."""


class Event(msgspec.Struct, frozen=True):
    """The fields of an event that are read."""

    action: str = msgspec.field(name="Action", default="")
    package: str = msgspec.field(name="Package", default="")
    test: str = msgspec.field(name="Test", default="")
    output: str = msgspec.field(name="Output", default="")


_UNCLEAN = re2.compile(r"[\x00\x1b\r\n]")
_DECODER = msgspec.json.Decoder(Event)


def event(text: str) -> Event | None:
    """The event of a line, none when it is no event of a package."""
    if not text.startswith(_BEGINS):
        return None
    try:
        found = _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if found.action and found.package else None


class Packages:
    """The lines of the packages that run."""

    def __init__(self) -> None:
        self._lines: dict[str, list[Line]] = {}
        self._size = 0
        self.running = False
        """Whether events are what `go` itself prints, none that a test does."""

    def take(self, told: Event, line: Line) -> list[Line]:
        """The lines that an event completes: none, or those of its package.

        Args:
            told: the event.
            line: the line that it was.
        """
        self.running = True
        if told.action == "output":
            lines = _plain(told.output, line)
            self._lines.setdefault(told.package, []).extend(lines)
            self._size += _size(lines)
            return self._rest() if self._size > _MOST else []
        if told.action not in _ENDS or told.test:
            return []
        lines = self._lines.pop(told.package, [])
        self._size -= _size(lines)
        return lines

    def end(self) -> list[Line]:
        """What is held back when no more events come."""
        self.running = False
        return self._rest()

    def _rest(self) -> list[Line]:
        held = [line for lines in self._lines.values() for line in lines]
        self._lines.clear()
        self._size = 0
        return held


def _plain(output: str, line: Line) -> list[Line]:
    """The lines of an output, mostly one, cleaned as those of a log."""
    text = output.removesuffix("\n")
    if _UNCLEAN.search(text) is None:
        return [line._replace(text=text)]
    found = Reader(Limits()).lines([output.encode()])
    return [line._replace(text=each.text) for each in found]


def _size(lines: Sequence[Line]) -> int:
    return sum(len(line.text) + _LINE for line in lines)
