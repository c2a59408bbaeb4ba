# ruff: noqa: RUF001  # the marks are those that the tool prints
"""Read what node's own test runner prints: its `spec` and its TAP reporter. Pure.

In TAP each result follows `# Subtest: name` at its depth, and a YAML block tells suites from tests
and says why. `spec` draws a tree and lists what failed by its own name at the end; the tree tells
in which suite it is (https://nodejs.org/api/test.html#test-reporters). The id is the full name,
which `--test-name-pattern` takes.
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

NAME = "node-test"

_TAP = "TAP version 13"
_SUBTEST = re2.compile(r"^((?:    )*)# Subtest: (.+)$")
_RESULT = re2.compile(r"^((?:    )*)(not )?ok \d+ - (.+?)( # (?:SKIP|TODO)\b.*)?$")
_FIELD = re2.compile(r"^(type|failureType|name|error|stack): (.*)$")
_PATH = re2.compile(r"^\S+\.[cm]?[jt]s$")
_TREE = re2.compile(r"^((?:  )*)([▶✖✔﹣⚠]) (.+?)(?: \([\d.]+ms\)( # .*)?)?$")
_TOTAL = re2.compile(r"^ℹ tests \d+$")
_FAILING = "✖ failing tests:"
_PLACE = "test at "
_TIMED_OUT = "  'test timed out after "
_MARKS = frozenset(" ▶✖✔﹣⚠ℹ")
_DEEPEST = 100
_MOST = 100_000
"""Results of one run that are kept until its totals show that they are node's."""

_STATUSES = {
    "subtestsFailed": Status.FAILED,
    "testTimeoutFailure": Status.TIMEOUT,
    "hookFailed": Status.ERROR,
    "cancelledByParent": Status.ERROR,
}

GATE = rf"^{_TAP}$|^ *[▶✖✔﹣⚠] |^ℹ tests |{Foreign.GATE}"
"""The lines that can matter while neither TAP nor a list of failures is open."""


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


def _full(stack: list[str]) -> str:
    """A full name; a file that holds the tests is no part of it."""
    inner = stack[1:] if len(stack) > 1 and _PATH.match(stack[0]) is not None else stack
    return " ".join(inner)


class _Tap:
    """The TAP of one run."""

    def __init__(self) -> None:
        self.run = Run()
        self._stack: list[str] = []
        self._result: tuple[list[str], Status, int] | None = None
        self._fields: dict[str, str] = {}
        self._error: list[Line] = []
        self._frames: list[Line] = []
        self._key = ""

    def feed(self, line: Line) -> bool:
        """Take a line; true when it says why a test failed."""
        text = line.text
        if self._result is not None:
            return self._detail(line, self._result)
        match = _SUBTEST.match(text)
        if match is not None:
            depth = len(match.group(1)) // 4
            self._stack[depth:] = [match.group(2)]
            return False
        match = _RESULT.match(text)
        if match is None:
            return False
        depth = len(match.group(1)) // 4
        if depth < len(self._stack) <= _DEEPEST and self._stack[depth] == match.group(3):
            status = Status.FAILED if match.group(2) else Status.PASSED
            status = Status.SKIPPED if match.group(4) else status
            self._result = (self._stack[: depth + 1], status, line.number)
        return False

    def _detail(self, line: Line, result: tuple[list[str], Status, int]) -> bool:
        """A line of the YAML block below a result."""
        stack, status, _ = result
        indent = 4 * (len(stack) - 1) + 2
        text = line.text[indent:]
        if line.text[:indent].strip() or text == "...":
            self.close()
            return False
        field = _FIELD.match(text)
        if field is not None:
            self._key, value = field.groups()
            self._fields[self._key] = value.strip("'\"")
            if self._key == "error" and not value.startswith("|"):
                self._error.append(line._replace(text=value.strip("'\"")))
        elif text.strip() and text[:2] != "  ":
            self._key = ""
        elif self._key == "error":
            self._error.append(line._replace(text=text[2:]))
        elif self._key == "stack":
            self._frames.append(line._replace(text=f"    at {text.strip()}"))
        return status is Status.FAILED

    def close(self) -> None:
        """The block ended: now the result is known."""
        if self._result is None:
            return
        (stack, status, number), self._result = self._result, None
        fields, self._fields = self._fields, {}
        error, self._error = self._error, []
        frames, self._frames, self._key = self._frames, [], ""
        why = fields.get("failureType", "")
        if fields.get("type") == "suite" and why in {"", "subtestsFailed"}:
            return
        name = _full([part.replace("\\#", "#").replace("\\\\", "\\") for part in stack])
        if status is not Status.FAILED:
            self.run.put(name, status, number)
            return
        self.run.put(name, _STATUSES.get(why, status), number)
        report = self.run.report(name)
        if error and fields.get("name"):
            error[0] = error[0]._replace(text=f"{fields['name']}: {error[0].text}")
        for line in (*error, *frames):
            report.add(line)


class _Spec:
    """The tree of one run and the list below it."""

    def __init__(self) -> None:
        self.run = Run()
        self.listing = False
        self._stack: list[str] = []
        self._failed: dict[str, list[str]] = {}
        self._report: Report | None = None
        self._titled = False
        self._name = ""

    def tree(self, line: Line) -> None:
        """A line of the tree."""
        match = _TREE.match(line.text)
        if match is None or len(self.run.statuses) >= _MOST:
            return
        indent, mark, name, directive = match.groups()
        depth = len(indent) // 2
        if mark == "▶":
            if depth <= min(len(self._stack), _DEEPEST):
                self._stack[depth:] = [name]
            return
        if self._stack[depth : depth + 1] == [name]:  # the end of a suite
            del self._stack[depth:]
            if mark == "✖":
                self._failed.setdefault(name, []).append(_full([*self._stack, name]))
            return
        full = _full([*self._stack[:depth], name])
        if directive or mark in "﹣⚠":
            self.run.put(full, Status.SKIPPED, line.number)
        elif mark == "✔":
            self.run.put(full, Status.PASSED, line.number)
        else:
            self._failed.setdefault(name, []).append(full)

    def entry(self, line: Line) -> bool:
        """A line of the list of failures."""
        text = line.text
        match = _TREE.match(text) if text.startswith("✖ ") else None
        if match is not None and match.group(4):  # to be done: node lists it and does not count it
            self._report, self._titled = Report(), False
        elif match is not None:
            known = self._failed.get(match.group(3), [])
            self._name = known.pop(0) if known else match.group(3)
            self.run.put(self._name, Status.FAILED, line.number)
            self._report, self._titled = self.run.report(self._name), False
        elif self._report is not None and (not text or text.startswith("  ")):
            if text.startswith(_TIMED_OUT):
                self.run.statuses[self._name] = Status.TIMEOUT
            self._report.add(line._replace(text=text[2:]))
            self._titled = True
        elif self._report is not None and not self._titled:
            return True  # a name of several lines
        elif text and not text.startswith(_PLACE):
            self.listing = False
            return False
        return True


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._foreign = Foreign()
        self._tap: _Tap | None = None
        self._spec = _Spec()
        self._listed = False
        self._seen = False

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._tap is not None or self._listed

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report."""
        text = line.text
        first = text[:1]
        if self._tap is not None:
            return self._in_tap(line, self._tap)
        if self._listed:
            return self._in_list(line)
        if first in {"=", "#"}:
            self._foreign.feed(text)
        elif first in _MARKS and not self._foreign.inside:
            self._spec_line(line)
        elif text == _TAP and not self._foreign.inside:
            self._tap = _Tap()
        return False

    def _in_tap(self, line: Line, tap: _Tap) -> bool:
        if not line.text.startswith(("# duration_ms ", "##[")):
            return tap.feed(line)
        tap.close()
        self._seen = self._seen or bool(tap.run.statuses)
        tap.run.into(self._tally)
        self._tap = None
        return False

    def _spec_line(self, line: Line) -> None:
        """A line of the tree, or the totals, which end it."""
        if _TOTAL.match(line.text) is not None:
            self._listed = self._seen = True
        else:
            self._spec.tree(line)

    def _in_list(self, line: Line) -> bool:
        """The totals and what follows them."""
        text = line.text
        if text == _FAILING:
            self._spec.listing = True
            return True
        if self._spec.listing and self._spec.entry(line):
            return True
        if not self._spec.listing and text and not text.startswith("ℹ "):
            self._end()
        return False

    def _end(self) -> None:
        self._spec.run.into(self._tally)
        self._spec, self._listed = _Spec(), False

    def result(self) -> Reading:
        """What became of each test."""
        if self._tap is not None:
            self._in_tap(Line(0, "# duration_ms "), self._tap)
        if self._listed:
            self._end()
        self._tally.seen = self._seen
        return self._tally.result()
