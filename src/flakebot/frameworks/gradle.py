"""Read what Gradle prints of JUnit, TestNG and Spock tests. Pure.

`package.Class > method() FAILED` with an indented trace; other results only where the build asks
for them. A plug-in that retries tests prints nothing when the retry passes: the build succeeds, and
nothing says that there were failing tests. The same test in two tasks is two tests.
Format: https://docs.gradle.org/current/userguide/java_testing.html
"""

from __future__ import annotations

import re2

from flakebot.frameworks import jvm_trace
from flakebot.frameworks.reading import Reading
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "gradle"

GATE = (
    r"^(?:> Task )?:[\w.:-]+|^\S.* > .* (?:FAILED|PASSED|SKIPPED|STARTED)$|^BUILD "
    r"|There were failing tests|^\d+ tests? completed, "
)
"""Lines that matter while no report is open; see `reading.Gated`."""

_RESULT = re2.compile(r"^(\S.*? > .*\S) (FAILED|PASSED|SKIPPED|STARTED)$")
_CLASS = re2.compile(r"^(?:[\w$-]+\.)*[A-Z][\w$]*(?:\[.*\])? > ")
_TASK = re2.compile(r"^(?:> Task )?(:[\w.:-]+)(?: [A-Z-]+)?$")
_COUNT = re2.compile(r"^\d+ tests? completed, \d+ failed")
_STATUSES = {"FAILED": Status.FAILED, "PASSED": Status.PASSED, "SKIPPED": Status.SKIPPED}
_FAILING = "There were failing tests. See the report at"


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._gradle = False
        self._tasks = {""}
        self._failing = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        if text.startswith(("> Task :", ":")) and (task := _TASK.match(text)) is not None:
            self._tally.close()
            self._gradle = self._gradle or text.startswith(">")
            self._tally.scope = task.group(1)
            self._tasks.add(task.group(1))
        elif " > " in text and (result := _RESULT.match(text)) is not None:
            return self._result(result.group(1), result.group(2), line)
        elif text.startswith("BUILD "):
            self._built(line)
        elif text.startswith("    ") or not text.strip():
            return self._tally.write(jvm_trace.statement(line))
        else:
            self._failing = self._failing or _FAILING in text
            self._tally.close()
            return _COUNT.match(text) is not None
        return False

    def _result(self, name: str, word: str, line: Line) -> bool:
        if _is_gradles(name) or not (self._gradle or _CLASS.match(name)):
            return False
        self._tally.close()
        if word == "STARTED":
            self._tally.start(name, line)
            return False
        status = _STATUSES[word]
        case = self._tally.end(name, status, line)
        if status.bad:
            self._tally.report(case)
        return status.bad

    def _built(self, line: Line) -> None:
        """A build that succeeded without failing tests ran them again until they passed."""
        self._tally.close()
        if line.text.startswith("BUILD SUCCESSFUL") and not self._failing:
            for task in self._tasks:
                self._tally.scope = task
                for name, case in self._tally.cases():
                    if case.rank > 1:
                        self._tally.end(name, Status.PASSED, line)
        self._failing = False
        self._tally.scope = ""

    def result(self) -> Reading:
        """What became of each test."""
        return self._tally.result()


def _is_gradles(name: str) -> bool:
    """Whether this is gradle's own `> Task :x FAILED` or a process, not a test."""
    return name.startswith((">", "Gradle Test Run"))
