"""What was understood of logs, as lines for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flakebot import untrusted
from flakebot.model import Cause, LogReading, Problem, TestResult
from flakebot.rerun_commands import rerun_command
from flakebot.wording import plural

MOST_TESTS = 20
"""Of one cause; the JSON has them all."""


def lines(readings: Sequence[LogReading], problems: Sequence[Problem]) -> Iterator[str]:
    """One paragraph per log: its counts, then each cause with its tests, then what is left."""
    for reading in readings:
        yield untrusted.terminal(_headline(reading))
        for index, cause in enumerate(reading.causes):
            tests = [t for t in reading.tests if t.cause == index]
            yield untrusted.terminal(_cause(cause))
            yield from _tests(tests)
            yield from _again(tests)
        yield from _tests([t for t in reading.tests if t.cause < 0])
    for problem in problems:
        yield untrusted.terminal(f"{problem.source}: {problem.reason}")


def _headline(reading: LogReading) -> str:
    counts = ", ".join(f"{count} {status}" for status, count in reading.counts.items() if count)
    frameworks = ", ".join(reading.frameworks) or "no test framework"
    if not reading.tests and not reading.causes:
        return f"{reading.source}: nothing failed ({frameworks}{'; ' if counts else ''}{counts})"
    return f"{reading.source}: {frameworks}{'; ' if counts else ''}{counts}"


def _cause(cause: Cause) -> str:
    return (
        f"  {cause.category} ({cause.category.owner}, {cause.category.severity}), "
        f"line {cause.line}, rule {cause.rule}: {cause.text}"
    )


def _tests(tests: Sequence[TestResult]) -> Iterator[str]:
    for test in tests[:MOST_TESTS]:
        worker = f" on {test.worker}" if test.worker else ""
        yield untrusted.terminal(
            f"    {test.id}: {', then '.join(test.outcomes)}{worker}, line {test.line}"
        )
    if len(tests) > MOST_TESTS:
        yield f"    and {plural(len(tests) - MOST_TESTS, 'more test')}"


def _again(tests: Sequence[TestResult]) -> Iterator[str]:
    """How to run the first of them."""
    commands = (rerun_command(test.framework, test.id) for test in tests[:1])
    yield from (untrusted.terminal(f"    run it again: {each}") for each in commands if each)
