"""Read JUnit files: which tests a file tells of, and what it says of those that failed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import re2
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from flakebot import untrusted
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
    JUnitFile,
    Problem,
    Status,
    TestId,
    value,
)
from flakebot.secrets_mask import Masker

NAME = "junit"
MAX_BYTES = 32 * 1024 * 1024
"""Of one file: pytest writes about 200 bytes for a test that passes."""

_TEXT_CHARACTERS = 500
_EXCERPT_LINES = 20

_WRAPPED = re2.compile(r"(?s)^failed on (?:setup|teardown) with \"(.*)\"$")
_EXCEPTION_TYPE = re2.compile(r"(?:Error|Exception|Failure|Failed)$")


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
        outcomes=bad_last(*(case.outcomes for case in cases)),
        text=text,
        excerpt=excerpt,
        worker=told.crash[0] if told.crash else "",
    )


def bad_last(*outcomes: tuple[Status, ...]) -> tuple[Status, ...]:
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
