"""Merge JUnit files into what the log of the same job said. Pure.

The log is the more complete source: after an abort there is no file, pytest writes
first attempts that were re-run as if they had passed, and a crashed worker's test as a failure even
when it passed later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import re2

from flakebot.fingerprint import fingerprint
from flakebot.frameworks.junit_cases import dotted
from flakebot.frameworks.junit_xml import JUnitReading, JUnitTest, bad_last
from flakebot.model import Category, Cause, LogReading, Problem, Status, TestId, TestResult

RULE = "junit-xml"

MAX_CONTRADICTIONS = 10
"""Told one by one; the rest is counted."""

_CATEGORIES = tuple(
    (category, re2.compile(pattern))
    for category, pattern in (
        (Category.WORKER_CRASH, r"worker 'gw\d+' crashed while running"),
        (Category.COLLECTION_ERROR, r"^collection failure"),
        (
            Category.TEST_TIMEOUT,
            r"Failed: Timeout \(?>|(?i:test timed? ?out\b|timeout of \d+ ?ms exceeded)",
        ),
        (
            Category.ASSERTION,
            r"Assertion(?:Failed)?Error|^assert |ComparisonFailure|^\[XPASS\(strict\)\]",
        ),
        (Category.PANIC, r"panicked at "),
    )
)


def category_of(text: str) -> Category:
    """A category by the type of exception a message begins with."""
    found = (category for category, pattern in _CATEGORIES if pattern.search(text))
    return next(found, Category.EXCEPTION)


def merge(
    reading: LogReading,
    files: Sequence[JUnitReading],
    *,
    categorise: Callable[[str], Category] = category_of,
) -> LogReading:
    """Add to a log's reading what only its JUnit files know, and tell where both differ.

    Added are tests that did not simply pass and that the log does not name; their line is 0, as
    they stand on none of the log, and so is that of their causes. Of tests both know the log's
    outcomes stay. Counts, and what simply passed, come from the files only when the log has none.
    """
    merger = _Merger(reading, categorise)
    for file in files:
        merger.add(file)
    return merger.result()


class _Merger:
    def __init__(self, reading: LogReading, categorise: Callable[[str], Category]) -> None:
        self._reading = reading
        self._categorise = categorise
        self._tests = {test.id: test for test in reading.tests}
        self._causes = list(reading.causes)
        self._explained = [list(cause.tests) for cause in reading.causes]
        self._by_key = {cause.fingerprint: n for n, cause in enumerate(reading.causes)}
        self._problems = list(reading.problems)
        self._counts: Counter[Status] = Counter()
        self._passed: set[TestId] = set()
        self._frameworks = dict.fromkeys(reading.frameworks)
        known = [*self._tests, *reading.passed]
        self._ids = {test: test for test in known} | {"::".join(dotted(t)): t for t in known}

    def add(self, file: JUnitReading) -> None:
        """Take one file."""
        differing = []
        for test in file.tests:
            self._counts.update(test.outcomes)
            known = self._known(test)
            if known is None:
                self._unknown(test)
            elif difference := self._difference(known, test):
                differing.append(difference)
        if len(differing) > MAX_CONTRADICTIONS:
            left = len(differing) - MAX_CONTRADICTIONS
            differing[MAX_CONTRADICTIONS:] = [f"{left} more tests differ from the log"]
        self._problems += file.problems
        self._problems += (Problem(source=file.source, reason=reason) for reason in differing)

    def result(self) -> LogReading:
        """The log's reading with everything added."""
        silent = not self._reading.counts
        passed = self._reading.passed | (self._passed - set(self._tests) if silent else set())
        return replace(
            self._reading,
            frameworks=tuple(self._frameworks),
            tests=tuple(self._tests.values()),
            causes=tuple(
                replace(cause, tests=tuple(tests))
                for cause, tests in zip(self._causes, self._explained, strict=True)
            ),
            counts=dict(self._counts) if silent else self._reading.counts,
            passed=passed,
            problems=tuple(self._problems),
        )

    def _known(self, test: JUnitTest) -> TestId | None:
        """The id under which the log knows a test."""
        names = [f"{test.classname}::{test.name}", test.id]
        if test.framework != "pytest":
            names += [test.name, f"{test.classname}.{test.name}"]
        return next((self._ids[name] for name in names if name in self._ids), None)

    def _unknown(self, test: JUnitTest) -> None:
        if test.outcomes == (Status.PASSED,):
            self._passed.add(test.id)
        if not any(status.bad for status in test.outcomes):
            return
        if other := self._tests.get(test.id):
            self._tests[test.id] = replace(other, outcomes=bad_last(other.outcomes, test.outcomes))
        else:
            self._added(test)

    def _added(self, test: JUnitTest) -> None:
        category = self._categorise(test.text)
        key = fingerprint(category, test.text)
        self._frameworks.setdefault(test.framework)
        self._tests[test.id] = TestResult(
            id=test.id,
            framework=test.framework,
            outcomes=test.outcomes,
            line=0,
            category=category,
            fingerprint=key,
            cause=self._cause(test, category, key),
            worker=test.worker,
        )

    def _cause(self, test: JUnitTest, category: Category, key: str) -> int:
        """The index of the cause with this fingerprint, with the test added to it."""
        if key not in self._by_key:
            self._by_key[key] = len(self._causes)
            self._causes.append(
                Cause(
                    category=category,
                    rule=RULE,
                    line=0,
                    text=test.text,
                    fingerprint=key,
                    excerpt=test.excerpt,
                )
            )
            self._explained.append([])
        index = self._by_key[key]
        self._explained[index].append(test.id)
        return index

    def _difference(self, known: TestId, test: JUnitTest) -> str:
        """How a file contradicts the log, empty when it does not.

        A failure in the file and a failure with a pass after it in the log are one story: files
        keep the first attempt of what pytest-rerunfailures or a replaced worker ran again.
        """
        logged = self._tests.get(known)
        outcomes = logged.outcomes if logged else (Status.PASSED,)
        if test.final.bad == outcomes[-1].bad:
            return ""
        if test.final.bad and any(o.bad or o is Status.RERUN for o in outcomes):
            return ""
        return f"{known}: the file says {test.final}, the log {outcomes[-1]}"
