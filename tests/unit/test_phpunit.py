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
