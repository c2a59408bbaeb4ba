"""What PHPUnit prints."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import phpunit
from flakebot.model import Status

RUN = r"""There was 1 error:

1) Store\Tests\ShelfTest::testThrows
RuntimeException: no book

/src/tests/ShelfTest.php:27

--

There were 2 failures:

1) Store\Tests\ShelfTest::testIsWide
Failed asserting that 4 is identical to 5.

/src/tests/ShelfTest.php:19

2) Store\Tests\ShelfTest::testIsEven with data set "three" (3)
3 is odd

--

There was 1 risky test:

1) Store\Tests\ShelfTest::testRisky
This test did not perform any assertions

ERRORS!
Tests: 9, Assertions: 4, Errors: 1, Failures: 2, Skipped: 1, Incomplete: 1, Risky: 1.
after"""

CLASS = r"Store\Tests\ShelfTest"
BAD = {
    rf"{CLASS}::testThrows": ["error"],
    rf"{CLASS}::testIsWide": ["failed"],
    rf'{CLASS}::testIsEven with data set "three" (3)': ["failed"],
}
DEBUG = f"Test '{CLASS}::testA' started\nTest '{CLASS}::testA' ended\nTest '{CLASS}::testB' started"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RUN, BAD),
        (DEBUG, {rf"{CLASS}::testB": ["unfinished"]}),
        (
            "There was 1 failure:\n\n1) A::testB\nx\n##[error]y\n2) A::testC",
            {"A::testB": ["failed"]},
        ),
        ("OK (2 tests, 3 assertions)", {}),
        ("Tests: 2, Assertions: 3, Skipped: 1.", {}),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(phpunit, text)
    assert outcomes(found) == expected
    assert found == gated(phpunit, text)
    assert found.seen


def test_reports_and_counts() -> None:
    """A message states the failure, the place behind it does not."""
    found = read(phpunit, RUN)
    lines = ["Failed asserting that 4 is identical to 5.", "  /src/tests/ShelfTest.php:19"]
    assert reports(found, rf"{CLASS}::testIsWide") == [("call", lines)]
    assert found.counts[Status.PASSED] == 4
    assert found.last is None
    assert read(phpunit, DEBUG).last == rf"{CLASS}::testB"


def test_another_log_is_not_ours() -> None:
    """Sentences about failures, and other lists with numbers."""
    text = "There was a problem\n1) A::testB\nTest 'x' skipped\nTests: many\nOK\nThere were 2 of us"
    assert not read(phpunit, text).seen
    assert taken(phpunit, text) == []


BANNER = "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\n"
PRINTED = "There was 1 failure:\n\n1) Fake::testX\nboom\n\n"
TIME = "\nTime: 00:00.024, Memory: 6.00 MB\n\n"

TESTDOX = f"""{BANNER}Shelf (Store\\Tests\\Shelf)
 ✔ Holds [1.42 ms]
{PRINTED}Fake title
 no test of it
 ✘ Is wide [0.25 ms]
   ┐
   ├ Failed asserting that two arrays are identical.
   ┊ ---·Expected
   ┊ -····0·=>·'a'
   ┊ +····0·=>·'b'
   │
   ╵ /src/tests/ShelfTest.php:19
   ┴

 ☢ Risky
 ∅ Incomplete

Global
 ↩ Skipped
{TIME}
FAILURES!
Tests: 5, Assertions: 5, Failures: 1, Skipped: 1, Incomplete: 1, Risky: 1."""

TEAMCITY = f"""{BANNER}##teamcity[testCount count='6' flowId='7']
##teamcity[testStarted name='testA' locationHint='php_qn:///a.php::\\N\\T::testA' flowId='7']
{PRINTED}##teamcity[testFinished name='testA' duration='4' flowId='7']
##teamcity[testStarted name='testB' locationHint='php_qn:///a.php::\\N\\T::testB' flowId='7']
##teamcity[testFailed name='testB' message='N\\E : it|'s |[odd|] || so' \
details=' /a.php:7|n |n Caused by|n E: inner|n ' duration='0' flowId='7']
##teamcity[testFinished name='testB' duration='0' flowId='7']
##teamcity[testStarted name='testC' locationHint='php_qn:///a.php::\\N\\T::testC' flowId='7']
##teamcity[testFailed name='testC' message='This test did not perform any assertions' details='']
##teamcity[testFinished name='testC' duration='0' flowId='7']
##teamcity[testStarted name='testD' locationHint='php_qn:///a.php::\\N\\T::testD' flowId='7']
##teamcity[testIgnored name='testD' message='soon' details=' ' duration='0' flowId='7']
##teamcity[testFinished name='testD' duration='0' flowId='7']
##teamcity[testStarted name='other' locationHint='elsewhere' flowId='7']
##teamcity[testFailed name='other' message='x' details=' ' flowId='7']
##teamcity[testStarted name='testE' locationHint='php_qn:///a.php::\\N\\T::testE' flowId='7']
##[error]Process completed with exit code 255.""".replace("\\\n", "")


@pytest.mark.parametrize(
    ("text", "expected", "passed"),
    [
        (
            TESTDOX,
            {rf"{CLASS[:-4]}::Is wide": ["failed"]},
            {rf"{CLASS[:-4]}::Holds", rf"{CLASS[:-4]}::Risky"},
        ),
        (
            TEAMCITY,
            {r"N\T::testB": ["failed"], r"N\T::testE": ["unfinished"]},
            {r"N\T::testA", r"N\T::testC"},
        ),
        (f"{BANNER}{PRINTED}{DEBUG}\n{PRINTED}", {rf"{CLASS}::testB": ["unfinished"]}, set()),
        (f"{BANNER} ✘ Of no class{TIME}OK (1 test, 1 assertion)", {}, set()),
        (f"{BANNER}{PRINTED}.{TIME}{RUN}", BAD, set()),
        (f"{BANNER}##[error]x\n{RUN}", BAD, set()),
    ],
)
def test_outcomes_while_tests_run(
    text: str, expected: dict[str, list[str]], passed: set[str]
) -> None:
    """A list that a test prints is none; other formats tell of each test when it ends."""
    found = read(phpunit, text)
    assert outcomes(found) == expected
    assert found.passed == passed
    assert found == gated(phpunit, text)
    assert found.seen


def test_reports_of_other_formats() -> None:
    """Frames, dots for blanks and escapes are the format's own; places state nothing."""
    wide = rf"{CLASS[:-4]}::Is wide"
    lines = ["Failed asserting that two arrays are identical.", "--- Expected"]
    lines += ["-    0 => 'a'", "+    0 => 'b'", "", "  /src/tests/ShelfTest.php:19"]
    assert reports(read(phpunit, TESTDOX), wide) == [("call", lines)]
    told = [r"N\E: it's [odd] | so", "  /a.php:7", "", "  Caused by", "E: inner"]
    assert reports(read(phpunit, TEAMCITY), r"N\T::testB") == [("call", told)]
    assert taken(phpunit, TEAMCITY) == [row for row in TEAMCITY.split("\n") if "testFailed" in row]


def test_a_difference_is_part_of_the_report() -> None:
    """Its first line begins as the rule between two lists does."""
    text = "There was 1 failure:\n\n1) A::testB\nx\n--- Expected\n+++ Actual\n\n--\n\nThere were no"
    assert reports(read(phpunit, text), "A::testB") == [
        ("call", ["x", "--- Expected", "+++ Actual"])
    ]
