# ruff: noqa: RUF001  # the marks are those that the tool prints
"""Read what Playwright's terminal reporters print: list, line, dot. Pure.

After `Running 3 tests using 1 worker` the list reporter marks every try of a test; all of them
print the failures by number and, at the end, which tests failed, were flaky or were interrupted
(https://github.com/microsoft/playwright/tree/main/packages/playwright/src/reporters). These lists
have the last word: a test that is expected to fail bears the mark of one that failed.
"""

from __future__ import annotations

from dataclasses import replace

import re2

from flakebot.frameworks.reading import Reading
from flakebot.frameworks.reports import Report
from flakebot.frameworks.tally import Tally
from flakebot.logs import Line
from flakebot.model import Status

NAME = "playwright"

_TITLE = r"(?:\[[^\]]+\] › )?[^\s›][^›]*:\d+:\d+ › "
_ITEM = re2.compile(rf"^  \d{{1,6}}\) ({_TITLE}.*?) *[─=]*$")
_MARK = re2.compile(
    rf"^ +(✓|✘|-|ok|x) +\d{{1,6}} ({_TITLE}.*?)(?: \(retry #\d+\))?(?: \(\d[\d.]*(?:ms|s|m|h)\))?$"
)
_LISTED = re2.compile(rf"^    ({_TITLE}.*?) *[─=]*$")
_BEGUN = re2.compile(
    rf"^\[(\d{{1,6}})/(\d{{1,6}})\] (?:\(retries\) )?({_TITLE}.*?)(?: \(retry #\d+\))?$"
)
_NUMBER = re2.compile(
    r"^  (\d{1,6}) (failed|interrupted|flaky|skipped|did not run|passed"
    r"|errors? (?:was|were) not)\b"
)
_RUNNING = re2.compile(r"^Running (\d{1,6}) tests? using (\d{1,4}) workers?\b")
_STATUSES = {"✓": Status.PASSED, "ok": Status.PASSED, "-": Status.SKIPPED}
_LISTS = ("failed", "interrupted", "flaky")
_INDENT = "    "

GATE = rf"^Running \d+ tests? using \d|^  \d+\) {_TITLE}|^  \d+ (?:failed|flaky|interrupted)$"
"""The lines that can matter while no run is under way."""


def parser() -> Parser:
    """A parser for one log."""
    return Parser()


class _Run:
    """One run: tries by their marks, failures by their reports, and what the lists say."""

    def __init__(self) -> None:
        self.tries: dict[str, list[Status]] = {}
        self.lines: dict[str, int] = {}
        self.reports: list[tuple[str, Report, int]] = []
        self.lists: dict[str, list[str]] = {}
        self.totals: dict[str, int] = {}

    def outcomes(self) -> dict[str, list[Status]]:
        """What became of each test that the log names."""
        if not self.totals:  # the log was cut
            found = dict(self.tries)
            for title, _, failures in self.reports:
                if not any(_is(name, title) for name in found):
                    found[title] = [Status.FAILED] * failures
            return found
        listed = [name for kind in _LISTS for name in self.lists.get(kind, ())]
        return {name: self._listed(name) for name in dict.fromkeys([*self.tries, *listed])}

    def _listed(self, name: str) -> list[Status]:
        """The tries of a test, with the lists' last word."""
        tries = self.tries.get(name, [])
        failures = max(1, self._failures(name))
        if name in self.lists.get("failed", ()):
            return [Status.FAILED] * max(failures, len(tries))
        if name in self.lists.get("flaky", ()):
            return tries or [Status.FAILED] * failures + [Status.PASSED]
        if name in self.lists.get("interrupted", ()):  # by others' failures, or by the end
            return [Status.SKIPPED if self.lists.get("failed") else Status.UNFINISHED]
        return [Status.PASSED if status.bad else status for status in tries]

    def _failures(self, name: str) -> int:
        """How often a test failed, as far as its report tells."""
        return max((n for title, _, n in self.reports if _is(name, title)), default=0)


class Parser:
    """Takes a log line by line; knows at the end what became of each test."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._run = _Run()
        self._active = self._seen = self._failed = False
        self._report: Report | None = None
        self._list = ""
        self._last: str | None = None
        self._workers = 0
        self._percent: int | None = None

    @property
    def busy(self) -> bool:
        """Whether the next line matters whatever it says."""
        return self._active

    def feed(self, line: Line) -> bool:
        """Take a line; true when it belongs to a failure's report or to the lists."""
        text = line.text
        if text.startswith("Running ") and (running := _RUNNING.match(text)) is not None:
            self._end()
            self._active = self._seen = True
            self._workers = max(self._workers, int(running.group(2)))
            return False
        if text[:2] == "  ":
            if self._number(text):
                return self._seen
            if self._title(line):
                return True
        return self._active and self._inside(line)

    def _inside(self, line: Line) -> bool:
        """A line of a run that is neither a title nor a total."""
        if self._list:
            return self._after_lists(line)
        if self._marked(line) or line.text.startswith("##["):
            self._report = None
        elif self._report is not None:
            self._detail(line, self._report)
        return self._report is not None

    def _number(self, text: str) -> bool:
        """`  3 failed`, the begin of a list or a total."""
        number = _NUMBER.match(text)
        if number is None or not (self._active or number.group(2) in _LISTS):
            return False
        self._list = number.group(2)
        self._run.totals[self._list] = int(number.group(1))
        self._active, self._report = True, None
        return True

    def _title(self, line: Line) -> bool:
        """A title over a report, or one of a list."""
        item = _ITEM.match(line.text)
        if item is not None:
            self._active = self._seen = True
            self._list, self._report = "", Report()
            self._run.reports.append((item.group(1), self._report, 1))
            self._run.lines.setdefault(item.group(1), line.number)
            return True
        listed = _LISTED.match(line.text) if self._list in _LISTS else None
        if listed is not None:
            self._seen = True
            self._run.lists.setdefault(self._list, []).append(listed.group(1))
            self._run.lines.setdefault(listed.group(1), line.number)
        return listed is not None

    def _marked(self, line: Line) -> bool:
        """A try of a test: its end in the list reporter, its begin in the line reporter."""
        mark = _MARK.match(line.text) if line.text[:1] == " " else None
        if mark is not None:
            name = self._last = mark.group(2)
            status = _STATUSES.get(mark.group(1), Status.FAILED)
            self._run.tries.setdefault(name, []).append(status)
            self._run.lines.setdefault(name, line.number)
            return True
        begun = _BEGUN.match(line.text) if line.text[:1] == "[" else None
        if begun is not None:
            number, total, self._last = int(begun.group(1)), int(begun.group(2)), begun.group(3)
            self._percent = min(100, 100 * number // max(1, total))
        return begun is not None

    def _detail(self, line: Line, report: Report) -> None:
        """A line of a report, without its indent."""
        shown = line.text.removeprefix(_INDENT).rstrip("─ ")
        if shown.startswith("Retry #"):
            title, _, failures = self._run.reports[-1]
            self._run.reports[-1] = (title, report, failures + 1)
        if shown.startswith("expect("):  # below a message of the test's own
            shown = f"Error: {shown}"
        report.add(line._replace(text=shown))

    def _after_lists(self, line: Line) -> bool:
        """The lists end with the first other line, unless a test had printed them."""
        if self._marked(line):
            self._list = ""
            self._run.lists, self._run.totals = {}, {}
        elif line.text.strip() and not self._goes_on(line.text):
            self._end()
        return False

    def _goes_on(self, text: str) -> bool:
        """Whether a line is the rest of a title with several, as its rule or its list's number
        tells.
        """
        wanted = self._run.totals[self._list] if self._list in _LISTS else 0
        missing = len(self._run.lists.get(self._list, ())) < wanted
        return not text.startswith("##[") and (missing or text.endswith("─"))

    def _end(self) -> None:
        """Add the run to the tally of the log."""
        run, self._run = self._run, _Run()
        self._active, self._report, self._list = False, None, ""
        if not self._seen:
            return
        outcomes = run.outcomes()
        for name, statuses in outcomes.items():
            self._tally.add(name, run.lines[name], *statuses)
            for title, report, _ in run.reports:
                if _is(name, title) and any(status.bad for status in statuses):
                    self._tally.attach(name, report)
        self._failed = bool(run.lists.get("failed")) or bool(run.totals.get("interrupted"))
        self._failed |= any(word.startswith("error") for word in run.totals)
        flaky = run.lists.get("flaky", ())  # the number of those that passed leaves these out
        named = [statuses[-1] for name, statuses in outcomes.items() if name not in flaky]
        for word, status in (("passed", Status.PASSED), ("skipped", Status.SKIPPED)):
            self._tally.unnamed[status] += max(0, run.totals.get(word, 0) - named.count(status))

    def result(self) -> Reading:
        """What became of each test."""
        self._end()
        self._tally.seen, self._tally.failed = self._seen, self._failed
        self._tally.last = self._last
        return replace(self._tally.result(), workers=self._workers, percent=self._percent)


def _is(name: str, title: str) -> bool:
    """Whether a report's title, which may go on with a step's, is that of a test."""
    return title == name or title.startswith(f"{name} › ")
