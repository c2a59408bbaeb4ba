"""What Gradle prints of tests; retries follow the README of gradle/test-retry-gradle-plugin."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import gradle

RUN = """> Task :compileJava
> Task :test

org.example.ShelfTest > isWide FAILED
    java.lang.AssertionError: too small expected:<5> but was:<4>
        at org.junit.Assert.fail(Assert.java:89)

        Caused by:
        java.net.BindException: Address already in use
            ... 3 more

ShelfTest > sums(int, int) > org.example.ShelfTest.sums(int, int)[48] FAILED
    java.lang.ArithmeticException at ShelfTest.java:172
A shelf > holds many books PASSED
OtherTest > later SKIPPED

6 tests completed, 2 failed, 1 skipped

> Task :test FAILED
There were failing tests. See the report at: file:///build/index.html

BUILD FAILED in 11s"""

BAD = {
    "org.example.ShelfTest > isWide": ["failed"],
    "ShelfTest > sums(int, int) > org.example.ShelfTest.sums(int, int)[48]": ["failed"],
}
RETRIED = "> Task :test\nATest > a FAILED\n    x\nATest > b PASSED\nBUILD SUCCESSFUL in 1s"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RUN, BAD),
        (RETRIED, {"ATest > a": ["failed", "passed"]}),
        (
            RETRIED.replace("BUILD", "There were failing tests. See the report at: x\nBUILD"),
            {"ATest > a": ["failed"]},
        ),
        (":a:test\nATest > a FAILED\n:b:test\nATest > a PASSED", {"ATest > a": ["failed"]}),
        ("ATest > a STARTED\n##[error]The operation was canceled.", {"ATest > a": ["unfinished"]}),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(gradle, text)
    assert outcomes(found) == expected
    assert found == gated(gradle, text)


def test_a_report_states_its_exceptions_at_the_margin() -> None:
    """Frames stay indented."""
    found = read(gradle, RUN)
    assert reports(found, "org.example.ShelfTest > isWide") == [
        (
            "call",
            [
                "java.lang.AssertionError: too small expected:<5> but was:<4>",
                "\tat org.junit.Assert.fail(Assert.java:89)",
                "",
                "Caused by:",
                "java.net.BindException: Address already in use",
                "\t... 3 more",
            ],
        )
    ]
    assert found.passed == {"A shelf > holds many books"}


def test_another_log_is_not_ours() -> None:
    """Arrows and shouted words are common."""
    text = "a > b FAILED\n> x > y PASSED\n::notice::x\nBUILD FAILED\nGradle Test Run :t > E FAILED"
    assert not read(gradle, text).seen
    assert taken(gradle, text) == []
