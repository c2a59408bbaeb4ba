"""Read what GoogleTest prints. Pure.

`[ RUN      ] Suite.Test`, what the test printed, then `[       OK ]` or `[  FAILED  ]` with its
milliseconds; the list of failures at the end is read only for tests whose own lines were cut off.
CTest says how a program ended before its output or, with `-V`, behind it, where each line bears the
number of its program. A test that passed when CTest ran its program again passed at last.
Format: https://google.github.io/googletest/advanced.html
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Reading
from flakebot.frameworks.reports import Report
from flakebot.frameworks.tally import Case, Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "googletest"

GATE = r"\[ +(?:RUN|OK|FAILED|SKIPPED) +\] |^ *(?:\d+/\d+ )? *Test +#\d|^ +Start +\d+: "
"""Lines that matter while no report is open; see `reading.Gated`."""

_MARK = re2.compile(
    r"\[ +(RUN|OK|FAILED|SKIPPED) +\] ([\w/.-]+\.[\w/.-]+)(?:, where .*?)?( \(\d+ ms\))?$"
)
_CTEST = re2.compile(r"^ *(?:\d+/\d+ )? *Test +#(\d+): (.+?) \.+")
_START = re2.compile(r"^ +Start +(\d+): (.+?)\s*$")
_TAG = re2.compile(r"^(\d{1,6}): ")
_DEATH = re2.compile(
    r"Segmentation fault|\bAborted\b|core dumped|^terminate called|AddressSanitizer"
    r"|Subprocess aborted|\*\*\*Exception|Assertion .* failed|SIG(?:ABRT|SEGV|BUS|ILL|FPE|KILL)\b"
    r"|^##\[error\]Process completed with exit code (?:13[2-9]|1)\b"
)
_STATUSES = {"OK": Status.PASSED, "FAILED": Status.FAILED, "SKIPPED": Status.SKIPPED}
_FRAME = ("##[", "[-----", "[=====")


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class _Running:
    """A test under way: what it printed before its program ended as far as that can be told, and
    after that. Tests print words of death too, and go on.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.before = Report()
        self.after = Report()
        self._ended = False
        self.death: Line | None = None

    def add(self, line: Line) -> None:
        """Take a line."""
        if not line.text.startswith(_FRAME):
            (self.after if self._ended else self.before).add(line)
        if not self._ended:
            self.death = line if _DEATH.search(line.text) is not None else None
            self._ended = self.death is not None or line.text.startswith("##[")


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._running: dict[str, _Running] = {}
        self._programs: dict[str, str] = {}
        self._program = ""
        self._header: Line | None = None

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return bool(self._running)

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        tag = _TAG.match(text) if text[:1].isdigit() else None
        if tag is not None and tag.group(1) in self._programs:
            self._printed(line._replace(text=text[tag.end() :]), tag.group(1))
        elif "Test" in text and (ended := _CTEST.match(text)) is not None:
            self._ended(ended.group(1), ended.group(2), line)
        elif "Start" in text and (start := _START.match(text)) is not None:
            self._programs[start.group(1)] = start.group(2)
        else:
            self._printed(line, "")
        return False

    def _printed(self, line: Line, program: str) -> None:
        """A line of a program, whose number CTest puts before it under `-V`."""
        text = line.text
        if "] " in text and (text.startswith("[") or "[  " in text):
            mark = _MARK.search(text)
            if mark is not None:
                self._tally.scope = self._programs.get(program, self._program)
                self._marked((mark.group(1), mark.group(2), mark.group(3) or ""), line, program)
                return
        if program in self._running:
            self._running[program].add(line)

    def _marked(self, mark: tuple[str, str, str], line: Line, program: str) -> None:
        """`[ RUN ]`, a result, or a line of the list at the end."""
        word, name, timed = mark
        running = self._running.get(program)
        if word == "RUN":
            if running is not None:
                self._end(program, Status.CRASHED, line)
            self._running[program] = _Running(name)
            self._tally.start(name, line)
        elif running is not None and name == running.name and (timed or word == "SKIPPED"):
            self._end(program, _STATUSES[word], line)
        elif word == "FAILED" and (running is None or not timed):
            self._listed(self._tally.case(name, line), name, line)

    def _listed(self, case: Case, name: str, line: Line) -> None:
        """A failure whose begin was cut off, or was not printed because of `--gtest_brief`."""
        if not case.outcomes:
            self._tally.end(name, Status.FAILED, line)

    def _end(self, program: str, status: Status, line: Line) -> Case:
        running = self._running.pop(program)
        case = self._tally.end(running.name, status, line)
        if status.bad:
            after = running.after if status is Status.FAILED else ()
            self._tally.report(case, lines=[*running.before, *after])
            self._tally.close()
        return case

    def _ended(self, number: str, name: str, line: Line) -> None:
        """CTest says how a program ended; the one before has nothing more to print."""
        if number in self._running:
            self._tally.scope = name
            self._broken(number, line)
        else:
            self._broken("", self._header)
            self._broken("", line)
        self._program = self._tally.scope = name
        self._header = line
        if "   Passed  " in line.text:
            for test, case in self._tally.cases():
                if case.rank > 1:
                    self._tally.end(test, Status.PASSED, line)

    def _broken(self, program: str, ended: Line | None) -> None:
        """A program that CTest calls failed took the test under way along."""
        if program in self._running and ended is not None and "***" in ended.text:
            timeout = "***Timeout" in ended.text
            case = self._end(program, Status.TIMEOUT if timeout else Status.CRASHED, ended)
            self._tally.report(case, "crash", [ended])
            self._tally.close()

    def result(self) -> Reading:
        """What became of each test."""
        self._tally.scope = self._program
        self._broken("", self._header)
        for program, running in list(self._running.items()):
            self._tally.scope = self._programs.get(program, self._program)
            if running.death is not None:
                self._end(program, Status.CRASHED, running.death)
            else:
                case = self._tally.case(running.name, Line(0, ""))
                self._tally.report(case, lines=running.before)
        return self._tally.result()
