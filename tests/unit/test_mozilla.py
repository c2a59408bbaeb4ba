"""What Mozilla's harnesses print."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import outcomes, read, reports, taken

from flakebot.frameworks import mozilla
from flakebot.frameworks.reading import Reading
from flakebot.frameworks.tally import REPORTS

PATH = "dom/cart/test_total.html"
START = f"TEST-START | {PATH}"
FAIL = f"TEST-UNEXPECTED-FAIL | {PATH} | adds up - got 2, expected 3"
OK = f"TEST-OK | {PATH} | took 12ms"


@pytest.mark.parametrize(
    "lead",
    [
        "",
        "[task 2025-02-13T21:25:43.504Z] 21:25:43     INFO -  ",
        "[task 2025-02-13T21:25:43.504Z] 21:25:43  WARNING -  REFTEST ",
        "21:25:43     INFO - ",
        "17 INFO ",
    ],
)
def test_lines_of_all_harnesses(lead: str) -> None:
    """Whatever the task, the script and the harness put before a line."""
    found = read(mozilla, "\n".join(lead + row for row in (START, FAIL, OK)))
    assert outcomes(found) == {PATH: ["failed"]}
    assert found.tests[0].line == 2
    assert reports(found, PATH)[0][1] == ["adds up - got 2, expected 3"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([f"TEST-UNEXPECTED-TIMEOUT | {PATH} | expected OK", "TEST-INFO took 9ms"], "timeout"),
        ([f"TEST-UNEXPECTED-FAIL | {PATH} | Test timed out. -"], "timeout"),
        ([f"TEST-UNEXPECTED-CRASH | {PATH} | expected PASS"], "crashed"),
        ([f"TEST-UNEXPECTED-ERROR | {PATH} | called finish() twice"], "error"),
        ([f"TEST-UNEXPECTED-PASS | {PATH} | fixed", OK], "failed"),
        ([f"PROCESS-CRASH | application crashed [@ f] | {PATH} "], "crashed"),
        ([f"PROCESS-CRASH | 4f47fa5d | application crashed [@ f] | {PATH}"], "crashed"),
        ([], "unfinished"),
    ],
)
def test_how_a_test_ends(rows: list[str], expected: str) -> None:
    """The worst that was said of it, or that it never ended."""
    assert outcomes(read(mozilla, "\n".join([START, *rows]))) == {PATH: [expected]}


def test_what_is_expected_is_no_failure() -> None:
    """Known failures, known intermittents and skipped tests."""
    text = f"""{START}
TEST-PASS | {PATH} | is empty
TEST-FAIL | {PATH} | is known
TEST-KNOWN-INTERMITTENT-FAIL | {PATH} | is known to come and go
{OK}
TEST-START | a/b.js
TEST-SKIP | a/b.js | took 0ms
TEST-OK | never/started.js | took 0ms
TEST-START | Shutdown
"""
    found = read(mozilla, text)
    assert (outcomes(found), found.failed) == ({}, False)
    assert found.passed == {PATH}


def test_a_test_that_is_started_again() -> None:
    """What failed among others is run alone by xpcshell, and a harness may run a test twice."""
    name = "xpcshell.toml:dom/unit/test_a.js"
    again = f"TEST-START | {name}\n"
    retried = f"{again}TEST-FAIL | {name} | took 9ms\n{again}TEST-PASS | {name} | took 8ms"
    assert outcomes(read(mozilla, retried)) == {name: ["failed", "passed"]}
    twice = f"{START}\n{FAIL}\n{START}\n{OK}"
    assert outcomes(read(mozilla, twice)) == {PATH: ["failed", "passed"]}


def test_the_stack_follows() -> None:
    """It is quoted with the message, and ends with the next mark, an empty line, or its length."""
    stack = "\n".join(f"f{n}@cart.js:{n}" for n in range(40))
    found = read(mozilla, f"{START}\n{FAIL}\n{stack}\n{OK}")
    ((_, lines),) = reports(found, PATH)
    assert (lines[1], len(lines)) == ("  f0@cart.js:0", 31)
    crash = f"PROCESS-CRASH | gone [@ f] | {PATH}\nCrash reason:  SIGSEGV\n\nnot of it"
    ((_, lines),) = reports(read(mozilla, f"{START}\n{crash}"), PATH)
    assert lines == [f"PROCESS-CRASH | gone [@ f] | {PATH}", "Crash reason:  SIGSEGV"]
    output = "GECKO(964) | console.log: a line of the program"
    assert taken(mozilla, f"{output}\n{FAIL}\nf@cart.js:1\n{OK}\nafter") == [FAIL, "f@cart.js:1"]


def test_reports_are_bounded() -> None:
    """A test may fail ten thousand times."""
    found = read(mozilla, "\n".join([START, *[FAIL] * (REPORTS + 5)]))
    assert len(reports(found, PATH)) == REPORTS


def test_faults_of_the_harness_are_no_tests() -> None:
    """They stand under names of its parts; a cut log may lack the start of a test."""
    rows = ["automation.py", "(SimpleTest/TestRunner.js)", "leakcheck", "dom/a b.html"]
    text = "\n".join(f"TEST-UNEXPECTED-FAIL | {row} | message" for row in rows)
    found = read(mozilla, text)
    assert outcomes(found) == {}
    assert found.failed is True
    assert [block.lines[0].text for block in found.loose] == text.split("\n")
    assert len(read(mozilla, "\n".join([text] * 9)).loose) == 20
    assert outcomes(read(mozilla, FAIL)) == {PATH: ["failed"]}


def test_a_program_that_the_harness_killed_is_no_crash() -> None:
    """It takes a dump of a program that hangs."""
    crash = "PROCESS-CRASH | application crashed [@ poll] | dom/mochitest.toml"
    late = "TEST-UNEXPECTED-FAIL | automation.py | application timed out after 370 seconds"
    assert len(read(mozilla, crash).loose) == 1
    (block,) = read(mozilla, f"{late}\n{crash}").loose
    assert block.lines[0].text == late


def test_the_task_says_how_it_ended() -> None:
    """Where no test failed, the task may have."""
    end = "[taskcluster 2025-02-13 22:26:36.124Z] Unsuccessful task run with exit code: 2 completed"
    assert read(mozilla, f"{START}\n{OK}\n{end}").failed is True
    assert read(mozilla, end.replace("Unsuccessful", "Successful")) == Reading()


def test_a_try_whose_beginning_is_missing_counts() -> None:
    """A log may begin in the middle of the first of two tries."""
    text = f"TEST-FAIL | {PATH} | took 3ms\n{START}\n{OK}"
    assert outcomes(read(mozilla, text)) == {PATH: ["failed", "passed"]}
