"""What Maven's Surefire prints; the texts of its generation 3 follow its documentation."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import maven_surefire
from flakebot.model import Status

RUN = """[INFO] Running org.example.OtherTest
[INFO] Tests run: 1, Failures: 0, Errors: 0, Time elapsed: 0.062 s - in org.example.OtherTest
[INFO] Running org.example.ShelfTest
[ERROR] Tests run: 5, Failures: 2, Time elapsed: 1,229.1 s <<< FAILURE! - in org.example.ShelfTest
[ERROR] isWide(org.example.ShelfTest)  Time elapsed: 0 s  <<< FAILURE!
java.lang.AssertionError: too small
\tat org.example.ShelfTest.isWide(ShelfTest.java:27)
Caused by: java.net.BindException: Address already in use

[ERROR] isEven{int}[2]  Time elapsed: 0.009 s  <<< FAILURE!
[ERROR] org.example.ShelfTest.throwsUp  Time elapsed: 0.005 s  <<< ERROR!
java.lang.IllegalStateException: no book
[INFO]
[ERROR] org.example.ShelfTest  Time elapsed: 0.059 s  <<< ERROR!
[INFO] Results:
[INFO]
[ERROR] Failures:
[ERROR]   ShelfTest.isWide:27 too small
[ERROR]   ShelfTest>BaseTest.isEven:30 expected: <0> but was: <1>
[ERROR] Errors:
[ERROR]   ShelfTest$WhenEmpty.throwsUp:42 » IllegalState no book
[ERROR]   ShelfTest.connect:9 IllegalState Connection refused
[ERROR]   CutTest.lost » Timeout it took too long
[INFO]
[ERROR] Tests run: 6, Failures: 2, Errors: 2, Skipped: 1
[INFO] BUILD FAILURE"""

BAD = {
    "isWide(org.example.ShelfTest)": ["failed"],
    "isEven{int}[2]": ["failed"],
    "org.example.ShelfTest.throwsUp": ["error"],
    "org.example.ShelfTest": ["error"],
    "CutTest.lost": ["error"],
}

RERUNS = """[INFO] Running org.example.ShelfTest
[ERROR] org.example.ShelfTest.flaky -- Time elapsed: 0.001 s <<< FAILURE!
java.lang.AssertionError: expected:<2> but was:<1>

[ERROR] org.example.ShelfTest.wrong -- Time elapsed: 0.001 s <<< ERROR!
[ERROR] org.example.ShelfTest.wrong -- Time elapsed: 0.001 s <<< ERROR!
[WARNING] Tests run: 3, Failures: 1, Errors: 1, Time elapsed: 1 s -- in org.example.ShelfTest
[INFO] Results:
[ERROR] Errors:
[ERROR] org.example.ShelfTest.wrong
[ERROR]   Run 1: ShelfTest.wrong:4 » IllegalState
[ERROR]   Run 2: ShelfTest.wrong:4 » IllegalState
[INFO]
[WARNING] Flakes:
[WARNING] org.example.ShelfTest.flaky
[ERROR]   Run 1: ShelfTest.flaky:40 expected:<2> but was:<1>
[INFO]   Run 2: PASS
[INFO]
[WARNING] org.example.CutTest.lost
[ERROR]   Run 1: CutTest.lost:40 expected:<2> but was:<1>
[INFO]   Run 2: PASS
[INFO]
[ERROR] Tests run: 3, Failures: 0, Errors: 1, Skipped: 0, Flakes: 2"""

OLD = """Running org.example.ATest
works(org.example.ATest)  Time elapsed: 0.046 sec
Tests run: 2, Failures: 1, Time elapsed: 0.1 sec <<< FAILURE! - in org.example.ATest
Results :

Failed tests:   breaks(org.example.ATest): too small
  again(org.example.ATest): too large

Tests run: 2, Failures: 1, Errors: 0, Skipped: 0"""

CRASHED = """[INFO] Running org.example.DiesTest
[ERROR] Crashed tests:
[ERROR] org.example.DiesTest
[INFO] ----------"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RUN, BAD),
        (
            RERUNS,
            {
                "org.example.ShelfTest.flaky": ["failed", "passed"],
                "org.example.ShelfTest.wrong": ["error", "error"],
                "org.example.CutTest.lost": ["failed", "passed"],
            },
        ),
        (OLD, {"breaks(org.example.ATest)": ["failed"], "again(org.example.ATest)": ["failed"]}),
        (CRASHED, {"org.example.DiesTest": ["crashed"]}),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(maven_surefire, text)
    assert outcomes(found) == expected
    assert found == gated(maven_surefire, text)


def test_reports() -> None:
    """The innermost exception is stated too; a test named only at the end has its line."""
    found = read(maven_surefire, RUN)
    assert reports(found, "isWide(org.example.ShelfTest)") == [
        (
            "call",
            [
                "java.lang.AssertionError: too small",
                "\tat org.example.ShelfTest.isWide(ShelfTest.java:27)",
                "java.net.BindException: Address already in use",
            ],
        )
    ]
    assert reports(found, "CutTest.lost") == [("summary", ["Timeout it took too long"])]


def test_counts_and_names_of_passing_tests() -> None:
    """Only old versions name tests that pass; totals count them."""
    assert read(maven_surefire, RUN).counts[Status.PASSED] == 1
    assert read(maven_surefire, OLD).passed == {"works(org.example.ATest)"}


def test_the_class_that_runs_is_known_until_it_ends() -> None:
    """For a job that is stopped while it runs."""
    assert read(maven_surefire, "[INFO] Running org.example.ATest").last == "org.example.ATest"
    assert read(maven_surefire, RUN).last is None


def test_another_log_is_not_ours() -> None:
    """What other programs call running, elapsed or failing."""
    text = "Running pip\nTime elapsed: 1 s\nFailures:\n  1) x\ntook  Time elapsed: 2 s\nErrors: 0"
    assert not read(maven_surefire, text).seen
    assert taken(maven_surefire, text) == []


def test_what_a_test_prints_is_no_entry() -> None:
    """Prose among the results ends them where Maven goes on."""
    text = f"{CRASHED}\n[ERROR]   ShelfTest.isWide:27 too small"
    assert outcomes(read(maven_surefire, text)) == {"org.example.DiesTest": ["crashed"]}
