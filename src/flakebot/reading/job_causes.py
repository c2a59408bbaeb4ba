"""Evidence in a log outside the reports of tests: what made a step fail. Pure.

GitHub marks the end of a failed step by `##[error]`, so evidence is kept per step and only that of
steps that failed counts. Lines are searched many at a time; only where something matches, one by
one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

import re2

from flakebot.fingerprint import fingerprint
from flakebot.logs import Line, seconds_between
from flakebot.model import Cause
from flakebot.reading.causes import EXCERPT, quote
from flakebot.reading.rules import Rule, RuleSet, is_noise
from flakebot.secrets_mask import mask

_BATCH = 256
"""Lines searched at a time."""

_BEFORE = 10
"""Lines quoted before the evidence."""

_STEP = "##[group]Run "

_FAILURE = re2.compile(
    r"^(?:##\[error\]|Error: )(?:Process completed with exit code [1-9-]"
    r"|The operation was cancel|The (?:action|job|runner|hosted runner|self-hosted runner)\b"
    r"|The step was|A task was canceled|received SIGINT|Failed to (?:download a|\w*Artifact)"
    r"|fatal: |Error: "
    r"|Docker |Unable to|.*(?:lost communication|has timed out|maximum execution time))"
)
"""What the runner says when a step or job fails; other `##[error]` lines may be a program's."""

STOPS = re2.compile(
    r"The operation was cancel|has timed out after|maximum execution time|received SIGINT"
    r"|Process completed with exit code 124"
)
"""What ends a job that does not end by itself."""

_COMPLETE = ("Post job cleanup.", "Cleaning up orphan processes", "Cleaning up...")
"""What the runner prints at the end of every job, failed or not."""

_TEXT = 1000


class Evidence(NamedTuple):
    """A rule's last match in a step, with the lines around it."""

    rule: Rule
    line: Line
    shown: tuple[str, ...]

    def cause(self) -> Cause:
        """The cause it amounts to."""
        text = self.line.text.removeprefix("##[error]").strip()[:_TEXT]
        category = self.rule.category
        return Cause(
            category=category,
            rule=self.rule.id,
            line=self.line.number,
            text=mask(text),
            fingerprint=fingerprint(category, text),
            excerpt=self.shown,
        )


class Steps:
    """Gathers evidence step by step."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._batch: list[Line] = []
        self._recent: deque[Line] = deque(maxlen=_BEFORE)
        self._step: dict[str, Evidence] = {}
        self._failed: dict[str, Evidence] = {}
        self._output = Line(0, "")
        self.stop: Line | None = None
        self.before_stop = self._output
        self.silence = 0
        self.failing = False
        self.errors = False
        self.complete = False

    def feed(self, line: Line) -> None:
        """A line outside reports of tests, in order; echoed scripts are left out by the caller."""
        self._batch.append(line)
        if len(self._batch) >= _BATCH:
            self._search()
        if line.text.startswith(("##[error]", "Error: ")):
            self._error(line)
        elif line.text.startswith(_COMPLETE):
            self.complete = True

    def step(self) -> None:
        """A new step begins: what the last one said counts only if it failed."""
        self._search()
        self._step = {}

    def heard(self, line: Line) -> None:
        """Any line of output at all, to know how long a log was silent."""
        if line.time and not line.text.startswith("##[error]"):
            self._output = line

    def _error(self, line: Line) -> None:
        self.errors = self.errors or line.text.startswith("##[error]")
        if _FAILURE.search(line.text) is None:
            return
        self._search()
        self.failing = True
        self._failed |= self._step
        if self.stop is None and STOPS.search(line.text) is not None:
            self.stop = line
            self.before_stop = self._output
            if self._output.time and line.time:
                self.silence = seconds_between(self._output.time, line.time)

    def evidence(self, *, everything: bool) -> list[Evidence]:
        """What failed steps said, in the rules' order; everything the log said when it is not
        known which step failed.
        """
        self._search()
        found = self._failed | self._step if everything else self._failed
        return sorted(found.values(), key=lambda e: self._rules.precedence(e.rule))

    def _search(self) -> None:
        batch, self._batch = self._batch, []
        if batch and self._rules.search("\n".join(line.text for line in batch), "job"):
            for index, line in enumerate(batch):
                self._match(line, index, batch)
        self._recent.extend(batch[-_BEFORE:])

    def _match(self, line: Line, index: int, batch: list[Line]) -> None:
        rules = self._rules.search(line.text, "job")
        if not rules or is_noise(line.text):
            return
        before = [*self._recent, *batch[:index]][-_BEFORE:]
        around = [*before, *batch[index : index + EXCERPT - _BEFORE]]
        rule = next((r for r in rules if self._rules.fits(r, _report(around))), None)
        if rule is not None:
            self._step[rule.id] = Evidence(rule, line, tuple(quote(row.text) for row in around))


def _report(lines: Iterable[Line]) -> str:
    return "\n".join(line.text for line in lines)


def begins_step(line: Line) -> bool:
    """Whether the runner starts a step here."""
    return line.text.startswith(_STEP)
