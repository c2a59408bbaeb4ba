"""Tests that only a bare traceback names."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import outcomes, read, reports

from flakebot.frameworks import python_traceback
from flakebot.model import LogReading
from flakebot.reading.classify import read_log
from flakebot.reading.rules import builtin
from flakebot.settings import Limits

HEAD = "Traceback (most recent call last):\n"
FRAME = '  File "test/test_c10d.py", line 3278, in test_leader\n    check()\n'
INNER = '  File "/opt/lib/python3.12/unittest/mock.py", line 9, in test_inner\n'
ERROR = "AssertionError: 1 != 2\n"


def whole(text: str) -> LogReading:
    """The log as all of flakebot reads it."""
    return read_log("log", [text.encode()], builtin(), Limits())


@pytest.mark.parametrize(
    ("text", "tests"),
    [
        (HEAD + FRAME + ERROR, ["test_leader"]),
        (HEAD + FRAME, ["test_leader"]),
        (HEAD + FRAME + FRAME.replace("leader", "deeper") + ERROR, ["test_leader"]),
        (HEAD + FRAME + ERROR + HEAD + FRAME + ERROR, ["test_leader"]),
        (
            HEAD + FRAME + ERROR + "\n" + HEAD + FRAME.replace("leader", "other") + ERROR,
            ["test_leader", "test_other"],
        ),
        (HEAD + FRAME.replace("test_c10d", "router_test") + ERROR, ["test_leader"]),
        (HEAD + FRAME.replace("test/test_c10d", "C:\\a\\tests") + ERROR, ["test_leader"]),
        (HEAD + INNER + ERROR, []),
        (HEAD + FRAME.replace("test_leader", "<module>") + ERROR, []),
        (HEAD + FRAME.replace("test_leader", "main") + ERROR, []),
        (HEAD + ERROR + FRAME, []),
        (FRAME + ERROR, []),
        (HEAD + "  ...\n" * 400 + FRAME, []),
    ],
)
def test_the_outermost_test_of_a_traceback_failed(text: str, tests: list[str]) -> None:
    """Only functions named like tests, in files named like tests, inside a traceback."""
    found = read(python_traceback, text)
    assert outcomes(found) == {test: ["failed"] for test in tests}
    assert (found.seen, found.failed, found.last_resort) == (bool(tests), bool(tests), True)
    assert sum(found.counts.values()) == len(tests)


def test_a_prefix_of_every_line_is_seen_through() -> None:
    """Containers and old runners put their name or time before each line."""
    text = "".join(f"app_1  | {row}\n" for row in (HEAD + FRAME + ERROR).splitlines())
    (kind, lines), *_ = reports(read(python_traceback, text), "test_leader")
    assert kind == "call"
    assert lines[-1] == "app_1  | AssertionError: 1 != 2"


def test_the_test_of_an_exception_group_is_named() -> None:
    """The lines of a group stand behind a bar of their own (Python 3.11 and later)."""
    error = "ExceptionGroup: both (1 sub-exception)"
    rows = [f"  | {row}\n" for row in (FRAME + error).splitlines()]
    inner = f"  +-+---------------- 1 ----------------\n    | {HEAD}    | {INNER}    | {ERROR}"
    found = read(python_traceback, f"  + Exception Group {HEAD}{''.join(rows)}{inner}")
    (kind, lines), *_ = reports(found, "test_leader")
    assert (kind, lines[-1]) == ("call", f"  | {error}")


def test_no_more_tests_are_kept_than_a_person_reads() -> None:
    """A log can hold as many names as somebody likes."""
    text = "".join(HEAD + FRAME.replace("leader", str(n)) + ERROR for n in range(300))
    assert len(outcomes(read(python_traceback, text))) == 200


def test_the_exception_of_the_job_is_the_cause() -> None:
    """What is said of the job is said of the test."""
    found = whole(HEAD + FRAME + ERROR)
    assert [(test.id, str(test.category)) for test in found.tests] == [("test_leader", "assertion")]
    assert [cause.tests for cause in found.causes] == [("test_leader",)]


def test_a_traceback_that_is_cut_off_is_an_exception_all_the_same() -> None:
    """Which one is not known."""
    found = whole(HEAD + FRAME + "\n")
    assert [str(cause.category) for cause in found.causes] == ["exception"]
    assert [test.id for test in found.tests] == ["test_leader"]


@pytest.mark.parametrize(
    "beside",
    [
        "============ test session starts ============\na/test_a.py::test_b PASSED\n",
        "test test_a.py::b ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored\n",
    ],
)
def test_a_framework_knows_better(beside: str) -> None:
    """Its tests print tracebacks too, and pass."""
    assert [test.id for test in whole(beside + HEAD + FRAME + ERROR).tests] == []


def test_a_job_that_did_not_fail_has_no_failing_test() -> None:
    """A script may print an exception that it expects."""
    stamp = "2026-02-03T17:46:30.2207737Z "
    rows = (HEAD + FRAME + ERROR + "Post job cleanup.\nCleaning up orphan processes").splitlines()
    found = whole("".join(f"{stamp}{row}\n" for row in rows))
    assert (found.tests, found.causes) == ((), ())
