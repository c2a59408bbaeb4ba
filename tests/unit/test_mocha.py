"""What mocha's reporters print at their end."""

from __future__ import annotations

import pytest

from flakebot.frameworks import mocha
from flakebot.frameworks.reading import Reading
from flakebot.logs import Line
from flakebot.model import Status

FAILED, PASSED = Status.FAILED, Status.PASSED


def read(text: str) -> Reading:
    parser = mocha.parser()
    for number, row in enumerate(text.split("\n"), 1):
        parser.feed(Line(number, row))
    return parser.result()


def outcomes(found: Reading) -> dict[str, tuple[Status, ...]]:
    return {test.id: test.outcomes for test in found.tests}


LOG = """
  4 passing (206ms)
  1 pending
  3 failing

  1) cart
       with items
         adds them: up:

      AssertionError [ERR_ASSERTION]: 0 == 1
      + expected - actual

      -ECONNREFUSED
      +1

      at Context.<anonymous> (m/t.js:2:143)

  2) stands alone:
     Error: two lines
of text
      at Context.<anonymous> (m/t.js:2:143)

  3) the database
       "before all" hook: connects:
     Error: connect ECONNREFUSED
      at Context.<anonymous> (m/t.js:2:143)

      not of the report

Error: not of the report
"""


def test_the_list_of_failures() -> None:
    """Suites and test make the full title; frames and compared values state no error."""
    found = read(LOG)
    assert {test.id: test.line for test in found.tests} == {
        "cart with items adds them: up": 6,
        "stands alone": 18,
        'the database "before all" hook: connects': 23,
    }
    assert found.counts == {FAILED: 3, PASSED: 4, Status.SKIPPED: 1}
    assert found.failed is True
    stated = [
        [line.text for line in test.blocks[0].lines if line.text[:1].strip()]
        for test in found.tests
    ]
    assert stated == [
        ["AssertionError [ERR_ASSERTION]: 0 == 1", "+ expected - actual"],
        ["Error: two lines", "of text"],
        ["Error: connect ECONNREFUSED"],
    ]


def test_a_green_run_is_seen() -> None:
    """Without failures there is no list, whatever stands below."""
    found = read("  2 passing (5ms)\n\n  1) cart\n       works:\n")
    assert found.seen is True
    assert found.failed is False
    assert found.tests == ()
    assert found.counts == {PASSED: 2}


def test_a_later_run_of_as_many_tests_passed_what_it_does_not_list() -> None:
    """Mocha names no passed test, so a test that failed is known to pass by its absence alone."""
    first = "  1 passing (5ms)\n  1 failing\n\n  1) works:\n     Error: x\n      at a\n\n"
    found = read(f"{first}\n  2 passing (5ms)\n")
    assert outcomes(found) == {"works": (FAILED, PASSED)}
    assert found.counts == {FAILED: 1, PASSED: 3}
    assert found.failed is False
    assert outcomes(read(f"{first}\n  9 passing (5ms)\n")) == {"works": (FAILED,)}
    assert outcomes(read(first + first)) == {"works": (FAILED, FAILED)}


@pytest.mark.parametrize(
    "end",
    ["\nerror Command failed.\n", "##[error]Process completed with exit code 1.\n"],
)
def test_the_last_report_ends(end: str) -> None:
    """Without frames it ends at the margin below an empty line, or with the step."""
    found = read(f"  0 passing (5ms)\n  1 failing\n\n  1) works:\n     said\n{end}Error: y\n")
    assert [line.text for line in found.tests[0].blocks[0].lines] == ["said"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  1 failing\n\n  1) cart\n       what a program prints:\n",
        "12 passing\n  1 failing\n  1) x\n",
        "  the passing of time\n",
        "=== test session starts ===\n  0 passing (5ms)\n  1 failing\n\n  1) works:\n     x\n",
    ],
)
def test_other_logs_are_not_ours(text: str) -> None:
    """The list belongs below the numbers, and not inside a pytest session."""
    assert read(text) == Reading()


def test_the_end_that_a_test_printed_is_not_that_of_the_run() -> None:
    """What the tool itself prints comes last."""
    printed = "  5 passing (3ms)\n  1 failing\n\n  1) fake\n       x:\n     Error: no\n"
    found = read(
        f"{printed}    ✔ prints\n\n  3 passing (9ms)\n  1 failing\n\n  1) real:\n     Error: x"
    )
    assert "real" in {test.id for test in found.tests}


def test_numbers_out_of_order_are_no_failures() -> None:
    """Only the next number begins a failure."""
    found = read(
        "  0 passing (5ms)\n  2 failing\n\n  1) a:\n     Error: x\n  7) no item\n  2) b:\n"
    )
    assert outcomes(found) == {"a": (FAILED,), "b": (FAILED,)}
