"""Read one log: which tests did not simply pass, what went wrong, and what to read first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from flakebot.fingerprint import fingerprint
from flakebot.frameworks.reading import Reading, Test
from flakebot.logs import Line, Reader
from flakebot.model import (
    Category,
    Cause,
    Hang,
    LogReading,
    Owner,
    Problem,
    Severity,
    Status,
    TestId,
    TestResult,
)
from flakebot.reading import causes, merging
from flakebot.reading.excerpts import quote
from flakebot.reading.job_causes import Evidence, Steps
from flakebot.reading.pauses import SILENCE, Stop
from flakebot.reading.rules import Rule, RuleSet
from flakebot.reading.scan import Scan
from flakebot.reading.step_lines import MAX_STARTS
from flakebot.reading.trace import Notes, Trace, Why
from flakebot.secrets_mask import Masker
from flakebot.settings import Limits

SILENCE_BEFORE_TIMEOUT = 60
"""Seconds without output before a time-out that make it a hang, as `SILENCE` before a cancel: here
the silence alone need not prove that something was stuck."""

CUT = "The log ends in the middle of a line: its end is missing."
"""GitHub ends every line, and every job with lines of its own."""

HANG_RULE = "silence-before-the-end"
"""The rule named for a hang; it rests on time stamps, not on a pattern."""


def read_log(
    source: str,
    chunks: Iterable[bytes],
    rules: RuleSet,
    limits: Limits,
    trace: Trace | None = None,
    *,
    failed: bool = False,
) -> LogReading:
    """Everything flakebot understands of one log, in one pass and bounded memory.

    Args:
        source: the log's name in the result.
        chunks: its bytes in pieces of any size.
        rules: evidence in order of precedence.
        limits: bounds on bytes and line length.
        trace: takes notes of the decisions, for an explanation.
        failed: whether the job is known to have failed.
    """
    reader = Reader(limits)
    notes = None if trace is None else trace.job
    steps = Steps(rules, notes, failed=failed)
    scan = Scan(reader, steps, rules, notes)
    for block in reader.blocks(chunks):
        scan.read(block)
    readings = {name: _masked(each, rules.mask) for name, each in scan.readings().items()}
    cut = reader.enveloped and reader.unended and not steps.complete
    reasons = [reason for reason in (reader.problem or (CUT if cut else ""),) if reason]
    if nameless := sum(reading.nameless for reading in readings.values()):
        reasons.append(f"{nameless} tests that passed are counted and not remembered by name.")
    if reader.has_cut:
        reasons.append(f"Of lines longer than {limits.line_bytes} bytes only the head was read.")
    problems = tuple(Problem(source=source, reason=reason) for reason in reasons)
    if not reader.count:
        return LogReading(source=source, problems=problems)
    return _Log(source, reader, readings, steps, rules, trace).reading(problems)


class _Log:
    """One log's parts on their way to a reading."""

    def __init__(
        self,
        source: str,
        reader: Reader,
        readings: dict[str, Reading],
        steps: Steps,
        rules: RuleSet,
        trace: Trace | None,
    ) -> None:
        self._trace = trace
        self._source = source
        self._reader = reader
        self._steps = steps
        self._rules = rules
        seen = {name: reading for name, reading in readings.items() if reading.seen}
        self._readings = {name: each for name, each in seen.items() if not each.last_resort}
        self._evidence = steps.evidence(everything=not steps.failing)
        self._guessed = not self._readings and self._failed()
        if self._guessed:
            self._readings = seen
        blocks = [block for reading in self._readings.values() for block in reading.loose]
        loose = (causes.of_block(block, rules) for block in blocks)
        self._loose = [cause for cause in loose if cause is not None]
        self._counts = [block for block in blocks if block.kind == "summary"]
        self._tests = _told([(n, t) for n, r in self._readings.items() for t in _judged(r)])

    def reading(self, problems: tuple[Problem, ...]) -> LogReading:
        hang = self._hang()
        of_job, otherwise = self._of_job(hang)
        if self._trace is not None:
            self._settle(of_job, otherwise, self._trace.job)
        recovered = frozenset(t.id for _, t in self._tests if not t.outcomes[-1].bad)
        found = merging.merged([*self._of_tests(), *of_job], recovered)
        counts: dict[Status, int] = {}
        for reading in self._readings.values():
            for status, number in reading.counts.items():
                counts[status] = counts.get(status, 0) + number
        for _, test in self._tests:
            for status in test.outcomes if test.covers else ():
                counts[status] = counts.get(status, 0) + 1
        return LogReading(
            source=self._source,
            frameworks=tuple(self._readings),
            counts=counts,
            tests=self._results(found),
            causes=tuple(found),
            passed=frozenset().union(*(r.passed for r in self._readings.values())),
            workers=max((r.workers for r in self._readings.values()), default=0),
            lines=self._reader.count,
            hang=hang,
            starts=tuple(self._steps.starts) if len(self._steps.starts) <= MAX_STARTS else (),
            problems=problems,
        )

    def _results(self, found: Sequence[Cause]) -> tuple[TestResult, ...]:
        where = {test: index for index, cause in enumerate(found) for test in cause.tests}
        results = [self._result(name, test, found, where) for name, test in self._tests]
        return tuple(sorted(results, key=lambda result: result.line))

    @staticmethod
    def _result(
        framework: str, test: Test, found: Sequence[Cause], where: dict[TestId, int]
    ) -> TestResult:
        index = where.get(test.id, -1)
        cause = found[index] if index >= 0 else None
        return TestResult(
            id=test.id,
            framework=framework,
            outcomes=test.outcomes,
            line=test.line,
            category=cause.category if cause else Category.UNKNOWN,
            fingerprint=cause.fingerprint if cause else "",
            cause=index,
            worker=test.worker,
        )

    # --------------------------------------------------------------------------------------

    def _of_tests(self) -> list[Cause]:
        """One cause per test; those the job's own cause will explain are left out here."""
        return [
            replace(causes.of_test(test, self._rules, self._notes(test)), tests=(test.id,))
            for _, test in self._tests
            if not self._stopped(test)
        ]

    def _notes(self, test: Test) -> Notes | None:
        return None if self._trace is None else self._trace.of(test.id)

    def _stopped(self, test: Test) -> bool:
        """Whether the end of the job explains the test: it ran when the job was stopped, or it is
        known only from a traceback, whose exception is evidence of the job.
        """
        if self._guessed:
            return bool(self._evidence)
        if self._steps.stop is None and not self._broken() and not self._loose:
            return False
        return test.outcomes[-1] is Status.UNFINISHED or (
            not test.blocks and test.id in self._last() and self._silent()
        )

    def _unfinished(self) -> bool:
        return any(test.outcomes[-1] is Status.UNFINISHED for _, test in self._tests)

    def _last(self) -> set[TestId | None]:
        return {reading.last for reading in self._readings.values()}

    def _decisive(self) -> list[Evidence]:
        return [evidence for evidence in self._evidence if evidence.rule.decides]

    def _broken(self) -> bool:
        """Whether the machine failed, or something on it crashed or was killed: reason enough for
        a test not to come to its end.
        """
        found = [each.rule.category for each in self._evidence]
        return any(c.owner is Owner.INFRA or c.severity is Severity.HIGH for c in found)

    def _silent(self) -> bool:
        stop = self._steps.stop
        if stop is None:
            return False
        cancelled = "cancel" in stop.line.text
        return stop.silence >= (SILENCE if cancelled else SILENCE_BEFORE_TIMEOUT)

    def _lost(self) -> bool:
        """Whether the machine went away: nobody knows what it would have said."""
        return any(each.rule.category is Category.RUNNER_LOST for each in self._decisive())

    def _hang(self) -> Hang | None:
        stop = self._steps.stop
        if not self._silent() or stop is None or self._lost():
            return None
        reading = next((r for r in self._readings.values() if r.last is not None), Reading())
        waiting = [t.id for _, t in self._tests if t.outcomes[-1] is Status.UNFINISHED]
        return Hang(
            seconds=stop.silence,
            line=stop.line.number,
            test=waiting[0] if waiting else reading.last,
            percent=reading.percent,
        )

    def _of_job(self, hang: Hang | None) -> tuple[list[Cause], Why]:
        """Causes that no test's report shows, and why there are no others."""
        stopped = tuple(test.id for _, test in self._tests if self._stopped(test))
        if hang is not None and self._steps.stop is not None:
            return [_hang_cause(hang, self._steps.stop, stopped, self._rules.mask)], Why.HANG
        failing_tests = any(test.outcomes[-1].bad for _, test in self._tests)
        if failing_tests and not stopped:
            decisive = [evidence.cause(self._rules.mask) for evidence in self._decisive()[:1]]
            # A cancel that found all tests ended explains none of them.
            told = [cause for cause in decisive if cause.category is not Category.CANCELLED]
            return [*told, *self._loose[:1]], Why.TESTS
        if not self._failed():
            return self._quoted(), Why.GREEN
        found = self._loose + [e.cause(self._rules.mask) for e in self._evidence]
        found.sort(key=lambda cause: self._rules.precedence(cause.rule))
        found += (causes.of_count(block, self._rules.mask) for block in self._counts)
        return [replace(c, tests=stopped) for c in found[:1]] or self._quoted(), Why.BEATEN

    def _quoted(self) -> list[Cause]:
        """What an action said of a failure that nothing else tells."""
        quoted = self._steps.quoted
        return [] if quoted is None else [quoted.cause(self._rules.mask)]

    def _settle(self, chosen: Sequence[Cause], otherwise: Why, notes: Notes) -> None:
        """Note what became of the evidence outside the reports of tests."""
        self._steps.settle()
        for evidence in self._evidence:
            _note(evidence.line, evidence.rule, chosen, otherwise, notes)
        for reading in self._readings.values():
            for block in reading.loose:
                tried = Notes()
                causes.of_block(block, self._rules, tried)
                for line, rule, why, by in tried:
                    if why is Why.WON:
                        _note(line, rule, chosen, otherwise, notes)
                    else:
                        notes.add(line, rule, why, by)

    def _failed(self) -> bool:
        """Whether the log is one of a job that failed, as far as the log tells."""
        if self._steps.failing or any(reading.failed for reading in self._readings.values()):
            return True
        if self._readings:
            return bool(self._loose or self._unfinished())
        return self._steps.errors or not (self._reader.enveloped and self._steps.complete)


def _masked(reading: Reading, mask: Masker) -> Reading:
    """What a framework printed, without secrets in the names of tests: a parameter may be an
    address with its password.
    """
    names = "\n".join((*(test.id for test in reading.tests), *reading.passed, reading.last or ""))
    if mask(names) == names:  # one search for all of them, which are up to fifty thousand
        return reading
    return replace(
        reading,
        tests=tuple(replace(test, id=TestId(mask(test.id))) for test in reading.tests),
        passed=frozenset(TestId(mask(test)) for test in reading.passed),
        last=None if reading.last is None else TestId(mask(reading.last)),
    )


def _judged(reading: Reading) -> Iterator[Test]:
    """Without the test that ran when the framework itself broke down: it is not to blame."""
    broken = any(block.kind == "internal" for block in reading.loose)
    for test in reading.tests:
        if not (broken and test.outcomes[-1] is Status.UNFINISHED):
            yield test


def _told(tests: Sequence[tuple[str, Test]]) -> list[tuple[str, Test]]:
    """Without the files whose failing tests are told themselves."""
    lines = [test.line for _, test in tests if test.covers is None]
    return [(name, test) for name, test in tests if not _covered(test, lines)]


def _covered(test: Test, lines: Sequence[int]) -> bool:
    if test.covers is None:
        return False
    first, last = test.covers
    return any(first <= line <= last for line in lines)


def _note(line: Line, rule: Rule, chosen: Sequence[Cause], otherwise: Why, notes: Notes) -> None:
    """Note that a match was chosen, or why it was not."""
    if any((cause.rule, cause.line) == (rule.id, line.number) for cause in chosen):
        notes.add(line, rule, Why.WON)
    elif any(cause.rule == rule.id for cause in chosen):
        notes.add(line, rule, Why.LATER, rule.id)
    elif chosen and (otherwise is not Why.TESTS or rule.decides):
        notes.add(line, rule, Why.BEATEN if otherwise is Why.TESTS else otherwise, chosen[0].rule)
    else:
        notes.add(line, rule, otherwise)


def _hang_cause(hang: Hang, stop: Stop, tests: tuple[TestId, ...], mask: Masker) -> Cause:
    text = mask(stop.line.text.removeprefix("##[error]"))
    return Cause(
        category=Category.HANG,
        rule=HANG_RULE,
        line=hang.line,
        text=text,
        fingerprint=fingerprint(Category.HANG, hang.test or text),
        excerpt=(
            quote(f"{stop.before.time} {mask(stop.before.text)}".strip()),
            f"(no output for {hang.seconds} seconds)",
            quote(f"{stop.line.time} {mask(stop.line.text)}".strip()),
        ),
        tests=tests,
    )
