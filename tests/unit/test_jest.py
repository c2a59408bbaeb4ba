"""What jest's reporters print."""

# ruff: noqa: RUF001  # the marks are those that the tool prints

from __future__ import annotations

import pytest

from flakebot.frameworks import jest
from flakebot.frameworks.reading import Reading
from flakebot.logs import Line
from flakebot.model import Status

FAILED, PASSED = Status.FAILED, Status.PASSED


def read(text: str) -> Reading:
    parser = jest.parser()
    for number, row in enumerate(text.split("\n"), 1):
        parser.feed(Line(number, row))
    return parser.result()


def outcomes(found: Reading) -> dict[str, tuple[Status, ...]]:
    return {test.id: test.outcomes for test in found.tests}


def test_bullets_of_a_failing_file_are_tests() -> None:
    """Reports go with their titles; quoted source is indented, so that it states nothing."""
    found = read("""FAIL test/cart.test.js (7.298 s)
  ● cart › with items › adds them up

    expect(received).toEqual(expected) // deep equality

    Expected: 3
    Received: 2

      7 | cart.add();
    > 8 | throw new Error("connect ECONNREFUSED");
        |       ^

      at Object.toEqual (test/cart.test.js:8:28)

Test Suites: 1 failed, 2 passed, 3 total
Tests:       1 failed, 1 skipped, 2 todo, 4 passed, 8 total
""")
    assert outcomes(found) == {"cart › with items › adds them up": (FAILED,)}
    assert found.counts == {FAILED: 1, PASSED: 4, Status.SKIPPED: 3}
    assert found.failed is True
    (block,) = found.tests[0].blocks
    assert [line.text for line in block.lines if line.text[:1].strip()] == [
        "expect(received).toEqual(expected) // deep equality",
        "Expected: 3",
        "Received: 2",
    ]


def test_the_tree_of_a_verbose_run_names_all() -> None:
    """Passes are named by suites and name, as failures are; the totals add nothing to them."""
    found = read("""PASS project-a test/a.test.ts
  outer
    ✓ passes (2 ms)
    inner
      √ too
      ○ skipped is skipped
      ✎ todo is to do
    ✕ fails › badly (1.5 s)
  ✓ at the top

  ● outer › fails › badly

    Error: no

Tests:       1 failed, 1 skipped, 1 todo, 3 passed, 6 total""")
    assert found.passed == {"outer › passes", "outer › inner › too", "at the top"}
    assert outcomes(found) == {"outer › fails › badly": (FAILED,)}
    assert found.tests[0].line == 8
    assert found.counts == {PASSED: 3, FAILED: 1, Status.SKIPPED: 2}


def test_a_name_fails_once_in_a_run_whatever_else_has_it() -> None:
    """Hooks report again, another file may have the same name, and a summary repeats all."""
    found = read("""FAIL test/a.test.js
  ● works

    Error: one

  ● works

    Error: two

PASS test/b.test.js
  ✓ works

Summary of all failing tests
FAIL test/a.test.js
  ● works

    Error: one

Tests: 1 failed, 1 passed, 2 total""")
    assert outcomes(found) == {"works": (FAILED,)}
    assert [block.lines[0].text for block in found.tests[0].blocks][:2] == [
        "Error: one",
        "Error: two",
    ]


def test_a_second_run_follows_the_first() -> None:
    """A test that failed, and passed when jest ran again in the same job, is a retried test."""
    found = read("""FAIL test/a.test.js
  ● works

    Error: one

Tests: 1 failed, 1 total
PASS test/a.test.js
  ✓ works

Tests: 1 passed, 1 total""")
    assert outcomes(found) == {"works": (FAILED, PASSED)}


RETRIES = """ LOGGING RETRY ERRORS  server answers
 RETRY 1

    Error: once

 RETRY 2

    Error: twice

"""


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("PASS test/a.test.js\n", {"server answers": (FAILED, FAILED, PASSED)}),
        (
            "PASS a.test.js\n  server\n    ✓ answers\n",
            {"server › answers": (FAILED, FAILED, PASSED)},
        ),
        (
            "FAIL a.test.js\n  ● server › answers\n\n    Error: at last\n",
            {"server › answers": (FAILED, FAILED, FAILED)},
        ),
    ],
)
def test_retries_that_are_logged_count(end: str, expected: dict[str, tuple[Status, ...]]) -> None:
    """Jest names a retried test with blanks; its own name is known when it fails at last."""
    found = read(RETRIES + end)
    assert outcomes(found) == expected
    assert found.tests[0].line == 1
    assert {b.lines[0].text for b in found.tests[0].blocks} >= {"Error: once", "Error: twice"}


def test_a_file_that_cannot_be_run_is_no_test() -> None:
    """Its report stands for itself; one without a report says nothing."""
    found = read("""FAIL test/a.test.js
  ● Test suite failed to run

    SyntaxError: Unexpected token (2:29)

FAIL test/b.test.js
  ● Test suite failed to run
""")
    assert found.tests == ()
    assert found.failed is True
    assert [block.lines[0].text for block in found.loose] == [
        "SyntaxError: Unexpected token (2:29)"
    ]


def test_a_test_that_ends_jest_is_named_by_no_title() -> None:
    """What jest says of it is left to the rules; the source that it quotes is not."""
    text = """FAIL test/a.test.js
  ●  process.exit called with "3"

    > 2 | throw new Error("connect ECONNREFUSED");

  ● works

    Error: one
"""
    parser = jest.parser()
    left = [row for row in text.split("\n") if not parser.feed(Line(1, row))]
    assert left[:2] == ["FAIL test/a.test.js", '  ●  process.exit called with "3"']
    assert not any("ECONNREFUSED" in row for row in left)
    assert outcomes(parser.result()) == {"works": (FAILED,)}


def test_what_tests_print_is_no_result() -> None:
    """Output stands in bullets of its own, deeper than results, or between files."""
    found = read("""PASS test/a.test.js
  ● Console

    console.log
      FAIL test/other.test.js
        ● cart › what a program prints

  ● not in a failing file

a line of another program
      ✕ deep
  ● at the margin

FAIL test/b.test.js
  ● Console

    console.error
      Error: x

  ● Cannot log after tests are done. Did you forget to wait?

Tests to be run: 2
  ✕ after the report
""")
    assert found.passed == frozenset()
    assert outcomes(found) == {}


def test_the_reporter_for_github_is_read() -> None:
    """Files that passed stand in groups, failing ones below an indented line."""
    found = read("""##[group]PASS test/empty.test.js (511 ms)
  an empty cart
    ✓ costs nothing (1 ms)
##[endgroup]

  FAIL test/leak.test.js (143 ms)
    ✕ leaks a promise (51 ms)

##[group]Errors thrown in test/leak.test.js
  ● leaks a promise

    nobody waits for this answer

##[endgroup]
""")
    assert found.passed == {"an empty cart › costs nothing"}
    assert found.tests[0].blocks[0].lines[0].text == "nobody waits for this answer"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ● suite › test\n\n    Error: no\n\n  ✕ test",
        "FAIL  test/a.test.js > suite > test",
        "FAIL\tgithub.com/x/y.js\t0.1s",
        "PASS: test.sh",
        "RETRY 1\n\n    Error: no",
        "LOGGING RETRY ERRORS",
        "##[group]Errors thrown in test/a.test.js\n  ● suite › test",
        " RUN  v3.2.4 /repo\nFAIL test/a.test.js\n  ● printed by a test of vitest\n",
        "=== test session starts ===\nFAIL test/a.test.js\n  ● test\n LOGGING RETRY ERRORS  test\n",
    ],
)
def test_other_logs_are_not_ours(text: str) -> None:
    """Without a file's line nothing is a result, nor inside a pytest session."""
    assert read(text) == Reading()


def test_jest_may_run_after_vitest() -> None:
    """A run of vitest ends by its duration."""
    found = read(" RUN  v3.2.4 /repo\n   Duration  528ms\nFAIL test/a.test.js\n  ● works\n")
    assert outcomes(found) == {"works": (FAILED,)}


def test_a_tree_deeper_than_it_can_be_is_no_tree() -> None:
    """A line that skips a level is output."""
    found = read("PASS a.test.js\n  suite\n          far\n    ✓ test\n")
    assert found.passed == {"suite › test"}


def test_many_broken_files_take_bounded_memory() -> None:
    """So many reports are kept and no more."""
    one = "FAIL test/a.test.js\n  ● Test suite failed to run\n\n    SyntaxError: x\n\n"
    assert len(read(one * 50).loose) == 20
