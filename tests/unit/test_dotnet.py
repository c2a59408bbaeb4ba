"""What `dotnet test` prints; the texts follow microsoft/vstest and its issues 285 and 3842."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import dotnet
from flakebot.model import Status

RUN = """[xUnit.net 00:00:00.53]   Starting:    Store.Tests
[xUnit.net 00:00:00.70]     Store.Tests.ShelfTest.IsWide(width: 4) [FAIL]
[xUnit.net 00:00:00.70]     Store.Tests.ShelfTest.Later [SKIP]
  Failed Store.Tests.ShelfTest.IsWide(width: 4) [12 ms]
  Error Message:
   Assert.Equal() Failure: Values differ
Expected: 5
Actual:   4
  Stack Trace:
     at Store.Tests.ShelfTest.IsWide(Int32 width) in /src/ShelfTest.cs:line 29
  Passed Store.Tests.ShelfTest.Holds [< 1 ms]
  Skipped Store.Tests.ShelfTest.Later [1 ms]
  Failed Store.Tests.ShelfTest.Waits [1 m 2 s]
  Error Message:
   System.TimeoutException : The operation has timed out.

Test Run Failed.
Failed!  - Failed:     2, Passed:     1, Skipped:     1, Total:     4, Duration: 1 m - Store.dll"""

IS_WIDE = "Store.Tests.ShelfTest.IsWide(width: 4)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RUN, {IS_WIDE: ["failed"], "Store.Tests.ShelfTest.Waits": ["failed"]}),
        (
            "Passed   A.B.C\nFailed   A.B.D\nError Message:\n Assert.Fail failed.",
            {"A.B.D": ["failed"]},
        ),
        ("  X This_test_should_fail [134ms]\n  V Good [1s]", {"This_test_should_fail": ["failed"]}),
        ("failed Named (12ms)\n  Assert failed\npassed Other (1s 2ms)", {"Named": ["failed"]}),
        ("/src/A.cs(12): error TESTERROR: A.B (12ms): Error Message: no", {"A.B": ["failed"]}),
        ("  Failed A.B [1 ms]\n  Passed A.B [1 ms]", {"A.B": ["failed", "passed"]}),
        (
            "Passed!  - Failed:     0, Passed:     2, Skipped:     0, Total:     2, Duration: 3 ms",
            {},
        ),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(dotnet, text)
    assert outcomes(found) == expected
    assert found == gated(dotnet, text)
    assert found.seen


def test_reports() -> None:
    """Messages stand at the margin, frames stay indented."""
    found = read(dotnet, RUN)
    *_, (kind, lines) = reports(found, IS_WIDE)
    assert kind == "call"
    assert lines[1:4] == ["Assert.Equal() Failure: Values differ", "Expected: 5", "Actual:   4"]
    assert lines[5].startswith("  at Store")
    assert reports(read(dotnet, "x: error TESTERROR: A.B (12ms): Error Message: no"), "A.B") == [
        ("call", ["no"])
    ]


def test_counts() -> None:
    """An assembly's totals count what is not named, once."""
    totals = "Passed!  - Failed:     0, Passed:     2, Skipped:     1, Total:     3, Duration: 3 ms"
    assert read(dotnet, totals).counts == {Status.PASSED: 2, Status.SKIPPED: 1}


def test_another_log_is_not_ours() -> None:
    """Ticks of other runners, and sentences that begin with a status."""
    text = "  ✓ works (12ms)\nFailed to start\nPassed away [x]\nerror TESTERROR: x\nX (1)"
    assert not read(dotnet, text).seen
    assert taken(dotnet, text) == []


ABORTED = """The active Test Run was aborted because the host process exited unexpectedly. See it.
The test running when the crash occurred:{names}
This test may, or may not be the source of the crash.
{end}"""


@pytest.mark.parametrize(
    ("names", "end", "expected"),
    [
        (" \nStore.A.B\n", "Test Run Aborted.", ["Store.A.B"]),
        (" Store.A.B\nStore.A.C\n", "", ["Store.A.B", "Store.A.C"]),
        ("\n\nStore.A.B", "##[error]Process completed with exit code 1.", []),
        ("\n" + "\n".join(f"T.a{n}" for n in range(60)), "", [f"T.a{n}" for n in range(50)]),
    ],
)
def test_the_tests_that_died_with_the_host(names: str, end: str, expected: list[str]) -> None:
    """They are named when `--blame` asked for it."""
    text = ABORTED.format(names=names, end=end)
    found = read(dotnet, text)
    assert outcomes(found) == {name: ["crashed"] for name in expected}
    assert found == gated(dotnet, text)
    assert (found.seen, found.failed, bool(found.loose)) == (True, True, not expected)
    for name in expected[:1]:
        [(kind, lines)] = reports(found, name)
        assert (kind, lines[0][:31]) == ("crash", "The active Test Run was aborted")


def test_a_host_that_dies_twice_leaves_two_reports() -> None:
    """Each assembly has one of its own."""
    died = "The active test run was aborted. Reason: Test host process crashed\n   at A.B()\n"
    assert [len(block.lines) for block in read(dotnet, died + died.strip()).loose] == [2, 2]
