# ruff: noqa: RUF001  # the marks are those that the tool prints
"""What vitest's reporters print."""

from __future__ import annotations

import pytest

from flakebot.frameworks import vitest
from flakebot.frameworks.reading import Reading
from flakebot.logs import Line
from flakebot.model import Status

FAILED, PASSED = Status.FAILED, Status.PASSED


def read(text: str) -> Reading:
    parser = vitest.parser()
    for number, row in enumerate(text.split("\n"), 1):
        parser.feed(Line(number, row))
    return parser.result()


def outcomes(found: Reading) -> dict[str, tuple[Status, ...]]:
    return {test.id: test.outcomes for test in found.tests}


REPORT = """
⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  a.test.js > cart > adds
AssertionError: expected 2 to be 3

- 3
+ 2

 ❯ a.test.js:9:28

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯

Error: printed later
"""


def test_tests_below_their_file() -> None:
    """The usual reporter names failed tests without their file."""
    found = read(
        """
 RUN  v3.2.4 /repo

 ❯ a.test.js (4 tests | 1 failed | 1 skipped) 125ms
   × cart > adds 9ms
     → expected 2 to be 3
   ✓ cart > passes [2] 301ms
   ↓ cart > skips
 ✓ b.test.js (2 tests) 5ms
"""
        + REPORT
        + """
 Test Files  1 failed | 1 passed (2)
      Tests  1 failed | 4 passed | 1 skipped | 1 todo (6)
   Start at  12:46:02
   Duration  1.01s (transform 48ms)
   × after the end
"""
    )
    assert outcomes(found) == {"a.test.js > cart > adds": (FAILED,)}
    assert found.passed == {"a.test.js > cart > passes [2]"}
    assert found.counts == {FAILED: 1, PASSED: 4, Status.SKIPPED: 2}
    assert found.failed is True
    assert [line.text for line in found.tests[0].blocks[0].lines] == [
        "AssertionError: expected 2 to be 3",
        "",
        "- 3",
        "+ 2",
        "",
        " ❯ a.test.js:9:28",
    ]


def test_tests_with_their_file() -> None:
    """The verbose reporter names every test in full; a name without a suite is a file."""
    found = read("""
 RUN  v4.1.12 /repo

 × a.test.js > cart > adds 1.2s 14 MB heap used
 ✓ a.test.js > passes
 ✓ something else
 ❯ prose
""")
    assert outcomes(found) == {"a.test.js > cart > adds": (FAILED,)}
    assert found.passed == {"a.test.js > passes"}
    assert found.failed is True


def test_a_name_that_ends_like_a_duration_is_whole() -> None:
    """The tool adds one duration."""
    found = read(" RUN  v4.1.12 /repo\n\n × a.test.js > cart > waits 5ms 3ms\n")
    assert outcomes(found) == {"a.test.js > cart > waits 5ms": (FAILED,)}


def test_a_name_without_its_suites_is_that_of_the_report() -> None:
    """Older versions name failed tests below their file without their suites."""
    found = read(
        " RUN  v1.6.0 /repo\n\n ❯ a.test.js (4 tests | 1 failed) 125ms\n   × adds 9ms\n" + REPORT
    )
    assert outcomes(found) == {"a.test.js > cart > adds": (FAILED,)}


def test_retries_count() -> None:
    """A test was tried once more than it was retried; the last try decides."""
    found = read("""
 RUN  v3.2.4 /repo

 ❯ a.test.js (2 tests | 1 failed) 10ms
   ✓ server > answers 8ms (retry x2)
   × server > never answers 2ms (retry x1)
""")
    assert outcomes(found) == {
        "a.test.js > server > answers": (FAILED, FAILED, PASSED),
        "a.test.js > server > never answers": (FAILED, FAILED),
    }


def test_several_names_may_share_a_report() -> None:
    """The same error of several tests is printed once, and a report may lack its rule."""
    found = read("""
 FAIL  a.test.js > one
 FAIL  |unit| b.test.tsx > two
TypeError: x
 FAIL  c.test.js > three
TypeError: y
""")
    assert [(test.id, [b.lines[0].text for b in test.blocks]) for test in found.tests] == [
        ("a.test.js > one", ["TypeError: x"]),
        ("|unit| b.test.tsx > two", ["TypeError: x"]),
        ("c.test.js > three", ["TypeError: y"]),
    ]


def test_a_suite_may_fail_by_its_hook_and_a_file_by_itself() -> None:
    """The suite is named, the file's report stands for itself."""
    found = read("""
⎯⎯⎯⎯⎯⎯ Failed Suites 2 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  a.test.js > the database
Error: connect ECONNREFUSED

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/2]⎯

 FAIL  b.test.js [ b.test.js ]
SyntaxError: no

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[2/2]⎯
""")
    assert outcomes(found) == {"a.test.js > the database": (Status.ERROR,)}
    assert [block.lines[0].text for block in found.loose] == ["SyntaxError: no"]


def test_what_nothing_caught_fails_the_run() -> None:
    """All tests may have passed; the error belongs to none of them."""
    found = read("""
 RUN  v3.2.4 /repo

 ✓ a.test.js (1 test) 53ms
⎯⎯⎯⎯⎯⎯ Unhandled Errors ⎯⎯⎯⎯⎯⎯

Vitest caught 1 unhandled error during the test run.

⎯⎯⎯⎯ Unhandled Rejection ⎯⎯⎯⎯⎯
Error: nobody waits
##[error]Process completed with exit code 1.
more
""")
    assert found.tests == ()
    assert found.failed is True
    assert [[line.text for line in b.lines] for b in found.loose] == [["Error: nobody waits"]]


def test_a_second_run_follows_the_first() -> None:
    """A test that failed and passed when vitest ran again is a retried test."""
    run = " RUN  v3.2.4 /repo\n\n {} a.test.js > works 1ms\n"
    assert outcomes(read(run.format("×") + run.format("✓"))) == {
        "a.test.js > works": (FAILED, PASSED)
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ✓ a.test.js > works\n   × fails",
        " FAIL  no file > works",
        "FAIL test/cart.test.js",
        "⎯⎯⎯⎯⎯⎯⎯⎯",
        "=== test session starts ===\n RUN  v3.2.4 /repo\n × a.js > b\n FAIL  a.js > b\n",
        "=== test session starts ===\n⎯⎯⎯⎯ Unhandled Rejection ⎯⎯⎯⎯⎯\nError: x",
    ],
)
def test_other_logs_are_not_ours(text: str) -> None:
    """Without a run's first line no mark is a result, nor inside a pytest session."""
    assert read(text) == Reading()


def test_many_broken_files_take_bounded_memory() -> None:
    """So many reports are kept and no more."""
    assert len(read(" FAIL  b.test.js [ b.test.js ]\nSyntaxError: no\n⎯⎯⎯\n" * 50).loose) == 20
