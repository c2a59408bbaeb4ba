"""Read what `cargo test` prints. Pure.

`test a::b ... FAILED` per test, `---- a::b stdout ----` over each failure's output, and a list
under `failures:`. A test binary that dies names its test only where it ran alone or overflowed its
stack. The same name in two binaries is two tests. Format: https://doc.rust-lang.org/rustc/tests/
"""

from __future__ import annotations

import re2

from flakebot.frameworks.reading import Block, Reading
from flakebot.frameworks.tally import LINES, Case, Tally, keep
from flakebot.logs import Line
from flakebot.model import Status

NAME = "cargo-test"

GATE = (
    r"^(?:test .* \.\.\.|test .* has been running|---- .* std(?:out|err) ----|     Running "
    r"|   Doc-tests |thread '|  process didn't exit| +Starting \d+ test|running \d+ tests?$)"
)
"""Lines that matter while no report is open; see `reading.Gated`."""

_STATUSES = {"ok": Status.PASSED, "FAILED": Status.FAILED, "ignored": Status.SKIPPED}
_MARKS = ("test ", "---- ", "     Running ", "   Doc-tests ", "thread '", "  process didn't exit")
_RUNNING = re2.compile(
    r"^     Running (?:unittests |tests/|benches/|examples/|\S+\.rs ).*\(|^   Doc-"
)
_SLOW = re2.compile(r"^test (\S+) has been running for over \d+ seconds")
_THREAD = re2.compile(r"^thread '([^']+)'(?: \(\d+\))? (?:has overflowed its stack|panicked at)")
_SIGNAL = re2.compile(r"^  process didn't exit successfully: .*\(signal: \d+")
_TESTS = re2.compile(r"^running \d+ tests?$")
_NEXTEST = re2.compile(r"^ +Starting \d+ tests? across \d+ binar")
_ENDS = ("test result: ", "##[", "error: ")


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._open: str | None = None
        self._suspect: str | None = None
        self._shown: list[Line] = []
        self._reporting = False
        self._foreign = False
        self._binary = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tally.busy or self._open is not None or self._suspect is not None

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's output."""
        text = line.text
        if text.startswith(_MARKS):
            if self._marked(line):
                return self._reporting
        elif text.startswith("running ") and _TESTS.match(text) is not None:
            self._binary = True
        elif "Starting" in text and _NEXTEST.match(text) is not None:
            self._foreign = True  # nextest repeats what the binaries print
        if self._reporting:
            return self._in_report(line)
        if self._open is not None and text in _STATUSES:
            self._end(self._open, text, line)
        if self._suspect is not None:
            keep(self._shown, line)
        return False

    def _in_report(self, line: Line) -> bool:
        if line.text in {"failures:", "successes:"} or line.text.startswith(_ENDS[:2]):
            self._reporting = False
            self._tally.close()
            return False
        return self._tally.write(line)

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
        elif text.startswith("test ") and not text.startswith("test result"):
            self._outcome(line)
        elif (thread := _THREAD.match(text)) is not None and thread.group(1) != "main":
            self._suspect, self._shown = thread.group(1), [line]
        elif self._binary and _SIGNAL.match(text) is not None:
            self._died(line)
        return True

    def _begin_binary(self, text: str) -> None:
        self._tally.close()
        self._tally.scope = text.strip()
        self._open = self._suspect = None
        self._binary = True

    def _report(self, name: str, line: Line) -> None:
        """The output of a failure, even where its status was cut off."""
        self._reporting = True
        case = self._tally.case(name, line)
        if not case.outcomes:
            self._tally.end(name, Status.FAILED, line)
        self._tally.report(case, "panic")

    def _outcome(self, line: Line) -> None:
        """`test a::b ... ok`, or only its beginning where tests run one at a time."""
        slow = _SLOW.match(line.text)
        if slow is not None:
            self._tally.start(slow.group(1), line)
            return
        name, dots, rest = line.text[5:].partition(" ... ")
        name = name.removesuffix(" - should panic").removesuffix(" ...")
        if " " in name.partition(" - ")[0]:
            return
        word = rest.strip().partition(" ")[0].rstrip(",")
        if dots and word in _STATUSES:
            self._end(name, word, line)
        elif (dots or line.text.endswith(" ...")) and "::" in name:
            self._tally.start(name, line)
            self._open = name

    def _end(self, name: str, word: str, line: Line) -> None:
        self._tally.end(name, _STATUSES[word], line)
        self._open = self._suspect = None

    def _died(self, line: Line) -> None:
        """A signal ended the binary: its test is the one that ran alone or spoke last."""
        lines = [line, *self._shown]
        fallen = self._fallen(line)
        self._tally.seen = self._tally.failed = True
        if fallen is None:
            self._tally.loose.append(Block(kind="crash", lines=tuple(lines[:LINES])))
        else:
            self._tally.report(fallen, "crash", lines)
            self._tally.close()
        self._tally.stop(Status.UNFINISHED)
        self._open = self._suspect = None

    def _fallen(self, line: Line) -> Case | None:
        name = self._suspect or self._open
        return None if name is None else self._tally.end(name, Status.CRASHED, line)

    def result(self) -> Reading:
        """What became of each test."""
        return self._tally.result()
