"""Read what minitest prints, alone and under Rails. Pure.

`  1) Failure:` and `Class#test_x [file:line]:` with the message until an empty line; with `-v`
`Class#test_x = 0.00 s = F` per test. Format: https://github.com/minitest/minitest (README)
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Reading
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "minitest"

GATE = (
    r"^(?:  +\d+\) )?(?:Failure|Error|Skipped):$|#test_.* = \d+\.\d+ s = "
    r"|^\d+ (?:runs|tests), \d+ assert"
)
"""Lines that matter while no report is open; see `reading.Gated`."""

_HEAD = re2.compile(r"^(?:  +\d+\) )?(Failure|Error|Skipped):$")
_TEST = re2.compile(
    r"^([\w:]+(?:::[^#]*)?#test_.*?)(?: \[[^\]]+\])?:$|^(test_\S+\([\w:]+\))(?: \[.*\])?:$"
)
_VERBOSE = re2.compile(r"^([\w:]+(?:::[^#]*)?#test_.*?) = \d+\.\d+ s = ([.FES])$")
_TOTAL = re2.compile(
    r"^(\d{1,9}) (?:runs|tests), \d+ assertions, (\d{1,9}) failures, (\d{1,9}) errors"
    r", (\d{1,9}) skips"
)
_WORDS = {"Failure": Status.FAILED, "Error": Status.ERROR, "Skipped": Status.SKIPPED}
_MARKS = {".": Status.PASSED, "F": Status.FAILED, "E": Status.ERROR, "S": Status.SKIPPED}


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._word: str | None = None

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy or self._word is not None

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        if text.endswith(":"):
            if (head := _HEAD.match(text)) is not None:
                self._tally.close()
                self._word = head.group(1)
                return True
            if self._word is not None and (test := _TEST.match(text)) is not None:
                return self._failed(test.group(1) or test.group(2), self._word, line)
        self._word = None
        if " s = " in text and (verbose := _VERBOSE.match(text)) is not None:
            self._tally.end(verbose.group(1), _MARKS[verbose.group(2)], line)
            return False
        if " assertions, " in text and (total := _TOTAL.match(text)) is not None:
            self._total(*(int(number) for number in total.groups()))
        if not text.strip() or text.startswith("##["):
            self._tally.close()
        return self._tally.write(line)

    def _failed(self, name: str, word: str, line: Line) -> bool:
        """The test to which a numbered entry belongs."""
        self._word = None
        status = _WORDS[word]
        case = self._tally.case(name, line)
        if not case.outcomes:
            self._tally.end(name, status, line)
        if status.bad:
            self._tally.report(case)
        return True

    def _total(self, run: int, failures: int, errors: int, skips: int) -> None:
        self._tally.seen = True
        self._tally.failed |= bool(failures or errors)
        self._tally.named[Status.PASSED] += run - failures - errors - skips
        self._tally.named[Status.SKIPPED] += skips

    def result(self) -> Reading:
        """What became of each test."""
        return self._tally.result()
