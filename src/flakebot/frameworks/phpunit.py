r"""Read what PHPUnit prints. Pure.

`There were 2 failures:`, then `1) Namespace\Class::testX with data set "a" (1)` with the message;
warnings, risky and skipped tests have lists of their own. `--debug` tells when a test starts;
`--testdox` and `--teamcity` tell of failures while the tests run, and have no lists. A list that
stands before `Time: ` was printed by a test.
Format: https://docs.phpunit.de/en/11.5/textui.html
"""

from __future__ import annotations

import re2

from flakebot.frameworks.phpunit_teamcity import BEGINS, TeamCity
from flakebot.frameworks.phpunit_testdox import Testdox
from flakebot.frameworks.reading import Reading
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "phpunit"

GATE = r"^(?:PHPUnit \d|There (?:was|were) \d+ |Test '|Tests: \d|OK \(\d)"
"""Lines that matter while no report is open; see `reading.Gated`."""

_BANNER = re2.compile(r"^PHPUnit \d\S* by Sebastian Bergmann and contributors\.$")
_TIME = re2.compile(r"^Time: .+, Memory: ")
_LIST = re2.compile(
    r"^There (?:was|were) \d+ (?:PHPUnit )?(failure|error|[a-z ]+?)s?(?: test| tests)?:$"
)
_ENTRY = re2.compile(r"^\d+\) ((?:[\w\\]+::)?\w+(?: with data set .+)?)$")
_PLACE = re2.compile(r"^\S+\.php:\d+$|^Caused by$")
_STARTED = re2.compile(r"^Test '(.+)' (started|ended)$")
_TOTAL = re2.compile(
    r"^Tests: (\d{1,9}), Assertions: \d+(?:, .*)?\.$|^OK \((\d{1,9}) tests?, \d+ assertions?\)$"
)
_NUMBERS = re2.compile(r"(Errors|Failures|Skipped|Incomplete): (\d{1,9})\b")
_RULE = "--"
_ENDS = ("FAILURES!", "ERRORS!", "WARNINGS!", "OK", "Tests: ", "##[")
_STATUSES = {"failure": Status.FAILED, "error": Status.ERROR}


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._testdox = Testdox(self._tally)
        self._teamcity = TeamCity(self._tally)
        self._list: Status | None = None
        self._running = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._running or self._tally.busy or self._list is not None

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        if text.startswith("PHPUnit ") and _BANNER.match(text) is not None:
            self._stop(running=True)
        elif self._running:
            return self._in_run(line)
        else:
            return self._after(line)
        return False

    def _in_run(self, line: Line) -> bool:
        """A line while the tests run."""
        text = line.text
        if text.startswith("Test '") and (ran := _STARTED.match(text)) is not None:
            self._ran(ran.group(1), ran.group(2), line)
        elif text.startswith(BEGINS):
            return self._teamcity.feed(line)
        elif text.startswith("##[") or _TIME.match(text) is not None:
            self._stop(running=False)
        else:
            return self._testdox.feed(line)
        return False

    def _stop(self, *, running: bool) -> None:
        """A run began or ended."""
        self._tally.close()
        self._list = None
        self._running = running

    def _after(self, line: Line) -> bool:
        """A line of the lists, or of a log without the begin of the run."""
        text = line.text
        if text.startswith("There w") and (found := _LIST.match(text)) is not None:
            self._tally.close()
            self._list = _STATUSES.get(found.group(1))
            return True
        if text.startswith("Test '") and (ran := _STARTED.match(text)) is not None:
            self._ran(ran.group(1), ran.group(2), line)
            return False
        if text == _RULE or text.startswith(_ENDS):
            self._end(line)
            return False
        if self._list is None:
            return False
        entry = _ENTRY.match(text)
        if entry is not None:
            case = self._tally.end(entry.group(1), self._list, line)
            self._tally.report(case)
            return True
        place = _PLACE.match(text) is not None
        return not text or self._tally.write(line._replace(text=f"  {text}") if place else line)

    def _ran(self, name: str, word: str, line: Line) -> None:
        if word == "started":
            self._tally.start(name, line)
        else:
            self._tally.case(name, line).open = False

    def _end(self, line: Line) -> None:
        self._tally.close()
        total = _TOTAL.match(line.text)
        self._list = None if total is not None or line.text.startswith("##[") else self._list
        if total is None:
            return
        numbers = {word: int(number) for word, number in _NUMBERS.findall(line.text)}
        skipped = numbers.get("Skipped", 0) + numbers.get("Incomplete", 0)
        bad = numbers.get("Errors", 0) + numbers.get("Failures", 0)
        self._tally.seen = True
        self._tally.failed |= bool(bad)
        self._tally.named[Status.PASSED] += int(total.group(1) or total.group(2)) - bad - skipped
        self._tally.named[Status.SKIPPED] += skipped

    def result(self) -> Reading:
        """What became of each test."""
        return self._tally.result()
