# ruff: noqa: RUF001, RUF002  # the marks are those that the tool prints
"""Read what vitest's reporters print. Pure.

Between ` RUN  v3.2.4` and `Duration` a line per file, or per test under `verbose`, with `✓`, `×` or
`↓`; then ` FAIL  file > suite > test` over each report, which a rule of `⎯` ends
(https://github.com/vitest-dev/vitest/tree/main/packages/vitest/src/node/reporters). A suite that
fails by its hook is named like a test. `(retry x2)` says how often a test was tried again.
"""

from __future__ import annotations

import re2

from flakebot.frameworks.foreign import Foreign
from flakebot.frameworks.reading import Reading
from flakebot.frameworks.reports import Report
from flakebot.frameworks.runs import Run
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "vitest"

_PATH = r"(?:\|[^|]+\| |\S+ )?\S+\.(?:[cm]?[jt]sx?|vue|svelte)(?::\d+:\d+)?"
_FAIL = re2.compile(rf"^ ?FAIL  ((?:{_PATH}) > .+)$")
_BROKEN = re2.compile(rf"^ ?FAIL  (?:{_PATH}) \[ .+ \]$")
_FILE = re2.compile(rf"^ [✓×❯↓✗√] +({_PATH}) \(\d+(?: tests?)?\b.*\)")
_STATUS = re2.compile(r"^( +)([✓×↓✗√]) +(.+)$")
_EXTRAS = re2.compile(
    r"(?: [\d.]+ ?m?s)?(?: \((?:retry|repeat) x\d+\))*(?: \d+ MB heap used)?(?: \[[^\]]+\])?$"
)
_RETRY = re2.compile(r"\(retry x(\d{1,2})\)")
_MARKS = {
    "✓": Status.PASSED,
    "√": Status.PASSED,
    "×": Status.FAILED,
    "✗": Status.FAILED,
    "↓": Status.SKIPPED,
}
_SUITES = "⎯ Failed Suites "
_UNHANDLED = re2.compile(
    r"^⎯+ (?:Un(?:handled|caught) (?:Rejection|Exception|Error|Source Error)|Startup Error) ⎯+$"
)
_NUMBERS = re2.compile(r"\b(\d{1,9}) (passed|skipped|todo)\b")
_LOOSE = 20
"""Files that could not be run and errors that nothing caught, as far as they are quoted."""

GATE = rf"^ (?:RUN|DEV)  v\d|^ ?FAIL  |^⎯|{Foreign.GATE}"
"""The lines that can matter while no run is under way and no report is open."""


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._run = Run()
        self._foreign = Foreign()
        self._loose: list[Report] = []
        self._reports: list[Report] = []
        self._empty = True
        self._suites = False
        self._active = False
        self._file = ""
        self._seen = self._failed = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._active or bool(self._reports)

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        first = text[:1]
        if first in {"=", "#"}:
            self._foreign.feed(text)
            if text.startswith("##["):
                self._reports = []
        if first == "⎯":
            return self._rule(text)
        if first in {" ", "F"} and self._named(line):
            return bool(self._reports)
        for report in self._reports:
            report.add(line)
        self._empty = False
        return bool(self._reports)

    def _named(self, line: Line) -> bool:
        """A line that may name a file, a test, or the begin or end of a run."""
        text = line.text
        if "FAIL  " in text[:7]:
            return not self._foreign.inside and self._header(line)
        if text.startswith((" RUN  v", " DEV  v")) and not self._foreign.inside:
            self._end()
            self._active, self._seen, self._failed = True, True, False
            return True
        if not self._active or self._reports:
            return False
        if text.startswith("      Tests  "):
            self._totals(text)
        elif text.startswith((" Test Files  ", "     Errors  ")):
            self._failed |= " failed" in text or " error" in text
        elif text.startswith("   Duration  "):
            self._end()
        else:
            self._status(line)
        return True

    def _header(self, line: Line) -> bool:
        """` FAIL  NAME`; several may stand over one report."""
        match = _FAIL.match(line.text)
        if match is None and _BROKEN.match(line.text) is None:
            return False
        if not self._empty:
            self._reports = []
        self._empty = self._seen = self._failed = True
        if match is None:
            self._open_loose()
            return True
        name = match.group(1)
        self._run.put(name, Status.ERROR if self._suites else Status.FAILED, line.number)
        self._reports.append(self._run.report(name))
        return True

    def _open_loose(self) -> None:
        report = Report()
        if len(self._loose) < _LOOSE:
            self._loose.append(report)
        self._reports.append(report)

    def _rule(self, text: str) -> bool:
        """A line of `⎯`: the end of a report, or the begin of a section or of a loose error."""
        inside = bool(self._reports)
        self._reports, self._empty = [], True
        if " Failed " in text:
            self._suites = _SUITES in text
        elif _UNHANDLED.match(text) is not None and not self._foreign.inside:
            self._seen = self._failed = inside = True
            self._open_loose()
        return inside

    def _status(self, line: Line) -> None:
        """` ✓ file (4 tests) 5ms`, `   × suite > test 9ms`, or ` × file > suite > test 9ms`."""
        file = _FILE.match(line.text)
        if file is not None:
            self._file = file.group(1)
            return
        match = _STATUS.match(line.text)
        if match is None:
            return
        indent, mark, rest = match.groups()
        name = rest[: _EXTRAS.search(rest).start()]
        if len(indent) > 1:
            name = f"{self._file} > {name}"
        elif " > " not in name:
            return  # a suite or a file without its tests
        retried = _RETRY.search(rest)
        if retried is not None:
            self._run.retries[name] = int(retried.group(1))
        self._run.put(name, _MARKS[mark], line.number)

    def _totals(self, text: str) -> None:
        """`Tests  3 failed | 2 passed | 1 skipped (6)`."""
        totals = {Status.PASSED: 0, Status.SKIPPED: 0}
        for number, word in _NUMBERS.findall(text):
            totals[Status.PASSED if word == "passed" else Status.SKIPPED] += int(number)
        self._tally.unnamed += self._run.unnamed(totals)

    def _end(self) -> None:
        reported = {name for name, _ in self._run.reports}
        short = {_short(name) for name in reported} - reported
        for name in short & self._run.statuses.keys():  # older versions leave the suites out
            del self._run.statuses[name]
        self._run.into(self._tally)
        self._run, self._reports = Run(), []
        self._file, self._active, self._suites = "", False, False

    def result(self) -> Reading:
        """What became of each test."""
        self._end()
        self._tally.loose += [report.block() for report in self._loose]
        self._tally.seen, self._tally.failed = self._seen, self._failed
        return self._tally.result()


def _short(name: str) -> str:
    """The file and the last part of a name."""
    return f"{name.partition(' > ')[0]} > {name.rpartition(' > ')[2]}"
