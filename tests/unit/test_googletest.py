"""What GoogleTest prints, alone and under CTest."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import googletest

RUN = """[==========] Running 3 tests from 2 test suites.
[ RUN      ] Sums.Right
[  FAILED  ] is what this test prints
left over[       OK ] Sums.Right (0 ms)
[ RUN      ] Sums.Wrong
sums.cpp:7: Failure
Expected equality of these values:
[  FAILED  ] Sums.Wrong (0 ms)
[ RUN      ] Sums.Skipped
[  SKIPPED ] Sums.Skipped (0 ms)
[ RUN      ] Few/Numbers.AreEven/1
numbers.cpp:12: Failure
[  FAILED  ] Few/Numbers.AreEven/1, where GetParam() = 3 (0 ms)
[----------] 2 tests from Few/Numbers (0 ms total)
[  PASSED  ] 1 test.
[  FAILED  ] 2 tests, listed below:
[  FAILED  ] Sums.Wrong
[  FAILED  ] Few/Numbers.AreEven/1, where GetParam() = 3"""

BAD = {"Sums.Wrong": ["failed"], "Few/Numbers.AreEven/1": ["failed"]}
DIES = "[ RUN      ] Sums.Aborts\nterminate called after throwing\nbash: 12 Aborted"
UNTIL_PASS = """1/1 Test  #1: sums ....***Failed    0.00 sec
[ RUN      ] Sums.Once
[  FAILED  ] Sums.Once (0 ms)
[ RUN      ] Sums.Right
[       OK ] Sums.Right (0 ms)
    Test  #1: sums ....   Passed    0.00 sec"""

SAYS_SO = """[ RUN      ] Sums.Right
transaction Aborted, SIGKILL sent
[       OK ] Other.Test (0 ms)
[       OK ] Sums.Right (0 ms)
[ RUN      ] Sums.Wrong
Assertion of x failed
sums.cpp:7: Failure
[  FAILED  ] Sums.Wrong (0 ms)"""
CRASHED = "1/2 Test  #3: a ....***Exception: SegFault  0.1 sec\n"
PASSED = "2/2 Test  #4: b ....   Passed    0.1 sec"
VERBOSE = """test 1
      Start  1: a
test 2
      Start 2: b
1: [ RUN      ] Sums.A
2: [ RUN      ] Sums.B
1: told by a
2: told by b
1/3 Test  #1: a ....***Exception: SegFault  0.1 sec
2: [  FAILED  ] Sums.B (1 ms)
2/3 Test  #2: b ....***Failed  0.1 sec
      Start 12: c
12: [ RUN      ] Sums.C
12: [ RUN      ] looks like a test
7: [ RUN      ] Sums.D"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RUN, BAD),
        ("\n".join(RUN.split("\n")[-2:]), BAD),
        (DIES, {"Sums.Aborts": ["crashed"]}),
        (
            "[ RUN      ] Sums.A\n[ RUN      ] Sums.B\n[       OK ] Sums.B (1 ms)",
            {"Sums.A": ["crashed"]},
        ),
        (
            "[ RUN      ] Sums.A\n 7/9 Test #7: a ....Subprocess aborted***Exception:  0.1 sec",
            {"Sums.A": ["crashed"]},
        ),
        ("[ RUN      ] Sums.A\n##[error]The operation was canceled.", {"Sums.A": ["unfinished"]}),
        (UNTIL_PASS, {"Sums.Once": ["failed", "passed"]}),
        (
            "[ RUN      ] A.B\n[       OK ] A.B (1 ms)\n1/1 Test  #1: a ....   Passed    0.1 sec",
            {},
        ),
        ("1/1 Test  #1: a ....***Exception: SegFault  0.1 sec", {}),
        (SAYS_SO, {"Sums.Wrong": ["failed"]}),
        (
            "sums.cpp:7: Failure\n[  FAILED  ] Sums.Wrong (0 ms)\n[  FAILED  ] Sums.Wrong",
            {"Sums.Wrong": ["failed"]},
        ),
        (f"{CRASHED}[ RUN      ] Sums.A\n      Start 4: b\n{PASSED}", {"Sums.A": ["crashed"]}),
        (f"{CRASHED}[ RUN      ] Sums.A", {"Sums.A": ["crashed"]}),
        (
            f"1/2 Test  #3: a ....***Timeout  1.50 sec\n[ RUN      ] Sums.A\n{PASSED}",
            {"Sums.A": ["timeout"]},
        ),
        (VERBOSE, {"Sums.A": ["crashed"], "Sums.B": ["failed"], "Sums.C": ["unfinished"]}),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(googletest, text)
    assert outcomes(found) == expected
    assert found == gated(googletest, text)


def test_the_report_is_what_stands_between_start_and_result() -> None:
    """A passing test's output is none."""
    found = read(googletest, RUN)
    lines = ["sums.cpp:7: Failure", "Expected equality of these values:"]
    assert reports(found, "Sums.Wrong") == [("call", lines)]
    assert found.passed == {"Sums.Right"}
    assert found.last == "Few/Numbers.AreEven/1"


def test_the_line_that_tells_of_a_death_is_in_the_report() -> None:
    """It names the signal."""
    ((_, lines),) = reports(read(googletest, DIES), "Sums.Aborts")
    assert lines == ["terminate called after throwing"]


def test_programs_that_run_at_a_time_keep_their_lines_apart() -> None:
    """The number that `ctest -V` puts before a line says whose it is."""
    found = read(googletest, VERBOSE)
    ended = "1/3 Test  #1: a ....***Exception: SegFault  0.1 sec"
    assert reports(found, "Sums.A") == [("call", ["told by a"]), ("crash", [ended])]
    assert reports(found, "Sums.B") == [("call", ["told by b"])]


def test_another_log_is_not_ours() -> None:
    """Marks of other tools are none of GoogleTest's."""
    text = "[  OK  ] Started sshd.service\n[FAILED] x\n Test #1 of many\n[ RUN      ] nothing"
    assert not read(googletest, text).seen
    assert taken(googletest, text) == []
