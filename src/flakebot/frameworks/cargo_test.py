"""Read what `cargo test` prints. Pure.

`test a::b ... FAILED` per test, `---- a::b stdout ----` over each failure's output, and a list
under `failures:`; under `successes:` stands what tests that passed printed. With `--nocapture` a
panic is told when it happens. A test binary that dies names its test only where it ran alone or
overflowed its stack. The same name in two binaries is two tests. Format: https://doc.rust-lang.org/rustc/tests/
"""

from __future__ import annotations

from collections.abc import Iterable

import re2

from flakebot.frameworks.reading import Reading
from flakebot.frameworks.reports import Report
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "cargo-test"

GATE = (
    r"^(?:test .* \.\.\.|test .* has been running|test result: |(?:successes|failures):$"
    r"|---- .* std(?:out|err) ----|     Running |   Doc-tests |thread '|  process didn't exit"
    r"| +Starting \d+ test|running \d+ tests?$)"
)
"""Lines that matter while no report is open; see `reading.Gated`."""

_STATUSES = {"ok": Status.PASSED, "FAILED": Status.FAILED, "ignored": Status.SKIPPED}
_MARKS = ("test ", "---- ", "     Running ", "   Doc-tests ", "thread '", "  process didn't exit")
_RUNNING = re2.compile(
    r"^     Running (?:unittests |tests/|benches/|examples/|\S+\.rs ).*\(|^   Doc-"
)
_SLOW = re2.compile(r"^test (\S+) has been running for over \d+ seconds")
_THREAD = re2.compile(r"^thread '([^']+)'(?: \(\d+\))? (?:has overflowed its stack|panicked at)")
_MODE = re2.compile(r"(?: - (?:should panic|compile fail|compile))?(?: \.\.\.)?$")
_TEST = re2.compile(r"^\w+(?:::\w+)*$")
_DIED = re2.compile(r"^  process didn't exit successfully: .*\((signal|exit \w+): (\w+)")
_FAILURES_EXIT = "101"
"""How a test binary ends that came to the end of its tests, or that panicked outside of them."""

_TESTS = re2.compile(r"^running \d+ tests?$")
_NEXTEST = re2.compile(r"^ +Starting \d+ tests? across \d+ binar")
_SECTIONS = ("failures:", "successes:")
_RESULTS = ("test result: ok.", "test result: FAILED.")
_PANICS = 20
"""Panics whose tests have not ended yet."""


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._open: str | None = None
        self._panics: dict[str, Report] = {}
        self._panic: Report | None = None
        self._reporting = self._successes = False
        self._foreign = False
        self._binary = self._under_way = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._reporting or self._open is not None or self._panic is not None

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's output."""
        text = line.text
        if text.startswith(_MARKS):
            if self._marked(line):
                return self._reporting
        elif text.startswith("running ") and _TESTS.match(text) is not None:
            self._binary = self._under_way = True
        elif "Starting" in text and _NEXTEST.match(text) is not None:
            self._foreign = True  # nextest repeats what the binaries print
        if text in _SECTIONS or text.startswith((*_RESULTS, "##[")):
            self._section(text)
            return False
        if self._reporting:
            return self._successes or self._tally.write(line)
        if self._open is not None and text in _STATUSES:
            self._end(self._open, text, line)
        if self._panic is not None:
            self._panic.add(line)
        return False

    def _section(self, text: str) -> None:
        """A list of reports begins, or the results of a binary end."""
        self._tally.close()
        self._reporting = False
        self._successes = text == "successes:"
        self._under_way = self._under_way and not text.startswith(_RESULTS)

    def _marked(self, line: Line) -> bool:
        """Whether a line that may be cargo's own is, and was understood."""
        text = line.text
        if _RUNNING.match(text) is not None:
            self._foreign = self._reporting = False
            self._begin_binary(text)
        elif self._foreign:
            return False
        elif text.startswith("---- ") and text.endswith((" stdout ----", " stderr ----")):
            self._report(text[5:].rpartition(" std")[0], line)
        elif self._reporting:
            return False
        elif text.startswith("test "):
            return self._outcome(line)
        elif (thread := _THREAD.match(text)) is not None and thread.group(1) != "main":
            self._panicked(thread.group(1), line)
        elif (died := _DIED.match(text)) is not None:
            self._died(line, died.group(1), died.group(2))
        return True

    def _begin_binary(self, text: str) -> None:
        self._tally.close()
        self._tally.scope = text.strip()
        self._over()
        self._binary, self._under_way = True, False

    def _over(self) -> None:
        """What was shown and not yet told of a test is told of none."""
        self._open = self._panic = None
        self._panics.clear()

    def _report(self, name: str, line: Line) -> None:
        """The output of a test, of a failure even where its status was cut off."""
        self._reporting = True
        self._tally.close()
        if self._successes:
            return
        case = self._tally.case(name, line)
        if not case.outcomes:
            self._tally.end(name, Status.FAILED, line)
        self._tally.report(case, "panic")

    def _panicked(self, thread: str, line: Line) -> None:
        """A thread bears the name of its test, unless the test started it."""
        self._panic = Report(lines=[line])
        self._panics[thread] = self._panic
        if len(self._panics) > _PANICS:
            del self._panics[next(iter(self._panics))]

    def _outcome(self, line: Line) -> bool:
        """`test a::b ... ok`, or only its beginning where tests run one at a time."""
        slow = _SLOW.match(line.text)
        if slow is not None:
            self._tally.start(slow.group(1), line)
            return True
        name, dots, rest = line.text[5:].partition(" ... ")
        name = name[: _MODE.search(name).start()]
        if " " in name.partition(" - ")[0]:
            return False
        word = rest.strip().partition(" ")[0].rstrip(",")
        if dots and word in _STATUSES:
            self._end(name, word, line)
        elif (dots or line.text.endswith(" ...")) and ("::" in name or self._under_way):
            self._tally.start(name, line)
            self._open, self._panic = name, None
        return True

    def _end(self, name: str, word: str, line: Line) -> None:
        """A test ended; with `--nocapture` its panic was told before."""
        case = self._tally.end(name, _STATUSES[word], line)
        shown = self._panics.pop(name, ())
        if word == "FAILED":
            self._tally.report(case, "panic", shown)
            self._tally.close()
        self._open = self._panic = None

    def _died(self, line: Line, how: str, status: str) -> None:
        """The binary ended amid its tests: by the one that ran alone or spoke last."""
        if not (self._binary if how == "signal" else self._under_way and status != _FAILURES_EXIT):
            return
        name, shown = self._suspect()
        report = Report("crash", [line, *shown])
        self._tally.seen = self._tally.failed = True
        if name is None:
            self._tally.loose.append(report.block())
        else:
            self._tally.report(self._tally.end(name, Status.CRASHED, line), "crash", report)
            self._tally.close()
        self._tally.stop(Status.UNFINISHED)
        self._over()
        self._under_way = False

    def _suspect(self) -> tuple[str | None, Iterable[Line]]:
        """The test that ran when its binary ended, if that can be told, and what was shown."""
        thread, shown = next(reversed(self._panics.items()), ("", ()))
        if self._open is not None:
            return self._open, shown
        return (thread if _TEST.match(thread) is not None else None), shown

    def result(self) -> Reading:
        """What became of each test."""
        return self._tally.result()
