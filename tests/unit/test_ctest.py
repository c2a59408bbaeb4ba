"""What CTest prints."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import ctest

RUN = """Test project /build
      Start  1: fine
 1/9 Test  #1: fine ....................   Passed    0.00 sec
      Start  2: skipped
 2/9 Test  #2: skipped .................***Skipped   0.00 sec
 3/9 Test  #3: later ...................***Not Run (Disabled)   0.00 sec
 4/9 Test  #4: exits ...................***Failed    0.00 sec
error: shelf is empty

      Start  5: aborts
 5/9 Test  #5: aborts ..................Subprocess aborted***Exception:   0.00 sec
 6/9 Test  #6: crash_native ............***Exception: SegFault  0.00 sec
 7/9 Test  #7: slow_one ................***Timeout   1.00 sec
 8/9 Test  #8: missing .................***Not Run   0.00 sec
 9/9 Test  #9: name with spaces ........***Failed  Required regular expression not found.  0.1 sec

33% tests passed, 6 tests failed out of 9"""

LIST = """The following tests FAILED:
\t  4 - exits (Failed)
\t  5 - aborts (Subprocess aborted)
\t  6 - crash_native (SEGFAULT)
\t  7 - slow_one (Timeout)
\t  8 - missing (Not Run)                 label
\t  9 - name with spaces (Failed)
Errors while running CTest"""

BAD = {
    "exits": ["failed"],
    "aborts": ["crashed"],
    "crash_native": ["crashed"],
    "slow_one": ["timeout"],
    "missing": ["error"],
    "name with spaces": ["failed"],
}
AGAIN = """1/1 Test  #1: second ....***Failed    0.00 sec
    Start  1: second
    Test  #1: second ....   Passed    0.00 sec"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RUN, BAD),
        (f"{RUN}\n\n{LIST}", BAD),
        (LIST, BAD),
        (AGAIN, {"second": ["failed", "passed"]}),
        ("    Start  1: hangs\n##[error]The operation was canceled.", {"hangs": ["unfinished"]}),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(ctest, text)
    assert outcomes(found) == expected
    assert found == gated(ctest, text)


def test_output_stands_behind_the_result() -> None:
    """Of a crash or time-out the line of the result itself states it."""
    found = read(ctest, RUN)
    assert reports(found, "exits") == [("call", ["error: shelf is empty"])]
    ((kind, lines),) = reports(found, "aborts")
    assert (kind, len(lines)) == ("crash", 1)
    assert found.passed == {"fine"}


VERBOSE = """test 1
      Start  1: a

1: Test command: /a
1: Test timeout computed to be: 10000000
test 2
      Start  2: b
2: error: told by b
1: told by a
 1/2 Test  #1: a ....***Failed  Required regular expression not found. Regex=[yes
]  0.01 sec
test 3
      Start  3: c
 2/2 Test  #2: b ....***Exception: SegFault  0.01 sec
3: fine
 3/3 Test  #3: c ....   Passed    0.01 sec

33% tests passed, 2 tests failed out of 3
4: no more of this"""


def test_output_stands_before_the_result_with_v() -> None:
    """The number before each line says whose it is."""
    found = read(ctest, VERBOSE)
    assert found == gated(ctest, VERBOSE)
    assert outcomes(found) == {"a": ["failed"], "b": ["crashed"]}
    assert reports(found, "a") == [("call", ["told by a"])]
    ended = " 2/2 Test  #2: b ....***Exception: SegFault  0.01 sec"
    assert reports(found, "b") == [("crash", [ended, "error: told by b"])]


def test_what_the_runner_says_is_no_output() -> None:
    """A report ends where the step ends."""
    text = "1/1 Test #1: a ...***Failed  0.1 sec\nx\n##[error]Process completed\ny"
    assert reports(read(ctest, text), "a") == [("call", ["x"])]


def test_another_log_is_not_ours() -> None:
    """Prose about tests is no result."""
    text = "Test #1: this is prose\n  Starting 4: nothing\n50% tests passed\nsee Test #3"
    assert not read(ctest, text).seen
    assert taken(ctest, text) == []
