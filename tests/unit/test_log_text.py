"""What `flakebot classify` prints for people."""

from __future__ import annotations

from flakebot import log_text
from flakebot.model import Category, Cause, LogReading, Problem, Status, TestId, TestResult


def _test(number: int, cause: int, worker: str = "") -> TestResult:
    return TestResult(
        id=TestId(f"a.py::t{number}"),
        framework="pytest",
        outcomes=(Status.CRASHED, Status.PASSED),
        line=number,
        cause=cause,
        worker=worker,
    )


CAUSE = Cause(category=Category.CRASH_SIGABRT, rule="abort", line=7, text="Fatal\x1b[31m error")


def test_each_cause_stands_above_its_tests() -> None:
    """Counts first, then causes with their tests, then tests without a cause; all inert."""
    reading = LogReading(
        source="job.log",
        frameworks=("pytest",),
        counts={Status.PASSED: 3, Status.FAILED: 0, Status.CRASHED: 2},
        tests=(_test(1, 0, "gw6"), _test(2, -1)),
        causes=(CAUSE,),
    )
    expected = [
        "job.log: pytest; 3 passed, 2 crashed",
        "  crash-sigabrt (test, high), line 7, rule abort: Fatal error",
        "    a.py::t1: crashed, then passed on gw6, line 1",
        "    run it again: python -m pytest a.py::t1",
        "    a.py::t2: crashed, then passed, line 2",
    ]
    assert expected == list(log_text.lines([reading], []))


def test_a_log_with_nothing_wrong_says_so() -> None:
    """With what was counted, when anything was."""
    green = LogReading(source="a.log", frameworks=("pytest",), counts={Status.PASSED: 3})
    said = list(log_text.lines([green, LogReading(source="b.log")], []))
    expected = [
        "a.log: nothing failed (pytest; 3 passed)",
        "b.log: nothing failed (no test framework)",
    ]
    assert expected == said


def test_many_tests_of_a_cause_are_counted() -> None:
    """A screen is enough; the JSON has them all."""
    tests = tuple(_test(number, 0) for number in range(25))
    reading = LogReading(source="a.log", tests=tests, causes=(CAUSE,))
    said = list(log_text.lines([reading], []))
    assert (len(said), said[-2]) == (24, "    and 5 more tests")


def test_problems_stand_last() -> None:
    """What could not be read, and why."""
    said = list(log_text.lines([], [Problem(source="x.log", reason="is empty")]))
    assert said == ["x.log: is empty"]
