"""What unittest's text runner prints."""

from __future__ import annotations

import pytest

from flakebot.frameworks import unittest_text
from flakebot.frameworks.reading import Reading
from flakebot.logs import Line
from flakebot.model import Status

RULE = "=" * 70
LINE = "-" * 70


def read(*rows: str) -> Reading:
    parser = unittest_text.parser()
    for number, row in enumerate("\n".join(rows).split("\n"), 1):
        parser.feed(Line(number, row))
    return parser.result()


def outcomes(found: Reading) -> dict[str, tuple[Status, ...]]:
    return {test.id: test.outcomes for test in found.tests}


def report(title: str, *rows: str) -> str:
    return "\n".join([RULE, title, LINE, *rows, ""])


def test_results_and_reports_are_one_outcome() -> None:
    """A verbose run names a failure twice; skips and expected failures are no failures."""
    found = read(
        "test_a (m.T.test_a) ... ok",
        "test_b (m.T.test_b)",
        "What b does. ... FAIL",
        "test_c (m.T.test_c) ... skipped 'later'",
        "test_d (m.T.test_d) ... expected failure",
        "test_e (m.T) ... SKIP: nose says it so",
        "",
        report("FAIL: test_b (m.T.test_b)\nWhat b does.", "AssertionError: 1 != 2"),
        LINE,
        "Ran 5 tests in 0.1s",
        "",
        "FAILED (failures=1, skipped=2, expected failures=1)",
    )
    assert outcomes(found) == {"test_b (m.T.test_b)": (Status.FAILED,)}
    assert found.passed == {"test_a (m.T.test_a)"}
    assert found.counts == {Status.PASSED: 1, Status.FAILED: 1, Status.SKIPPED: 3}
    assert found.tests[0].line == 2
    assert [line.text for line in found.tests[0].blocks[0].lines] == [
        "AssertionError: 1 != 2",
        "",
        LINE,
    ]
    assert found.failed is True


def test_a_run_with_dots_counts_what_it_does_not_name() -> None:
    """Passes of a short run are the number of tests less those that failed or were skipped."""
    found = read(
        report("ERROR: setUpClass (m.T)", "OSError: no"),
        report("ERROR: test_b (m.T)", "OSError: no"),
        "Ran 7 tests in 0.1s",
        "",
        "FAILED (errors=2, skipped=2, expected failures=1)",
    )
    assert outcomes(found) == {
        "setUpClass (m.T)": (Status.ERROR,),
        "test_b (m.T)": (Status.ERROR,),
    }
    assert found.counts == {Status.PASSED: 3, Status.ERROR: 2, Status.SKIPPED: 3}


def test_a_green_run_with_dots_is_seen() -> None:
    """Nothing but a number of tests."""
    found = read("..", LINE, "Ran 2 tests in 0.1s", "", "OK")
    assert found.seen is True
    assert found.failed is False
    assert found.counts == {Status.PASSED: 2}


def test_a_run_that_ended_runs_no_test() -> None:
    """What is silent later is none of its tests."""
    rows = ("test_a (m.T.test_a) ... ok", "Ran 1 test in 0.1s", "", "OK")
    assert (read(*rows[:1]).last, read(*rows).last) == ("test_a (m.T.test_a)", None)


def test_an_end_without_a_verdict_counts_nothing() -> None:
    """Other text in the place of `OK` or `FAILED`, and other sentences that begin with `Ran`."""
    found = read("Ran all test suites.", "Ran 2 tests in 0.1s", "", "something else", "OK")
    assert found.counts == {}


def test_sub_tests_count_for_their_test() -> None:
    """A test with failing sub-tests failed once, whatever order its lines have."""
    found = read(
        "test_s (m.T.test_s) ... ",
        "  test_s (m.T.test_s) [of] (i=1) ... FAIL",
        "  test_s (m.T.test_s) (i=2) ... ERROR",
        report("FAIL: test_s (m.T.test_s) [of] (i=1)", "AssertionError: 1"),
        report("ERROR: test_s (m.T.test_s) (i=2)", "OSError: 2"),
        "Ran 1 test in 0.1s",
    )
    assert outcomes(found) == {"test_s (m.T.test_s)": (Status.FAILED,)}
    assert [block.lines[0].text for block in found.tests[0].blocks] == [
        "AssertionError: 1",
        "OSError: 2",
    ]


def test_output_may_stand_before_a_result() -> None:
    """The result then has a line of its own, or is lost when the next test begins."""
    found = read(
        "test_a (m.T.test_a) ... a warning",
        "ok",
        "test_b (m.T.test_b) ... more of it",
        "test_c (m.T.test_c) ... ok",
        "ok",
        "a sentence ... with dots",
    )
    assert found.passed == {"test_a (m.T.test_a)", "test_c (m.T.test_c)"}
    assert found.counts == {Status.PASSED: 2}


def test_a_tear_down_may_fail_after_a_pass() -> None:
    """Bad beats good."""
    found = read(
        "test_a (m.T.test_a) ... ok",
        report("ERROR: test_a (m.T.test_a)", "OSError: no"),
    )
    assert outcomes(found) == {"test_a (m.T.test_a)": (Status.ERROR,)}


@pytest.mark.parametrize("words", [(), ("FAIL", "ERROR"), ("ERROR", "FAIL")])
def test_a_call_and_a_tear_down_that_fail_are_one_failure(words: tuple[str, ...]) -> None:
    """Dots tell nothing of the order, for all errors are reported before all failures."""
    found = read(
        *(f"test_a (m.T.test_a) ... {word}" for word in words),
        report("ERROR: test_a (m.T.test_a)", "OSError: no"),
        report("FAIL: test_a (m.T.test_a)", "AssertionError: no"),
        "Ran 1 test in 0.1s",
    )
    assert outcomes(found) == {"test_a (m.T.test_a)": (Status.FAILED,)}


def test_a_tear_down_may_fail_after_a_failure() -> None:
    """Since Python 3.11 both results name the test; no other run begins with the second."""
    found = read(
        "test_a (x.T.test_a) ... FAIL",
        "test_b (x.T.test_b) ... FAIL",
        "test_b (x.T.test_b) ... ERROR",
        "test_c (x.T.test_c) ... ok",
        report("FAIL: test_a (x.T.test_a)", "AssertionError: 1"),
        "Ran 3 tests in 0.001s",
    )
    assert outcomes(found) == {
        "test_a (x.T.test_a)": (Status.FAILED,),
        "test_b (x.T.test_b)": (Status.FAILED,),
    }


def test_an_unexpected_success_is_a_failure() -> None:
    """It has no report."""
    found = read(
        "test_a (m.T.test_a) ... unexpected success",
        f"{RULE}\nUNEXPECTED SUCCESS: test_a (m.T.test_a)\n{LINE}",
        "Ran 1 test in 0.1s",
    )
    assert outcomes(found) == {"test_a (m.T.test_a)": (Status.FAILED,)}
    assert found.tests[0].blocks == ()


def test_a_second_run_follows_the_first() -> None:
    """A test that failed and passed in a later run of the same job is a retried test."""
    found = read(
        "test_a (m.T.test_a) ... FAIL",
        report("FAIL: test_a (m.T.test_a)", "AssertionError: no"),
        "Ran 1 test in 0.1s",
        "test_a (m.T.test_a) ... ok",
        "Ran 1 test in 0.1s",
    )
    assert outcomes(found) == {"test_a (m.T.test_a)": (Status.FAILED, Status.PASSED)}


def test_a_run_that_lost_its_end_is_followed_by_the_next() -> None:
    """The same test again means that another run began."""
    found = read("test_a (m.T.test_a) ... ERROR", "Killed", "test_a (m.T.test_a) ... ok")
    assert outcomes(found) == {"test_a (m.T.test_a)": (Status.ERROR, Status.PASSED)}


def test_a_crash_belongs_to_the_test_that_ran() -> None:
    """The dump stands where the result should; the line after it is no part of it."""
    found = read(
        "test_a (m.T.test_a) ... ok",
        "test_b (m.T.test_b) ... Fatal Python error: Aborted",
        "",
        "Current thread 0x00007f (most recent call first):",
        '  File "m.py", line 4 in test_b',
        "line 1: 31946 Aborted   python -m unittest",
        "Fatal Python error: of something else",
    )
    assert outcomes(found) == {"test_b (m.T.test_b)": (Status.CRASHED,)}
    assert found.tests[0].blocks[0].kind == "crash"
    assert len(found.tests[0].blocks[0].lines) == 4
    assert found.tests[0].blocks[0].lines[0].text == "Fatal Python error: Aborted"
    assert found.last == "test_b (m.T.test_b)"


def test_a_dump_of_a_time_limit_is_a_time_out() -> None:
    """`faulthandler.dump_traceback_later` ends the process too; the log may end here."""
    found = read("test_a (m.T.test_a) ... print", "Timeout (0:00:05)!", "Thread 0x7f:")
    assert outcomes(found) == {"test_a (m.T.test_a)": (Status.TIMEOUT,)}


def test_a_test_without_a_result_is_unfinished() -> None:
    """The log ends while it runs."""
    found = read("test_a (m.T.test_a) ... ")
    assert outcomes(found) == {"test_a (m.T.test_a)": (Status.UNFINISHED,)}
    ended = read("test_a (m.T.test_a) ... ", "##[error]The operation was canceled.", "ok")
    assert outcomes(ended) == {"test_a (m.T.test_a)": (Status.UNFINISHED,)}


def test_packages_and_checks_are_no_tests() -> None:
    """Installers print versions in the same form, other tools what they are about to do."""
    assert read("numpy (1.26.4) ... ok", "openssl (3.0) ... ", "check (a.b) ... x") == Reading()


def test_titles_of_other_runners_are_ids_as_they_stand() -> None:
    """Runners as nose name functions and modules in its own way."""
    found = read(report("ERROR: Failure: ImportError (No module named x)", "ImportError: x"))
    assert outcomes(found) == {"Failure: ImportError (No module named x)": (Status.ERROR,)}


def test_only_a_title_between_two_rules_is_a_report() -> None:
    """The same words elsewhere are output of programs."""
    found = read(
        f"FAIL: test_a (m.T.test_a)\n{LINE}",
        f"{RULE}\nERROR: but no other rule\n" + "text\n" * 20 + LINE,
        f"{RULE}\nERROR without a title\n{LINE}",
        f"{RULE}\nWARNING: test_a (m.T.test_a)\n{LINE}",
        "make check ... FAIL",
    )
    assert found == Reading()


def test_nothing_inside_a_pytest_session_is_ours() -> None:
    """A session shows what its tests printed, perhaps that of a runner under test."""
    inner = report("FAIL: test_a (m.T.test_a)", "AssertionError: no")
    starts = "===== test session starts ====="
    ends = "===== 1 failed, 2 passed in 12.31s (0:00:12) ====="
    row = "test_b (m.T.test_b) ... FAIL"
    assert read(starts, inner, row, "===== FAILURES =====", row, ends).seen is False
    assert outcomes(read(starts, ends, inner)) == {"test_a (m.T.test_a)": (Status.FAILED,)}
    assert outcomes(read(starts, "##[error]exit code 1.", inner)) != {}


def test_captured_output_is_no_part_of_a_report() -> None:
    """`-b` prints what a test wrote below its traceback."""
    found = read(
        report("FAIL: test_a (m.T.test_a)", "AssertionError: no", "", "Stdout:", "OSError: shown"),
        "##[error]Process completed with exit code 1.",
        "OSError: after the report",
    )
    assert [line.text for line in found.tests[0].blocks[0].lines] == ["AssertionError: no"]


IN_A, OF_A = "test_in (m.Inner.test_in)", "test_a (m.T.test_a)"
INNER = "\n".join(
    [".F", report(f"FAIL: {IN_A}", "KeyError: 1"), LINE, "Ran 2 tests in 0.1s", "", "FAILED"]
)
SAID = f"{IN_A} ... FAIL\ntest_ok (m.Inner.test_ok) ... ok\n" + INNER.partition("\n")[2]
GREEN = f".\n{LINE}\nRan 1 test in 0.1s\n\nOK"


@pytest.mark.parametrize(
    "printed",
    [
        f"Stdout:\n{INNER}",
        f"Stderr:\n{INNER}\n",
        f"Stdout:\nhello\n\nStderr:\n{INNER}",
        f"Stdout:\n{INNER}\nmore\n",
        f"Stdout:\n{INNER}\n{INNER}",
        f"Stdout:\n{INNER}\n\nStderr:\n{SAID}",
        f"Stderr:\n{GREEN}",
        f"Stdout:\n{INNER.replace(IN_A, OF_A)}",
    ],
)
def test_a_run_that_a_test_printed_is_not_ours(printed: str) -> None:
    """`-b` prints it twice: when the test fails, and in its report."""
    reports = (
        report(f"FAIL: {OF_A}", "AssertionError: no", "", printed),
        report("FAIL: test_b (m.T.test_b)", "OSError: no"),
    )
    end = (LINE, "Ran 3 tests in 0.1s", "", "FAILED (failures=2)")
    dots = read("F", printed, "F.", *reports, *end)
    assert dots.counts == {Status.PASSED: 1, Status.FAILED: 2}
    lines = (f"{OF_A} ... FAIL", "", printed, "test_b (m.T.test_b) ... FAIL")
    said = read(*lines, "test_c (m.T.test_c) ... ok", *reports, *end)
    assert said.counts == {Status.PASSED: 1, Status.FAILED: 2}
    for found in (dots, said):
        assert [[row.text for row in test.blocks[0].lines] for test in found.tests] == [
            ["AssertionError: no"],
            ["OSError: no", "", LINE],
        ]


def test_a_number_without_end_is_no_number_of_tests() -> None:
    """Anybody can print one."""
    digits = "9" * 5000
    assert read(f"Ran {digits} tests in 0.1s", "", "OK").seen is False
    found = read("Ran 2 tests in 0.1s", "", f"OK (skipped={digits})")
    assert found.counts == {Status.PASSED: 2}


def test_a_long_report_keeps_its_end() -> None:
    """The exception stands last; one failure takes bounded memory."""
    found = read(report("FAIL: test_a (m.T)", "", *["  frame"] * 1000, "AssertionError: no"))
    lines = found.tests[0].blocks[0].lines
    assert len(lines) < 170
    assert lines[-1].text == "AssertionError: no"
