"""Read what Maven's Surefire and Failsafe print of JUnit and TestNG tests. Pure.

`[ERROR] method(package.Class)  Time elapsed: 0 s  <<< FAILURE!` or, since 3.0,
`[ERROR] package.Class.method -- Time elapsed: …` per failed run of a test, with its trace; results
repeat it shortly, and only there is told which tests passed when they ran again (`Flakes:`).
Format: https://maven.apache.org/surefire/maven-surefire-plugin/examples/rerun-failing-tests.html
"""

from __future__ import annotations

import re2

from flakebot.frameworks import jvm_trace
from flakebot.frameworks.reading import Reading
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "maven-surefire"

GATE = (
    r"Time elapsed: |^(?:\[\w+\] +)?(?:Running [\w.$]+$|Tests run: |Failures:|Errors:|Flakes:"
    r"|Failed tests:|Tests in error:|Flaked tests:|Crashed tests:)"
)
"""Lines that matter while no report is open; see `reading.Gated`."""

_HEADER = re2.compile(
    r"^(?:\[ERROR\] +)?(\S.*?) (?:--| ) *Time elapsed: [\d.,]+ s(?:ec)?(?: +<<< (FAILURE|ERROR)!)?$"
)
_CLASS = re2.compile(r"^(?:\[\w+\] +)?Tests run: \d+, .*Time elapsed: .*?(?:--? in ([\w.$]+))?$")
_RUNNING = re2.compile(r"^(?:\[INFO\] +Running |Running (?:[\w$]+\.))[\w.$]+$")
_TOTAL = re2.compile(
    r"^(?:\[\w+\] +)?Tests run: (\d{1,9}), Failures: (\d{1,9}), Errors: (\d{1,9})"
    r", Skipped: (\d{1,9})"
    r"(?:, Flakes: \d+)?$"
)
_LIST = re2.compile(
    r"^(?:\[\w+\] +)?(Failures|Errors|Flakes|Failed tests|Tests in error|Flaked tests"
    r"|Crashed tests):\s*(.*)$"
)
_ENTRY = re2.compile(
    r"^(?:\[\w+\] )? *((?:[\w$]+\.)*[\w$]+(?:->[\w$]+|>[\w$]+)?\.[\w$]+[^\s:(]*(?:\([\w.$]+\))?"
    r"|[\w$]+\([\w.$]+\))(?::\d+|->|:| »| |$)"
)
_LISTS = {
    "Failures": Status.FAILED,
    "Failed tests": Status.FAILED,
    "Errors": Status.ERROR,
    "Tests in error": Status.ERROR,
    "Crashed tests": Status.CRASHED,
    "Flakes": Status.PASSED,
    "Flaked tests": Status.PASSED,
}


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._class = ""
        self._list: Status | None = None
        self._known: dict[tuple[str, str], str] = {}

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy or self._list is not None

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        if "Time elapsed: " in text:
            return self._timed(line)
        if "Running " in text and _RUNNING.match(text) is not None:
            self._tally.close()
            self._class = self._tally.last = text.rpartition(" ")[2]
            return False
        if "Tests run: " in text and (total := _TOTAL.match(text)) is not None:
            self._total(*(int(number) for number in total.groups()))
            return False
        if self._tally.seen or self._class:
            return self._seen(line)
        return False

    def _seen(self, line: Line) -> bool:
        """A line of a log that runs tests."""
        listed = _LIST.match(line.text)
        if listed is not None:
            self._tally.close()
            self._list = _LISTS[listed.group(1)]
            return not listed.group(2) or self._entry(line._replace(text=listed.group(2)))
        if self._list is not None:
            return self._entry(line)
        if line.text.startswith(("[INFO]", "##[")) or not line.text.strip():
            self._tally.close()
            return False
        return self._tally.write(jvm_trace.statement(line))

    def _timed(self, line: Line) -> bool:
        """A class or a test ended."""
        self._tally.close()
        ended = _CLASS.match(line.text)
        if ended is not None:
            self._class = ended.group(1) or self._class
            self._tally.last = None
            return self._tally.seen
        header = _HEADER.match(line.text)
        if header is None or (header.group(1) == self._class and header.group(2) is None):
            return False
        name, word = header.groups()
        if word is None and "(" not in name:
            return False
        status = {None: Status.PASSED, "FAILURE": Status.FAILED}.get(word, Status.ERROR)
        case = self._tally.end(name, status, line)
        self._known.setdefault(self._key(name), name)
        if status.bad:
            self._tally.report(case)
        return status.bad

    def _entry(self, line: Line) -> bool:
        """A line of the results: `  Class.method:27 message`, `Run 1: …`, or the end."""
        text = line.text
        entry = _ENTRY.match(text)
        if "  Run " in text or text.rstrip() in {"[INFO]", ""}:
            return True
        if entry is None or self._list is None:
            self._list = None if text.startswith(("[INFO] -", "##[", "Tests run")) else self._list
            return False
        self._listed(entry.group(1), self._list, line)
        return True

    def _listed(self, name: str, status: Status, line: Line) -> None:
        key = self._key(name)
        known = self._known.get(key) or self._known.get((key[0], ""))
        if known is None and not status.bad:
            self._tally.end(name, Status.FAILED, line)
        known = self._known.setdefault(key, known or name)
        case = self._tally.case(known, line)
        if not status.bad or not case.outcomes:
            self._tally.end(known, status, line)
            if status.bad:
                message = line.text.partition(name)[2].lstrip(":0123456789 »")
                self._tally.report(case, "summary", [line._replace(text=message)])
                self._tally.close()

    def _key(self, name: str) -> tuple[str, str]:
        """Outermost class and method, however they are printed; no method is the class itself."""
        if name == self._class:
            return name.rpartition(".")[2].partition("$")[0], ""
        outer, _, inner = name.rstrip(")").partition("(")
        if inner and "." not in outer and "{" not in outer:
            return inner.rpartition(".")[2].partition("$")[0], outer
        outer = outer.partition("{")[0].partition("[")[0]
        owner, _, method = outer.rpartition(".")
        owner = (owner or self._class).rpartition(".")[2]
        return owner.partition("->")[0].partition(">")[0].partition("$")[0], method

    def _total(self, run: int, failures: int, errors: int, skipped: int) -> None:
        """`Tests run: 6, Failures: 1, …` at the end of a module."""
        self._tally.close()
        self._list = None
        self._tally.seen = True
        self._tally.failed |= bool(failures or errors)
        self._tally.last = None
        self._tally.named[Status.PASSED] += run - failures - errors - skipped
        self._tally.named[Status.SKIPPED] += skipped

    def result(self) -> Reading:
        """What became of each test."""
        return self._tally.result()
