"""Read JUnit files, and merge them into what the log of the same job said. Pure.

The log is the more complete source: after an abort there is no file, pytest writes
first attempts that were re-run as if they had passed, and a crashed worker's test as a failure even
when it passed later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import re2
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from flakebot import untrusted
from flakebot.fingerprint import fingerprint
from flakebot.frameworks.junit_cases import (
    MAX_TEXT,
    Case,
    Collector,
    NotJUnitError,
    Result,
    TooMuchError,
    dotted,
)
from flakebot.model import (
    Category,
    Cause,
    JUnitFile,
    LogReading,
    Problem,
    Status,
    TestId,
    TestResult,
    value,
)
from flakebot.secrets_mask import Masker

NAME = "junit"
RULE = "junit-xml"
MAX_BYTES = 32 * 1024 * 1024
"""Of one file: pytest writes about 200 bytes for a test that passes."""

MAX_CONTRADICTIONS = 10
"""Told one by one; the rest is counted."""

_TEXT_CHARACTERS = 500
_EXCERPT_LINES = 20

_WRAPPED = re2.compile(r"(?s)^failed on (?:setup|teardown) with \"(.*)\"$")
_EXCEPTION_TYPE = re2.compile(r"(?:Error|Exception|Failure|Failed)$")
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


@value
class JUnitTest:
    """A test with all outcomes a file tells of it; a bad one stands last, whatever the order of
    cases with one name, because a file does not say which of them came first.

    `text` is the line a person would read first, `excerpt` the end of what the file has about it.
    """

    id: TestId
    framework: str
    classname: str
    name: str
    outcomes: tuple[Status, ...]
    text: str = ""
    excerpt: tuple[str, ...] = ()
    worker: str = ""

    @property
    def final(self) -> Status:
        """The last status."""
        return self.outcomes[-1]


@value
class JUnitReading:
    """Everything understood of one file, in its order; `problems` holds why it was not read to its
    end.
    """

    source: str
    artifact: str
    tests: tuple[JUnitTest, ...] = ()
    problems: tuple[Problem, ...] = ()


def parse(file: JUnitFile, mask: Masker) -> JUnitReading | Problem:
    """Read one file, without its secrets, or say why that cannot be done.

    A file that ends too early, or breaks, is read as far as it goes. Document types are refused:
    no writer of JUnit needs one, and entities are a way to read other files.
    """
    source = f"{file.artifact}/{file.name}"
    collector = Collector()
    reason = _read(file.content, collector)
    if reason and not collector.cases:
        return Problem(source=source, reason=reason)
    tests = _tests(collector.cases, mask)
    kept = f"{reason}; {len(collector.cases)} results before that were read"
    problems = (Problem(source=source, reason=kept),) if reason else ()
    return JUnitReading(source=source, artifact=file.artifact, tests=tests, problems=problems)


def _read(content: bytes, collector: Collector) -> str:
    """Feed a file to the collector; the reason why not to its end, empty when all is well."""
    if not content.strip(b"\0 \t\r\n"):
        return "is empty"
    if len(content) > MAX_BYTES:
        return f"is larger than {MAX_BYTES // 1024**2} MiB"
    parser = XMLParser(target=collector, forbid_dtd=True)
    try:
        parser.feed(content)
        parser.close()
    except (NotJUnitError, TooMuchError, ParseError, LookupError, ValueError) as error:
        return _reason(error)
    return ""


def _reason(error: Exception) -> str:
    said = untrusted.clean(str(error))[:100]
    match error:
        case NotJUnitError():
            return f"is no JUnit report: its root is `{said}`"
        case TooMuchError():
            return f"is too much: {said}"
        case DefusedXmlException():
            return "declares a document type, which is refused"
        case ParseError():
            return f"is no well-formed XML: {said}"
        case _:
            return "has an encoding that cannot be read"


def _tests(cases: Sequence[Case], mask: Masker) -> tuple[JUnitTest, ...]:
    """One test for each name, in order of the first case."""
    named: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        key = dotted(case.crash[1]) if case.crash else (case.classname, case.name)
        named.setdefault(key, []).append(case)
    return tuple(_test(key, group, mask) for key, group in named.items())


def _test(key: tuple[str, str], cases: Sequence[Case], mask: Masker) -> JUnitTest:
    told = next((case for case in cases if case.told), cases[0])
    text, excerpt = _words(told.told, mask) if told.told else ("", ())
    return JUnitTest(
        id=TestId(mask(told.id)),
        framework="pytest" if told.pytest else NAME,
        classname=mask(key[0]),
        name=mask(key[1]),
        outcomes=_bad_last(*(case.outcomes for case in cases)),
        text=text,
        excerpt=excerpt,
        worker=told.crash[0] if told.crash else "",
    )


def _bad_last(*outcomes: tuple[Status, ...]) -> tuple[Status, ...]:
    """Outcomes of several cases of one test, in an order in which no pass excuses a failure."""
    ordered = sorted(outcomes, key=lambda case: case[-1].bad)
    return tuple(status for case in ordered for status in case)


def _words(result: Result, mask: Masker) -> tuple[str, tuple[str, ...]]:
    """The first line of what went wrong, and the last lines about it, clean and masked."""
    wrapped = _WRAPPED.search(result.message)
    message = wrapped[1] if wrapped else result.message
    lines = [line for line in result.text.splitlines() if line.strip()]
    if len(result.text) >= MAX_TEXT and not result.text.endswith("\n"):
        lines = lines[:-1]  # half a line may hold half a token, which has no known shape
    if message == "collection failure":
        errors = [line[1:].strip() for line in lines if line.startswith("E ")]
        message = ": ".join([message, *errors[:1]])
    told = [line for line in message.splitlines() if line.strip()] or lines
    said = [line.strip() for line in _shown(told[:_EXCERPT_LINES], mask)]
    first = said[0] if said else "failed without a message"
    if _EXCEPTION_TYPE.search(result.type) and result.type not in first:
        first = mask(untrusted.clean(f"{result.type}: {first}"))
    shown = _shown(lines[-_EXCERPT_LINES - 1 :], mask)[-_EXCERPT_LINES:]
    return first[:_TEXT_CHARACTERS], tuple(line[:_TEXT_CHARACTERS] for line in shown)


def _shown(lines: Sequence[str], mask: Masker) -> list[str]:
    """Lines as they may be shown."""
    return [line.rstrip() for line in mask.lines([untrusted.clean(line) for line in lines])]


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
            self._tests[test.id] = replace(other, outcomes=_bad_last(other.outcomes, test.outcomes))
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
