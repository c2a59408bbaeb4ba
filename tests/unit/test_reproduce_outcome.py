"""What an iteration came to, from its log, its journal and its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from flakebot.model import Category, Cause, Hang, LogReading, Status, TestId, TestResult
from flakebot.reproduction import outcome
from flakebot.reproduction.iterations import Ending, Iteration, Level, Worker
from flakebot.reproduction.journal import Journal
from flakebot.reproduction.outcome import Ended
from flakebot.secrets_mask import mask

BEGUN = Iteration(
    level=Level(),
    number=1,
    started=datetime(2026, 2, 3, tzinfo=UTC),
    seconds=0.0,
    exit_code=None,
)
A, B, C = (TestId(f"t.py::test_{letter}") for letter in "abc")
PASSED = Ended(seconds=3.0, exit_code=0, timeout=60.0)
FAILED = replace(PASSED, exit_code=1)
LATE = Ended(seconds=61.0, exit_code=-15, timeout=60.0, ending=Ending.TERMINATED, silence=50.0)
ASSERTION = Cause(
    category=Category.ASSERTION, rule="assert", line=3, text="assert 1 == 2", tests=(A, B)
)
JOURNAL = Journal(
    workers=(Worker(name="gw0", tests=(A, B)), Worker(name="gw1", tests=(C,))),
    collected=(A, B, C),
    ended=frozenset({A}),
    running=(B, C),
)
DONE = replace(JOURNAL, done=True)


def result(test: TestId, *outcomes: Status) -> TestResult:
    return TestResult(id=test, framework="pytest", outcomes=outcomes, line=1)


def log(*tests: TestResult, causes: tuple[Cause, ...] = ()) -> LogReading:
    return LogReading(source="iter_1.log", tests=tests, causes=causes)


SECRET = TestId("t.py::test_a[https://u:word@h/x]")
MASKED = TestId("t.py::test_a[https://***@h/x]")


@pytest.mark.parametrize("hung", [None, MASKED, B])
def test_a_test_whose_name_was_masked_is_known_by_its_own(hung: TestId | None) -> None:
    """So that it can be run again, and that log and journal speak of the same test."""
    reading = replace(
        log(result(MASKED, Status.FAILED), causes=(replace(ASSERTION, tests=(MASKED, B)),)),
        passed=frozenset({B, MASKED}),
        hang=Hang(seconds=9, line=1, test=hung),
    )
    named = outcome.by_name(reading, replace(JOURNAL, collected=(SECRET, B)), mask)
    assert [test.id for test in named.tests] == [SECRET]
    assert named.causes[0].tests == (SECRET, B)
    assert named.passed == {SECRET, B}
    assert named.hang is not None
    assert named.hang.test == (SECRET if hung == MASKED else hung)
    assert outcome.by_name(replace(reading, hang=None), JOURNAL, mask).hang is None
    assert outcome.by_name(reading, JOURNAL, mask) is reading


def test_a_pass_has_no_failures() -> None:
    """A test that failed and passed when it ran again is pytest's success."""
    reading = log(result(A, Status.RERUN, Status.PASSED), causes=(ASSERTION,))
    judged = outcome.judge(BEGUN, PASSED, reading, DONE)
    assert (judged.passed, judged.failures, judged.stall) == (True, (), None)
    assert (judged.seconds, judged.collected) == (3.0, 3)


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ({}, True),
        ({"exit_code": 1}, False),
        ({"exit_code": -6}, False),
        ({"exit_code": 0, "ending": Ending.TERMINATED}, False),
        ({"exit_code": None, "ending": Ending.UNKILLABLE}, False),
    ],
)
def test_only_an_exit_of_its_own_with_success_is_a_pass(
    changes: dict[str, object], *, passed: bool
) -> None:
    """An iteration that had to be ended did not pass, whatever its exit code."""
    ended = replace(PASSED, **changes)  # type: ignore[arg-type]  # fields by name
    assert outcome.judge(BEGUN, ended, log(), DONE).passed is passed


def test_a_pass_keeps_what_was_skipped() -> None:
    """A skipped test says nothing of a fix."""
    judged = outcome.judge(BEGUN, PASSED, log(), replace(DONE, skipped=(C,)))
    assert (judged.passed, judged.skipped) == (True, (C,))


CUT = Cause(
    category=Category.UNKNOWN, rule="no-report", line=9, text="t.py::test_b UNFINISHED", tests=(B,)
)


@pytest.mark.parametrize(
    ("reading", "says"),
    [
        (log(result(B, Status.UNFINISHED), causes=(CUT,)), " while t.py::test_b ran"),
        (log(), ", and its log names no failure"),
    ],
)
def test_a_success_before_the_tests_were_done_is_a_failure(reading: LogReading, says: str) -> None:
    """A test that ends its process takes those after it along, whatever the exit code."""
    judged = outcome.judge(BEGUN, PASSED, reading, JOURNAL)
    assert (judged.passed, judged.unreported) == (False, (B, C))
    (failure,) = judged.failures
    assert failure.category is Category.UNKNOWN
    assert failure.text == f"pytest ended with exit code 0 before its tests were done{says}"
    assert not reading.causes or failure.fingerprint == CUT.fingerprint


def test_what_leaves_no_journal_is_believed() -> None:
    """The plug-in may not have been loaded."""
    assert outcome.judge(BEGUN, PASSED, log(), Journal()).passed


def test_a_failure_is_what_classify_says() -> None:
    """With the tests that failed in the end; one cause may have others."""
    rerun = replace(ASSERTION, tests=(C,))
    loose = replace(ASSERTION, category=Category.OOM_KILL, tests=())
    reading = log(
        result(A, Status.FAILED),
        result(B, Status.RERUN, Status.PASSED),
        result(C, Status.RERUN, Status.PASSED),
        causes=(loose, ASSERTION, rerun),
    )
    judged = outcome.judge(BEGUN, FAILED, reading, Journal())
    assert [(f.category, f.tests) for f in judged.failures] == [
        (Category.OOM_KILL, ()),
        (Category.ASSERTION, (A,)),
    ]


@pytest.mark.parametrize(
    ("exit_code", "category", "words"),
    [
        (1, Category.UNKNOWN, "exit code 1"),
        (-6, Category.CRASH_SIGABRT, "SIGABRT"),
        (139, Category.CRASH_SIGSEGV, "SIGSEGV"),
        (-9, Category.PROCESS_KILLED, "SIGKILL"),
        (-7, Category.CRASH_OTHER_SIGNAL, "SIGBUS"),
    ],
)
def test_a_failure_without_words_is_told_by_its_exit_code(
    exit_code: int, category: Category, words: str
) -> None:
    """A failed iteration always names a failure."""
    ended = replace(FAILED, exit_code=exit_code)
    (failure,) = outcome.judge(BEGUN, ended, log(), Journal()).failures
    assert failure.category is category
    assert words in failure.text
    assert failure.fingerprint


@pytest.mark.parametrize(
    ("exit_code", "category", "text"),
    [
        (-9, Category.PROCESS_KILLED, "pytest was ended by SIGKILL while t.py::test_b ran"),
        (143, Category.PROCESS_KILLED, "pytest was ended by SIGTERM while t.py::test_b ran"),
        (-6, Category.CRASH_SIGABRT, "pytest was ended by SIGABRT while t.py::test_b ran"),
        (1, Category.UNKNOWN, "t.py::test_b UNFINISHED"),
        (255, Category.UNKNOWN, "t.py::test_b UNFINISHED"),
    ],
)
def test_a_test_without_an_end_is_told_by_the_signal_that_ended_its_process(
    exit_code: int, category: Category, text: str
) -> None:
    """Beside what the log explains, and with the fingerprint by which CI knows it."""
    reading = log(result(A, Status.FAILED), result(B, Status.UNFINISHED), causes=(ASSERTION, CUT))
    ended = replace(FAILED, exit_code=exit_code)
    failed, unfinished = outcome.judge(BEGUN, ended, reading, Journal()).failures
    assert (failed.category, failed.text) == (Category.ASSERTION, ASSERTION.text)
    assert (unfinished.category, unfinished.text) == (category, text)
    assert (unfinished.fingerprint, unfinished.tests) == (CUT.fingerprint, (B,))


def test_a_failure_of_no_test_is_told_by_the_signal_too() -> None:
    """Nothing can be named that ran."""
    cut = replace(ASSERTION, category=Category.UNKNOWN, tests=())
    ended = replace(FAILED, exit_code=-9)
    (failure,) = outcome.judge(BEGUN, ended, log(causes=(cut,)), Journal()).failures
    assert failure.text == "pytest was ended by SIGKILL"


def test_a_long_silence_before_the_time_out_is_a_hang() -> None:
    """It names the tests that ran, and what the log says of them is not told twice."""
    reading = log(
        result(A, Status.FAILED),
        result(B, Status.UNFINISHED),
        causes=(ASSERTION, replace(ASSERTION, category=Category.UNKNOWN, tests=(B,))),
    )
    ended = replace(LATE, stacks=("File t.py", "token=ghp_" + "a" * 36))
    judged = outcome.judge(BEGUN, ended, reading, JOURNAL)
    assert [(f.category, f.tests) for f in judged.failures] == [
        (Category.HANG, (B, C)),
        (Category.ASSERTION, (A,)),
    ]
    assert judged.failures[0].text == (
        "Ended after 60 s, the last 50 s without output while t.py::test_b ran"
    )
    assert judged.stall is not None
    assert (judged.stall.silence, judged.stall.running) == (50.0, (B, C))
    assert judged.stall.stacks[0] == "File t.py"
    assert "ghp_" not in judged.stall.stacks[1]
    assert judged.unreported == (B, C)


def test_a_crash_before_a_hang_is_told_beside_it() -> None:
    """The worker was replaced, and what it ran before does not run any more."""
    abort = Cause(category=Category.CRASH_SIGABRT, rule="abort", line=3, text="Aborted", tests=(C,))
    judged = outcome.judge(BEGUN, LATE, log(result(C, Status.CRASHED), causes=(abort,)), JOURNAL)
    assert [(each.category, each.tests) for each in judged.failures] == [
        (Category.HANG, (B,)),
        (Category.CRASH_SIGABRT, (C,)),
    ]
    assert judged.stall is not None
    assert judged.stall.running == (B,)


def test_what_pytest_says_when_it_is_ended_is_no_cause() -> None:
    """Its KeyboardInterrupt is our doing; by itself it is told."""
    cancel = replace(ASSERTION, category=Category.CANCELLED, tests=())
    late, failed = (
        outcome.judge(BEGUN, ended, log(causes=(cancel,)), Journal()) for ended in (LATE, FAILED)
    )
    assert [failure.category for failure in late.failures] == [Category.HANG]
    assert [failure.category for failure in failed.failures] == [Category.CANCELLED]


def test_one_that_printed_to_the_end_was_slow() -> None:
    """Two that ended so have one fingerprint."""
    slow = replace(LATE, silence=1.0)
    first, second = (
        outcome.judge(BEGUN, replace(slow, timeout=seconds), log(), Journal()).failures[0]
        for seconds in (60.0, 61.0)
    )
    assert first.category is Category.JOB_TIMEOUT
    assert first.fingerprint == second.fingerprint


def test_a_time_out_is_told_as_it_was_given() -> None:
    """Of half a second it is not nothing."""
    short = replace(LATE, timeout=0.5, silence=0.0)
    (failure,) = outcome.judge(BEGUN, short, log(), Journal()).failures
    assert failure.text == "Ended after 0.5 s, the last 0 s without output"


def test_without_a_journal_the_log_names_what_ran() -> None:
    """The plug-in may not have been loaded."""
    reading = log(result(A, Status.UNFINISHED), result(B, Status.FAILED))
    judged = outcome.judge(BEGUN, LATE, reading, Journal())
    assert judged.failures[0].tests == (A,)


def test_what_cannot_be_killed_is_said() -> None:
    """In the words of the page."""
    ended = replace(LATE, ending=Ending.UNKILLABLE, exit_code=None)
    judged = outcome.judge(BEGUN, ended, log(), JOURNAL)
    assert judged.failures[0].text.endswith("; unkillable, likely uninterruptible sleep")
    assert judged.exit_code is None


def test_a_worker_crashed_in_its_last_test() -> None:
    """When the log says so and the test did not end there; another worker lives."""
    reading = log(result(B, Status.CRASHED))
    judged = outcome.judge(BEGUN, FAILED, reading, JOURNAL)
    assert [worker.crashed for worker in judged.workers] == [B, None]
    assert judged.unreported == (C,)


def test_a_crash_in_a_process_of_its_own_leaves_the_worker() -> None:
    """Under --forked the test crashed and its worker went on."""
    after = replace(JOURNAL, running=(), ended=frozenset({A, B, C}))
    judged = outcome.judge(BEGUN, FAILED, log(result(B, Status.CRASHED)), after)
    assert [worker.crashed for worker in judged.workers] == [None, None]


@pytest.mark.parametrize(
    ("exit_code", "crashed"), [(-6, B), (134, B), (1, None), (2, None), (None, None)]
)
def test_alone_a_signal_is_the_crash_of_the_running_test(
    exit_code: int | None, crashed: TestId | None
) -> None:
    """There is no xdist that could say so."""
    notes = Journal(workers=(Worker(tests=(A, B)), Worker()), collected=(A, B), running=(B,))
    judged = outcome.judge(BEGUN, replace(FAILED, exit_code=exit_code), log(), notes)
    assert [worker.crashed for worker in judged.workers] == [crashed, None]
