"""Evidence in a log outside the reports of tests: what made a step fail. Pure.

GitHub marks the end of a failed step by `##[error]`, so evidence is kept per step and only that of
steps that failed counts. A line that `PATTERN` and the rules leave out need not be fed: it is
skipped together with its neighbours, and made a `Line` only when it stands around evidence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

import re2

from flakebot.fingerprint import fingerprint
from flakebot.logs import Block, Line, plain_line
from flakebot.model import Category, Cause, StepStart
from flakebot.reading.excerpts import EXCERPT, TEXT, quote
from flakebot.reading.pauses import Pauses, Stop
from flakebot.reading.rules import Rule, RuleSet, is_again, is_noise, is_retried
from flakebot.reading.step_lines import ENDING, MAX_STARTS, start_of
from flakebot.reading.trace import Notes, Why
from flakebot.secrets_mask import Masker

_BEFORE = 10
"""Lines quoted before the evidence."""

_FAILURE = re2.compile(
    r"^(?:##\[error\]|Error: )(?:Process completed with exit code [1-9-]"
    r"|The operation was cancel|The (?:action|job|runner|hosted runner|self-hosted runner)\b"
    r"|The step was|A task was canceled|received SIGINT|Failed to (?:download a|\w*Artifact)"
    r"|The process '|Error: |Unhandled error: |Final attempt failed"
    r"|Docker |Unable to|.*(?:lost communication|has timed out|maximum execution time))"
)
"""What the runner says when a step or job fails; other `##[error]` lines may be a program's."""

STOPS = re2.compile(
    r"The operation was cancel|has timed out after|maximum execution time|received SIGINT"
    r"|Process completed with exit code 124|Final attempt failed\. Timeout of \d+ms hit"
)
"""What ends a job that does not end by itself."""

_TRIED_AGAIN = 2
"""Lines at most between an error and the words that it is tried again."""

_TRIED = "thrown while requesting"
_WAITS = re2.compile(r"Retrying in \d|Rate limited\. Waiting|\[Retry \d/\d\]")
"""What Hugging Face's client says when a request failed, and before it tries again."""

_QUOTED = Rule(id="exit-code", category=Category.UNKNOWN, pattern="")
"""The last resort among the rules, for what an action says in words that no rule knows."""

PATTERN = (
    r"\[Retry \d/\d\]|^##\[|^Error: |^Post job cleanup\.|^Cleaning up(?: orphan processes|\.\.\.)"
)
"""RE2 of the lines that must be fed, beside those that a rule matches."""


class Run(NamedTuple):
    """Lines of a block that nobody had to read: plain output from `start` up to `end`; `after` is
    the number of the line behind them.
    """

    block: Block
    start: int
    end: int
    after: int

    def backwards(self) -> Iterator[Line]:
        """Its lines, the last one first."""
        end, number = self.end, self.after
        while end > self.start:
            start = self.block.data.rfind(b"\n", self.start - 1, end - 1) + 1
            number -= 1
            yield plain_line(self.block.data[start : end - 1], number)
            end = start


class Evidence(NamedTuple):
    """A rule's last match in a step, with the lines around it, the line among them."""

    rule: Rule
    line: Line
    around: Sequence[Line]

    def cause(self, mask: Masker) -> Cause:
        """The cause it amounts to, without secrets."""
        rows = mask.lines([row.text for row in self.around])
        at = next(index for index, row in enumerate(self.around) if row is self.line)
        text = rows[at].removeprefix("##[error]").strip()[:TEXT]
        category = self.rule.category
        return Cause(
            category=category,
            rule=self.rule.id,
            line=self.line.number,
            text=text,
            fingerprint=fingerprint(category, text),
            excerpt=tuple(map(quote, rows)),
        )


class _Hit(NamedTuple):
    """A line that rules match, until the lines that are quoted after it have come."""

    line: Line
    rules: list[Rule]
    around: list[Line]
    size: int


class Steps:
    """Gathers evidence step by step.

    Args:
        rules: evidence in order of precedence.
        notes: takes notes of the decisions.
        failed: whether the job is known to have failed, so that some `##[error]` must say why.
    """

    def __init__(self, rules: RuleSet, notes: Notes | None = None, *, failed: bool = False) -> None:
        self._rules = rules
        self._known_to_fail = failed
        self.quoted: Evidence | None = None
        self._notes = notes
        self._hits: list[_Hit] = []
        self._recent: deque[Line | Run] = deque(maxlen=_BEFORE)  # each holds a line at least
        self._step: dict[str, Evidence] = {}
        self._failed: dict[str, Evidence] = {}
        self._tried: Evidence | None = None
        self._given_up: Evidence | None = None
        self._pauses = Pauses()
        self.starts: list[StepStart] = []
        self.stop: Stop | None = None
        self.failing = False
        self.errors = False
        self.complete = False

    @property
    def waiting(self) -> bool:
        """Whether the next lines must be fed whatever they say: they are quoted."""
        return bool(self._hits)

    def feed(self, line: Line) -> None:
        """A line outside reports of tests, in order; echoed scripts are left out by the caller."""
        if self._hits:
            self._withdraw(line)
            self._quote(line)
        found = self._rules.search(line.text, "job")
        if self._tried is not None and _WAITS.search(line.text) is not None:
            self._tried = None
        if found and is_noise(line.text):
            if _TRIED in line.text:
                self._tried = self._last_try(line, found)
            if self._notes is not None:
                why = Why.RETRIED if is_retried(line.text) else Why.QUIET
                self._notes.pass_over(line, found, why)
        elif found:
            before = self._before()
            self._hits.append(_Hit(line, found, [*before, line], len(before) + EXCERPT - _BEFORE))
        self._recent.append(line)
        if line.text.startswith(("##[error]", "Error: ")):
            self._error(line)
        elif line.text.startswith(ENDING):
            self.complete = True

    def skip(self, run: Run) -> None:
        """Lines of output that say nothing."""
        self._recent.append(run)
        self._pauses.skipped(run.backwards())

    def begin(self, line: Line) -> None:
        """Remember a line that may begin a step, as long as there are not too many."""
        start = start_of(line)
        if start is not None and len(self.starts) <= MAX_STARTS:
            self.starts.append(start)

    def step(self) -> None:
        """A new step begins: what the last one said counts only if it failed, and explains nothing
        of what this one says.
        """
        self._judge_all()
        self._forget()
        self._recent.clear()
        self._step = {}
        self._tried = None

    def heard(self, line: Line) -> None:
        """Any line of output at all, to know how long a log was silent."""
        self._pauses.heard(line)

    def _error(self, line: Line) -> None:
        self.errors = self.errors or line.text.startswith("##[error]")
        if self._known_to_fail and line.text.removeprefix("##[error]").strip():
            self.quoted = Evidence(_QUOTED, line, self._before())
        if _FAILURE.search(line.text) is None:
            return
        self._judge_all()
        self.failing = True
        for rule, evidence in self._step.items():
            self._replace(self._failed.get(rule), evidence)
        self._failed |= self._step
        self._given_up = self._tried or self._given_up
        if self.stop is None and STOPS.search(line.text) is not None:
            self.stop = self._pauses.stopped(line)

    def evidence(self, *, everything: bool) -> list[Evidence]:
        """What failed steps said, in the rules' order; everything the log said when it is not
        known which step failed. When that is nothing, the last try of a client that gave up.
        """
        self._judge_all()
        found = self._failed | self._step if everything else self._failed
        tried = (everything and self._tried) or self._given_up
        if tried and all(each.rule.category is Category.UNKNOWN for each in found.values()):
            return [tried]
        return sorted(found.values(), key=lambda e: self._rules.precedence(e.rule.id))

    def _last_try(self, line: Line, found: list[Rule]) -> Evidence | None:
        """What a client of Hugging Face says of a request that failed; it counts only if no next
        try follows, which the client would announce.
        """
        rule = next((rule for rule in found if self._rules.fits(rule, line.text)), None)
        return Evidence(rule, line, [*self._before(), line]) if rule is not None else None

    def _before(self) -> list[Line]:
        """The lines before the next one, whether they were fed or skipped."""
        backwards = chain.from_iterable(
            (item,) if isinstance(item, Line) else item.backwards()
            for item in reversed(self._recent)
        )
        return list(islice(backwards, _BEFORE))[::-1]

    def _withdraw(self, line: Line) -> None:
        """Drop what the lines just above say if this one tells that it is tried again."""
        if not is_again(line.text):
            return
        above = [hit for hit in self._hits if line.number - hit.line.number <= _TRIED_AGAIN]
        self._hits = [hit for hit in self._hits if hit not in above]
        if self._notes is not None:
            for hit in above:
                self._notes.pass_over(hit.line, hit.rules, Why.RETRIED)

    def _quote(self, line: Line) -> None:
        """A line after evidence."""
        for hit in self._hits:
            hit.around.append(line)
        while self._hits and len(self._hits[0].around) >= self._hits[0].size:
            self._judge(self._hits.pop(0))

    def _judge_all(self) -> None:
        hits, self._hits = self._hits, []
        for hit in hits:
            self._judge(hit)

    def _judge(self, hit: _Hit) -> None:
        rule = next((r for r in hit.rules if self._rules.fits(r, _report(hit.around))), None)
        if self._notes is not None:
            at = hit.rules.index(rule) if rule is not None else len(hit.rules)
            self._notes.pass_over(hit.line, hit.rules[:at], Why.NEEDS)
            if rule is not None:
                self._notes.behind(hit.line, hit.rules[at + 1 :], rule)
        if rule is not None:
            evidence = Evidence(rule, hit.line, hit.around)
            self._replace(self._step.get(rule.id), evidence)
            self._step[rule.id] = evidence

    def settle(self) -> None:
        """Note what the last step said if it counts for nothing, after the last line."""
        self._judge_all()
        if self.failing:
            self._forget()

    def _forget(self) -> None:
        """Note what a step said that did not fail."""
        if self._notes is not None:
            for rule, evidence in self._step.items():
                if self._failed.get(rule) is not evidence:
                    self._notes.add(evidence.line, evidence.rule, Why.STEP)

    def _replace(self, old: Evidence | None, new: Evidence) -> None:
        """Note that a rule's later match stands for its earlier one."""
        if self._notes is not None and old is not None and old is not new:
            self._notes.add(old.line, old.rule, Why.LATER, new.rule.id)


def _report(lines: Iterable[Line]) -> str:
    return "\n".join(line.text for line in lines)
