# ruff: noqa: RUF001  # the marks are those that the tool prints
"""What node's own test runner prints."""

from __future__ import annotations

import pytest

from flakebot.frameworks import node_test
from flakebot.frameworks.reading import Reading
from flakebot.logs import Line
from flakebot.model import Status

FAILED, PASSED, ERROR = Status.FAILED, Status.PASSED, Status.ERROR


def read(text: str) -> Reading:
    parser = node_test.parser()
    for number, row in enumerate(text.split("\n"), 1):
        parser.feed(Line(number, row))
    return parser.result()


def outcomes(found: Reading) -> dict[str, tuple[Status, ...]]:
    return {test.id: test.outcomes for test in found.tests}


TAP = """TAP version 13
# not ok 1 - what a program prints
not ok 1 - what a program prints
# Subtest: cart
    # Subtest: adds \\# up
    not ok 1 - adds \\# up
      ---
      duration_ms: 7.6
      failureType: 'testCodeFailure'
      error: |-
        Expected values to be equal:

        2 !== 3
      code: 'ERR_ASSERTION'
      name: 'AssertionError'
      expected:
        0: Error: no error
      stack: |-
        TestContext.<anonymous> (cart.test.js:10:14)
      ...
    # Subtest: is a class
    ok 2 - is a class
      ---
      duration_ms: 0.2
      ...
    # Subtest: is shown
    ok 3 - is shown # SKIP needs a screen
      ---
      duration_ms: 0.2
      ...
    1..3
not ok 1 - cart
  ---
  type: 'suite'
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  ...
# Subtest: slow
not ok 2 - slow
  ---
  failureType: 'testTimeoutFailure'
  error: 'test timed out after 50ms'
  ...
# Subtest: the database
not ok 3 - the database
  ---
  type: 'suite'
  failureType: 'hookFailed'
  error: 'connect ECONNREFUSED'
  ...
# Subtest: a group
not ok 4 - a group
  ---
  failureType: 'subtestsFailed'
  error: '1 subtest failed'
  ...
# Subtest: to do
not ok 5 - to do # TODO
  ---
  failureType: 'testCodeFailure'
  error: 'not yet'
  ...
# duration_ms 82.3
not ok 6 - after the end
"""


def test_tap_is_read_with_its_details() -> None:
    """Suites are no tests unless a hook fails; the YAML says what kind of failure it was."""
    found = read(TAP)
    assert outcomes(found) == {
        "cart adds # up": (FAILED,),
        "slow": (Status.TIMEOUT,),
        "the database": (ERROR,),
        "a group": (FAILED,),
    }
    assert found.passed == {"cart is a class"}
    assert found.counts[Status.SKIPPED] == 2
    assert [line.text for line in found.tests[0].blocks[0].lines] == [
        "AssertionError: Expected values to be equal:",
        "",
        "2 !== 3",
        "    at TestContext.<anonymous> (cart.test.js:10:14)",
    ]
    assert found.tests[1].blocks[0].lines[0].text == "test timed out after 50ms"
    assert found.failed is True


def test_a_file_around_its_tests_is_no_part_of_their_names() -> None:
    """Older versions wrap each file; one that cannot be run is all that is left of its tests."""
    found = read("""TAP version 13
# Subtest: test/a.test.js
    # Subtest: works
    not ok 1 - works
      ---
      error: 'no'
      ...
not ok 1 - test/b.test.js
# Subtest: test/b.test.js
not ok 2 - test/b.test.js
  ---
  failureType: 'testCodeFailure'
##[error]Process completed with exit code 1.""")
    assert outcomes(found) == {"works": (FAILED,), "test/b.test.js": (FAILED,)}


def test_tap_may_be_cut() -> None:
    """The last result counts though its details are not complete."""
    found = read("TAP version 13\n# Subtest: works\nnot ok 1 - works\n  ---\n  error: 'no'")
    assert outcomes(found) == {"works": (FAILED,)}


SPEC = """▶ cart
  ▶ with items
    ✖ adds them up (6.9ms)
      Error: in the tree
    ✔ is a class (0.1ms)
  ✖ with items (7.8ms)
  ✖ slow # 1 (13.1ms)
  ﹣ is shown (0.1ms) # SKIP
✖ cart (9.1ms)
▶ the database
  ✖ stores
✖ the database (0.2ms)
✔ alone (0.2ms)
⚠ to do (0.3ms) # TODO
ℹ tests 6
ℹ pass 2

✖ failing tests:

test at test/cart.test.js:7:5
✖ adds them up (6.9ms)
  AssertionError [ERR_ASSERTION]: 2 == 3
      at TestContext.<anonymous> (cart.test.js:10:14)

test at test/cart.test.js:9:5
✖ slow # 1 (13.1ms)
  'test timed out after 50ms'

test at test/cart.test.js:9:5
✖ the database (0.2ms)
  Error: connect ECONNREFUSED

test at test/cart.test.js:9:5
✖ to do (0.2ms) # TODO
  Error: not yet

✖ test/syntax.test.js (20ms)
  'test failed'
##[error]Process completed with exit code 1.
✖ adds them up (6.9ms)
"""


def test_the_spec_reporter_lists_by_short_names() -> None:
    """The tree knows in which suite a listed test is; what is to be done may fail."""
    found = read(SPEC)
    assert outcomes(found) == {
        "cart with items adds them up": (FAILED,),
        "cart slow # 1": (Status.TIMEOUT,),
        "the database": (FAILED,),
        "test/syntax.test.js": (FAILED,),
    }
    assert found.passed == {"cart with items is a class", "alone"}
    assert found.counts[Status.SKIPPED] == 2
    assert [line.text for line in found.tests[0].blocks[0].lines] == [
        "AssertionError [ERR_ASSERTION]: 2 == 3",
        "    at TestContext.<anonymous> (cart.test.js:10:14)",
    ]


def test_a_green_spec_is_seen() -> None:
    """The totals show that the tree is node's."""
    found = read("✔ works (0.1ms)\nℹ tests 1\nℹ fail 0")
    assert found.passed == {"works"}
    assert found.failed is False


def test_a_second_run_follows_the_first() -> None:
    """A test that failed and passed when node ran again is a retried test."""
    one = (
        "✖ works (1ms)\nℹ tests 1\n\n✖ failing tests:\n\ntest at a.js:1:1\n✖ works (1ms)\n  'no'\n"
    )
    found = read(f"{one}npm retries\n✔ works (1ms)\nℹ tests 1\nend")
    assert outcomes(found) == {"works": (FAILED, PASSED)}


def test_a_name_of_several_lines_does_not_end_the_list() -> None:
    """It is told by its first line, and the failures behind it are read."""
    found = read(
        "✖ adds\nnumbers (1ms)\nℹ tests 2\n\n✖ failing tests:\n\ntest at a.js:1:1\n"
        "✖ adds\nnumbers (1ms)\n  Error: no\n\ntest at a.js:2:1\n✖ last (1ms)\n  'no'\nend"
    )
    assert outcomes(found) == {"adds": (FAILED,), "last": (FAILED,)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "✖ works (1ms)\n  ✔ another tool\n",
        "not ok 1 - works\n",
        "TAP version 13\n# a test of tape\nnot ok 1 should be equal\nnot ok 2 - x\n",
        "=== test session starts ===\n" + TAP + SPEC,
        "ℹ testing\n",
    ],
)
def test_other_logs_are_not_ours(text: str) -> None:
    """Marks alone are those of many tools."""
    assert read(text) == Reading()


def test_a_tree_that_skips_a_level_is_no_tree() -> None:
    """A line deeper than it can be is output."""
    found = read("▶ suite\n      ▶ far\n  ✔ works (1ms)\nℹ tests 1\n")
    assert found.passed == {"suite works"}


def test_results_deeper_than_their_suites_are_none() -> None:
    """A result without its `# Subtest` is output."""
    found = read("TAP version 13\n        not ok 1 - x\n# Subtest: a\nok 1 - a\n# duration_ms 1\n")
    assert found.passed == {"a"}
