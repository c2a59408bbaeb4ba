r"""Read what PHPUnit prints with `--testdox`. Pure.

`Shelf (Store\Tests\Shelf)` over its tests: ` ✔ Holds`, or ` ✘ Is wide` with its report in a
frame. The names of class and method cannot be told from that, so the id is what is printed of both.
"""

from __future__ import annotations

import re2

from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

_CLASS = re2.compile(r"^(?:\S.* \(([A-Za-z_][\w\\]*)\)|([A-Z]\w*(?: \w+)*))$")
"""A class, with its full name where it has a namespace."""

_TEST = re2.compile(r"^ ([✔✘⚠☢↩∅]) (\S.*?)(?: \[[\d.]+ m?s\])?$")
_FRAME = re2.compile(r"^   ([│┐├┊╵┴╷]) ?(.*?) *$")
_PLACE = re2.compile(r"^\S+\.php:\d+$")
_STATUSES = {
    "✘": Status.FAILED,
    "↩": Status.SKIPPED,
    "∅": Status.SKIPPED,
}
"""The other tests passed, though PHPUnit had something to say of them."""


class Testdox:
    """The tests that one run of PHPUnit shows.

    Args:
        tally: takes what becomes of them.
    """

    __test__ = False  # not a pytest class

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._title = self._class = ""

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        title, self._title = self._title, ""
        frame = _FRAME.match(line.text)
        if frame is not None:
            return self._tally.write(line._replace(text=_unframed(*frame.groups())))
        if not line.text:
            return False
        self._tally.close()
        test = _TEST.match(line.text)
        if test is None:
            found = _CLASS.match(line.text)
            self._title = found.group(1) or found.group(2) if found is not None else ""
            return False
        self._class = title or self._class
        if self._class:
            self._end(f"{self._class}::{test.group(2)}", test.group(1), line)
        return False

    def _end(self, name: str, mark: str, line: Line) -> None:
        case = self._tally.end(name, _STATUSES.get(mark, Status.PASSED), line)
        if mark == "✘":
            self._tally.report(case)


def _unframed(edge: str, text: str) -> str:
    """A line of a report; differences have dots for blanks where there are colours."""
    if edge == "┊":
        return text.replace("·", " ")
    return f"  {text}" if _PLACE.match(text) is not None else text
