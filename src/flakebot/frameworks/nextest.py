"""Read what `cargo nextest run` prints. Pure.

`FAIL [   0.005s] crate module::test` per run of a test, with `TRY 2 PASS` and `FLAKY 2/3` where it
retries; a signal stands in place of `FAIL`. Its summary repeats what failed, at times with the
output. With `--no-capture` the output stands before the result, behind `START [         ]`.
Format: https://nexte.st/docs/features/retries/ and https://nexte.st/docs/reporting/
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Reading
from flakebot.frameworks.reports import Report
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "nextest"

GATE = r"^[ TF].*\[ *\d+\.\d+s\] |^ +(?:TRY \d+ )?START \[ "
"""Lines that matter while no report is open; see `reading.Gated`."""

_RESULT = re2.compile(
    r"^ *(?:TRY \d+ )?(PASS|FAIL|XFAIL|LEAK|LKFAIL|FL\+LK|LEAK-FAIL|FLAKY|TIMEOUT|TMT"
    r"|TIMEOUT-PASS|ABORT|SIG[A-Z0-9]+|SIG \d+|ABORT SIG \d+|EXEC FAIL|XFL|SKIP)(?: \d+/\d+)?"
    r" \[ *\d+\.\d+s\] (?:\([^()]{1,20}\) )?([\w.-]+(?:::[\w./-]+)* \S.*?)\s*$"
)
_START = re2.compile(
    r"^ +(?:TRY \d+ )?START \[ +\] (?:\([^()]{1,20}\) )?([\w.-]+(?:::[\w./-]+)* \S.*?)\s*$"
)
_SUMMARY = re2.compile(r"^ +Summary \[ *\d+\.\d+s\]")
_ENDS = ("────", "------------", "##[", " Nextest run ID", "error: test run", "  Cancelling due")
_PASSED = {"PASS", "LEAK", "TIMEOUT-PASS", "FLAKY"}
_TIMEOUT = {"TIMEOUT", "TMT"}


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._summary = False
        self._shown: Report | None = None

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy or self._summary or self._shown is not None

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        if "s] " in text and text.startswith((" ", "TRY", "FLAKY")):
            result = _RESULT.match(text)
            if result is not None:
                self._result(result.group(1), result.group(2), line)
                return True
            if _SUMMARY.match(text) is not None:
                self._summary, self._shown = True, None
                self._tally.close()
                return True
        if "START" in text and (start := _START.match(text)) is not None:
            self._tally.close()
            self._tally.start(start.group(1), line)
            self._shown = Report()
            return True
        return self._printed(line)

    def _printed(self, line: Line) -> bool:
        """A line of what a test printed, or one that ends it."""
        text = line.text
        if self._shown is not None and not text.startswith("##["):
            return self._shown.add(line)
        if text.startswith(_ENDS):
            self._summary = self._summary and text[0] != " "
            self._shown = None
            self._tally.close()
            return False
        return self._tally.write(line._replace(text=_dedented(text)))

    def _result(self, word: str, name: str, line: Line) -> None:
        self._tally.close()
        shown, self._shown = self._shown or (), None
        case = self._tally.case(name, line)
        status = _status(word)
        repeated = self._summary and bool(case.outcomes)
        if not repeated:
            self._tally.end(name, status, line)
        elif word == "FLAKY" and case.rank > 1:
            self._tally.end(name, Status.PASSED, line)
        if status is Status.CRASHED and not repeated:
            self._tally.report(case, "crash", [line])
        if status.bad:
            self._tally.report(case, "panic", shown)

    def result(self) -> Reading:
        """What became of each test."""
        return self._tally.result()


def _status(word: str) -> Status:
    if word in _PASSED:
        return Status.PASSED
    if word == "SKIP":
        return Status.SKIPPED
    if word in _TIMEOUT:
        return Status.TIMEOUT
    return Status.CRASHED if word.startswith(("SIG", "ABORT")) else Status.FAILED


def _dedented(text: str) -> str:
    """Without the blanks that nextest puts before what a test printed."""
    return text.removeprefix("    ")
