"""What `cargo nextest run` prints; the texts follow nexte.st's pages on retries and reporting."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import cargo_test, nextest

RUN = """────────────
 Nextest run ID 7859d0ee with nextest profile: ci
    Starting 6 tests across 2 binaries (1 test skipped)
        PASS [   0.004s] (1/6) store tests::adds
  TRY 1 FAIL [   0.003s] (2/6) store::basic test_flaky
  stdout ───

    running 1 test
    test test_flaky ... FAILED

  stderr ───
    thread 'test_flaky' panicked at tests/basic.rs:53:9:
    not yet

  TRY 2 PASS [   0.002s] store::basic test_flaky
        FAIL [   0.005s] store tests::compares
  stderr ───
    thread 'tests::compares' panicked at src/lib.rs:28:9:
     SIGABRT [   0.105s] store tests::aborts
        SLOW [> 60.000s] store tests::waits
 TERMINATING [> 60.000s] store tests::waits
     TIMEOUT [  60.008s] store tests::waits
        SKIP [         ] store tests::later
────────────
     Summary [   0.021s] 6 tests run: 2 passed (1 flaky), 3 failed, 1 skipped
   FLAKY 2/3 [   0.002s] store::basic test_flaky
        FAIL [   0.005s] store tests::compares
     SIGABRT [   0.105s] store tests::aborts
     TIMEOUT [  60.008s] store tests::waits
error: test run failed"""

BAD = {
    "store::basic test_flaky": ["failed", "passed"],
    "store tests::compares": ["failed"],
    "store tests::aborts": ["crashed"],
    "store tests::waits": ["timeout"],
}
SUMMARY = "\n".join(RUN.split("\n")[-6:])
ONLY_FAILURES = """  TRY 1 FAIL [   0.003s] store test_flaky
     Summary [   0.021s] 1 test run: 1 passed (1 flaky)
   FLAKY 2/3 [   0.002s] store test_flaky"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RUN, BAD),
        (ONLY_FAILURES, {"store test_flaky": ["failed", "passed"]}),
        (
            SUMMARY,
            {name: each for name, each in BAD.items() if "passed" not in each},
        ),
        (
            "  TRY 1 TMT [  60.003s] store a\n  TRY 2 PASS [   0.003s] store a",
            {"store a": ["timeout", "passed"]},
        ),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(nextest, text)
    assert outcomes(found) == expected
    assert found == gated(nextest, text)


def test_reports() -> None:
    """What a test printed follows its result; a signal is stated by the result itself."""
    found = read(nextest, RUN)
    ((kind, lines),) = reports(found, "store tests::compares")
    assert (kind, lines[-1]) == ("panic", "thread 'tests::compares' panicked at src/lib.rs:28:9:")
    assert reports(found, "store tests::aborts")[0][0] == "crash"
    assert found.passed == {"store tests::adds"}


def test_what_nextest_repeats_of_a_binary_is_no_result_of_cargo_test() -> None:
    """Otherwise a test that passed when it was tried again would have failed at last."""
    text = RUN.replace("    test test_flaky", "test test_flaky")
    assert not read(cargo_test, text).seen


def test_another_log_is_not_ours() -> None:
    """Times in brackets are common."""
    text = " => [stage 2/3] RUN x 1.2s\n FAIL [ 1.2s] \n  [   0.003s] done\n     Summary: all"
    assert not read(nextest, text).seen
    assert taken(nextest, text) == []


def test_a_second_run_has_its_own_summary() -> None:
    """A line after its start is a result again."""
    text = f"{ONLY_FAILURES}\n Nextest run ID 2\n        FAIL [   0.003s] store test_flaky"
    assert outcomes(read(nextest, text)) == {"store test_flaky": ["failed", "passed", "failed"]}


def test_skipped() -> None:
    """A test that did not run is counted as skipped."""
    found = read(nextest, "        SKIP [   0.000s] store tests::later")
    assert {status.value: n for status, n in found.counts.items()} == {"skipped": 1}


AT_ONCE = """       START [         ] ( 1/3) demo tests::bad
thread 'tests::bad' panicked at src/lib.rs:1:1:
────────
        FAIL [   0.083s] ( 1/3) demo tests::bad
       START [         ] ( 2/3) demo tests::good

thread 'tests::good' panicked at src/lib.rs:2:1:

        PASS [   0.083s] ( 2/3) demo tests::good
 TRY 2 START [         ] (─────) demo tests::cut
thread 'tests::cut' panicked at src/lib.rs:3:1:
##[error]The operation was canceled.
not its own"""


def test_without_capture_the_output_stands_before_the_result() -> None:
    """What the next test prints is none of a failure's."""
    found = read(nextest, AT_ONCE)
    assert found == gated(nextest, AT_ONCE)
    assert outcomes(found) == {"demo tests::bad": ["failed"], "demo tests::cut": ["unfinished"]}
    said = ["thread 'tests::bad' panicked at src/lib.rs:1:1:", "────────"]
    assert reports(found, "demo tests::bad") == [("panic", said)]
    assert taken(nextest, AT_ONCE)[-1] == "thread 'tests::cut' panicked at src/lib.rs:3:1:"


def test_output_in_the_summary_is_the_report() -> None:
    """So does `--failure-output final`, and the outcomes stay as they are."""
    text = """        FAIL [   0.083s] demo tests::bad
     SIGABRT [   0.031s] demo tests::dies
────────────
     Summary [   1.098s] 2 tests run: 0 passed, 2 failed
        FAIL [   0.083s] demo tests::bad
    thread 'tests::bad' panicked at src/lib.rs:1:1:
     SIGABRT [   0.031s] demo tests::dies
    thread 'tests::dies' has overflowed its stack
error: test run failed"""
    found = read(nextest, text)
    assert outcomes(found) == {"demo tests::bad": ["failed"], "demo tests::dies": ["crashed"]}
    said = "thread 'tests::bad' panicked at src/lib.rs:1:1:"
    assert reports(found, "demo tests::bad") == [("panic", [said])]
    assert [kind for kind, _ in reports(found, "demo tests::dies")] == ["crash", "panic"]


def test_reports_of_one_test_are_bounded() -> None:
    """A test that is tried for ever takes no more memory."""
    tries = "\n".join(f"  TRY {n} FAIL [   0.083s] demo tests::bad\n    no" for n in range(30))
    assert len(reports(read(nextest, tries), "demo tests::bad")) == 20
