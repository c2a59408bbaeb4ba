"""The lines that a verbose run of pytest prints for tests that pass, taken out of a block at once.

`id PASSED [ 12%]` alone; `id ` and `[gw0] [ 12%] PASSED id ` under xdist. What looks similar and is
not exactly that is left to the parser of single lines, and so is everything `GATE` finds. Pure.
"""

from __future__ import annotations

import re  # on bytes, by linear patterns: a match of re2 costs ten times as much
from collections.abc import Callable

from flakebot.frameworks import pytest_nested
from flakebot.frameworks.pytest_session import Session
from flakebot.frameworks.pytest_status import PASSED
from flakebot.logs import Block

_WORDS = "(?:PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS|RERUN|CRASHED|DISABLED|QUARANTINED|TIMEOUT)"
_PERCENT = r"\[[^\[\]\n]{0,9}%\]"
_NOT_PASSED = r"(?:[^D \t\n]|[^E]D|[^S]ED|[^S]SED|[^A]SSED|[^P]ASSED)[ \t]*"
_NO_ID = r"(?:(?:[^ :\n]|:[^ :\n])*:?(?: [^\n]*)?|[^ .\n]*::[^\n]*)"
"""What stands before a status in a line whose first word is no test id."""

GATE = "|".join(
    (
        r"^=[= ]|^\[w\d|Fatal Python error: |\+\+\+ Timeout \+\+\+|Windows fatal",
        r"^[^\w\n]*(?:FAILED|ERROR) [^\n]*::",
        rf"^{_WORDS}[^\w\n]*$|^(?:{_WORDS}|RETRY|ATR|EFD|ATF)[^\n]*%\]",
        rf"%\][^\n]*{_WORDS}[^\w\n]*$",
        rf"(?:{_NOT_PASSED}|^[^\w\n]*){_PERCENT}[^\w\n]*$|^{_NO_ID}PASSED *{_PERCENT}",
        r"^[^ \n]*\.py [.FEsxXR]*$|^ {8}[^ \n]+::",
        r"node down: |maximum crashed workers|crashed while|^created: | items\]$",
        r"^INTERNALERROR>|^!!!!",
        pytest_nested.GATE,
        # A worker's result behind output without a line end; `Z ` is the end of a time stamp.
        r"[^ \n'\"`]\[gw|[^Z\n] \[gw|^ \[gw|^[^\n]{0,26}Z \[gw|^[^\n]{28,}Z \[gw",
    )
)
"""RE2 of the lines that matter to the parser and are no progress line of a single test."""

_ID = rb"[\w/\\-]*+\.[\w./\\-]*+::[^ \[\n]++(?:\[(?!gw)[^ \[\]\n]*+\])?"
_LINE = (
    rb"(?:(" + _ID + rb")(?: (PASSED)(?: ++\[ *+(\d{1,3})%\])?)? *+(?=\n)"
    rb"|\[(gw\d{1,9})\] \[ *+(\d{1,3})%\] PASSED (" + _ID + rb") ?+(?=\n)"
    rb"|(?=\[gw|[^ .\n]*+\.[^ :\n]*+(?:::|:[^ :\n]*+(?:::|:[^ :\n]*+:))))"
)
"""Behind what is taken: what looks like it, and may be a bit more than that. Nothing but a set of
bytes is repeated without a bound: Python before 3.11.5 gets possessive groups wrong (gh-106052).
"""

_STAMPED = re.compile(rb"\n[^\n]{29}" + _LINE)  # noqa: TID251  see the import
_PLAIN = re.compile(rb"\n" + _LINE)  # noqa: TID251  see the import


def skim(
    session: Callable[[], Session], block: Block, start: int, end: int, number: int
) -> tuple[int, int]:
    """Take such lines between two line starts; see `reading.Skimming`.

    Args:
        session: gives the session under way; asked only when there is such a line.
        block: its bytes.
        start: where the first line begins.
        end: where the line behind the last one begins.
        number: that of the first line.
    """
    data, under_way, seen = block.data, None, start
    for match in (_STAMPED if block.stamped else _PLAIN).finditer(data, start - 1, end):
        name, passed, percent, worker, percent_of_worker, name_of_worker = match.groups()
        at = match.start() + 1
        number += data.count(b"\n", seen, at)
        seen = at
        if name is None and worker is None:
            return at, number
        if under_way is None:
            under_way = session()
            under_way.verbose = True
        if worker is not None:
            under_way.report(name_of_worker.decode(), PASSED, number, worker.decode())
            under_way.percent = int(percent_of_worker)
        elif passed is None:
            under_way.start(name.decode(), number)
        else:
            under_way.report(name.decode(), PASSED, number)
            under_way.percent = under_way.percent if percent is None else int(percent)
    return end, number + data.count(b"\n", seen, end)
