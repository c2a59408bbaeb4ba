# ruff: noqa: RUF001  # the marks are those that the tool prints
"""What Playwright's reporters print."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import outcomes, read, reports, taken

from flakebot.frameworks import playwright
from flakebot.frameworks.reading import Reading
from flakebot.model import Status

START = "Running 3 tests using 2 workers, shard 1 of 3\n\n"
NAME = "[chromium] › test/cart.spec.ts:5:5 › cart › adds up"
OTHER = "test/order.spec.ts:7:1 › is sent"
REPORT = f"""
  1) {NAME} › the total ─────────────────────

    Error: tries

    expect(received).toBe(expected)

    Retry #1 ────────────────────

    Error: expect(received).toBe(expected)
"""
FAILED = f"\n  1 failed\n    {NAME} ─────\n"

MANY_LINES = """Running 5 tests using 1 worker
  ✘  1 a.spec.js:5:1 › last (9ms)
  2 failed
    a.spec.js:3:1 › waits
for long @slow ───────────────
    a.spec.js:5:1 › last ─────
  1 flaky
    a.spec.js:7:1 › at times
but not always ───────────────
  2 passed (1.0s)
after"""
CUT_LIST = """Running 5 tests using 1 worker
  2 failed
    a.spec.js:3:1 › waits
##[error]Process completed with exit code 1.
    a.spec.js:5:1 › no title of it"""


def test_the_list_reporter_marks_every_try() -> None:
    """Tries come from the marks, the report from below, totals from the end."""
    text = f"""{START}  ✘  1 {NAME} (23ms)
  ✘  2 {NAME} (retry #1) (1.2m)
  ✓  3 {OTHER} (3.5s)
  -  4 test/order.spec.ts:9:1 › is skipped
{REPORT}{FAILED}  1 skipped\n  2 passed (2.5s)
"""
    found = read(playwright, text)
    assert outcomes(found) == {NAME: ["failed", "failed"]}
    assert found.tests[0].line == 3
    ((_, lines),) = reports(found, NAME)
    assert lines[0] == "Error: tries"
    assert "Error: expect(received).toBe(expected)" in lines[:3]
    assert found.counts == {Status.FAILED: 2, Status.PASSED: 2, Status.SKIPPED: 1}
    assert found.passed == {OTHER}
    assert (found.workers, found.failed, found.last) == (
        2,
        True,
        "test/order.spec.ts:9:1 › is skipped",
    )


def test_the_lists_have_the_last_word() -> None:
    """A test that is expected to fail bears the mark of a failure, and passes with it."""
    text = f"{START}  ✘  1 {OTHER} (3ms)\n  ✓  2 {NAME} (3ms)\n  x  3 a.spec.ts:1:1 › b (3ms)\n"
    found = read(playwright, text + FAILED + "  1 flaky\n    a.spec.ts:1:1 › b ──\n  1 passed (1s)")
    assert outcomes(found) == {NAME: ["failed"], "a.spec.ts:1:1 › b": ["failed"]}
    assert found.passed == {OTHER}


def test_reports_tell_the_tries_where_no_line_does() -> None:
    """The line and dot reporters print one report per failing try."""
    begun = f"[1/2] {NAME}\n[2/2] (retries) {NAME} (retry #1)\n"
    found = read(playwright, f"{START}{begun}{REPORT}{FAILED}")
    assert outcomes(found) == {NAME: ["failed", "failed"]}
    assert (found.last, found.percent) == (NAME, 100)
    flaky = read(playwright, f"{START}{REPORT}{FAILED.replace('failed', 'flaky')}")
    assert outcomes(flaky) == {NAME: ["failed", "failed", "passed"]}
    assert flaky.failed is False


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        (f"  1 interrupted\n    {OTHER} ──\n", {OTHER: ["unfinished"]}),
        (f"{FAILED}  1 interrupted\n    {OTHER} ──\n", {NAME: ["failed"]}),
    ],
)
def test_an_interrupted_test(lists: str, expected: dict[str, list[str]]) -> None:
    """It did not finish, unless it was stopped because others had failed."""
    assert outcomes(read(playwright, f"{START}{lists}  3 did not run\n")) == expected


def test_a_cut_log_has_marks_and_reports_only() -> None:
    """Without the lists the marks are believed, and titles of reports name tests."""
    text = f"{START}  ✘  1 {NAME} (23ms)\n{REPORT}\n  2) {OTHER} ───\n\n    Error: x\n"
    assert outcomes(read(playwright, text)) == {NAME: ["failed"], OTHER: ["failed"]}


def test_a_log_that_begins_late() -> None:
    """The failures by number, or the lists alone, are enough."""
    assert outcomes(read(playwright, f"{REPORT}{FAILED}")) == {NAME: ["failed", "failed"]}
    assert outcomes(read(playwright, f"{FAILED}  9 passed (1s)\nnot of it")) == {NAME: ["failed"]}


def test_what_a_test_prints_is_no_result() -> None:
    """Lists within a run end with the next mark, titles that no list names are dropped."""
    said = f"  1) {OTHER}\n  1 failed\n    {OTHER}\n"
    found = read(playwright, f"{START}{said}  ✓  1 {NAME} (2ms)\n\n  1 passed (1s)\n")
    assert (outcomes(found), found.failed) == ({}, False)


def test_errors_outside_of_tests_fail_the_run() -> None:
    """They are counted with the totals."""
    text = f"{START}  1 passed (1s)\n  1 error was not a part of any test, see above for details\n"
    assert read(playwright, text).failed is True


def test_a_title_of_several_lines_does_not_end_the_lists() -> None:
    """The number above a list says how many there are."""
    found = read(playwright, MANY_LINES)
    assert outcomes(found) == {
        "a.spec.js:3:1 › waits": ["failed"],
        "a.spec.js:5:1 › last": ["failed"],
        "a.spec.js:7:1 › at times": ["failed", "passed"],
    }
    assert found.counts[Status.PASSED] == 3
    assert outcomes(read(playwright, CUT_LIST)) == {"a.spec.js:3:1 › waits": ["failed"]}


def test_two_runs_of_one_log() -> None:
    """A run that failed and was started again passed in the end."""
    first = f"{START}  ✘  1 {NAME} (2ms)\n{FAILED}"
    second = f"{START}  ✓  1 {NAME} (2ms)\n\n  1 passed (1s)\n"
    found = read(playwright, first + second)
    assert outcomes(found) == {NAME: ["failed", "passed"]}
    assert found.failed is False


@pytest.mark.parametrize(
    "text",
    ["", "  1 failed\n  2 passed", "  1) cart\n  1 failing", "Running 3 tests", "  2 passed (1s)"],
)
def test_other_logs_are_not_ours(text: str) -> None:
    """Titles have a place in a file."""
    assert read(playwright, text) == Reading()


def test_reports_are_kept_from_the_job() -> None:
    """Nothing else may read a cause out of them; a line of the runner ends them."""
    text = (
        f"{START}  1) {NAME} ──\n    Error: x\n##[error]Process completed with exit code 1.\nafter"
    )
    assert taken(playwright, text) == [f"  1) {NAME} ──", "    Error: x"]
