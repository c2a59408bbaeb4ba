"""What `cargo test` prints."""

from __future__ import annotations

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import cargo_test
from flakebot.frameworks.reports import HEAD, TAIL
from flakebot.model import Status

LOG = """running 4 tests
test recorder::tests::ignored ... ignored, needs a GPU
test hub::tests::from_hf ... FAILED
test recorder::tests::ok ... ok
test tests::overflows - should panic ... FAILED
test src/lib.rs - sum (line 3) ... ok
test result: nothing
test that this sentence is no result
test a b ... ok

failures:

---- hub::tests::from_hf stdout ----
test inner ... FAILED
Error: "503"

---- tests::overflows stdout ----
note: test did not panic as expected
---- recorder::tests::cut stdout ----

thread 'recorder::tests::cut' (5361) panicked at src/lib.rs:2:74:
failures:
    hub::tests::from_hf

test result: FAILED. 1 passed; 1 failed; 1 ignored"""

FIRST = "     Running unittests src/lib.rs (target/debug/deps/store-33)"
SECOND = "     Running tests/basic.rs (target/debug/deps/basic-44)"
DIED = "  process didn't exit successfully: `store-33` (signal: 6, SIGABRT: process abort signal)"
OVERFLOW = f"""{FIRST}

running 3 tests
test tests::a ... ok
thread 'main' panicked at src/main.rs:1:1:

thread 'tests::recursion' (2597) has overflowed its stack
fatal runtime error: stack overflow, aborting
error: test failed, to rerun pass `--lib`

Caused by:
{DIED}"""
ALONE = f"{FIRST}\nrunning 2 tests\ntest tests::a ... \nok\ntest tests::b ... \nspeaks\n{DIED}"


ABORTS = """running 2 tests
thread '<unnamed>' (7) panicked at a.rs:1:1:
  process didn't exit successfully: `/it-1` (signal: 6, SIGABRT)"""
UNKNOWN = ["unfinished"]
QUIET = """running 2 tests
tests::bad --- FAILED
.
successes:

---- tests::good stdout ----
error: told by a test that passed

successes:
    tests::good

failures:

---- tests::bad stdout ----
thread 'tests::bad' panicked at src/lib.rs:3:5:

failures:
    tests::bad

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out"""
COMPILES = """running 2 tests
test src/lib.rs - add (line 9) - compile fail ... ok
test src/lib.rs - add (line 12) - compile fail ... FAILED
successes:
---- src/lib.rs - add (line 9) stdout ----
error[E0308]: mismatched types
failures:
---- src/lib.rs - add (line 12) stdout ----
Test compiled successfully, but it's marked `compile_fail`."""
EXITS = "  process didn't exit successfully: `/it-1` (exit status: 3)"
SHOWS = """running 3 tests
thread 'panics' (12) panicked at tests/it.rs:2:49:
it went wrong
test panics ... FAILED
thread 'worker-1' (13) panicked at tests/it.rs:9:1:
harmless
test fine ... ok
test last ... some output
thread 'last' panicked at tests/it.rs:5:1:
at last
FAILED
test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (QUIET, {"tests::bad": ["failed"]}),
        (COMPILES, {"src/lib.rs - add (line 12)": ["failed"]}),
        (f"running 2 tests\ntest a ... ok\ntest b ... error: x\n{EXITS}", {"b": ["crashed"]}),
        (f"running 2 tests\ntest a ... ok\ntest result: ok. 1 passed\n{EXITS}", {}),
        (f"running 1 test\ntest a ... error: x\n{EXITS.replace('3', '101')}", {"a": UNKNOWN}),
        (SHOWS, {"panics": ["failed"], "last": ["failed"]}),
        (ABORTS, {}),
        (
            LOG,
            {
                "hub::tests::from_hf": ["failed"],
                "tests::overflows": ["failed"],
                "recorder::tests::cut": ["failed"],
            },
        ),
        (OVERFLOW, {"tests::recursion": ["crashed"]}),
        (ALONE, {"tests::b": ["crashed"]}),
        (f"running 2 tests\n{DIED}", {}),
        ("test tests::w has been running for over 60 seconds", {"tests::w": ["unfinished"]}),
        ("test tests::w has been running for over 60 seconds\ntest tests::w ... ok", {}),
        (f"{FIRST}\ntest a ... FAILED\n{SECOND}\ntest a ... ok", {"a": ["failed"]}),
        (f"{FIRST}\ntest a ... FAILED\n{FIRST}\ntest a ... ok", {"a": ["failed", "passed"]}),
        ("    Starting 1 test across 1 binary\ntest a ... FAILED", {}),
        (f"    Starting 1 test across 1 binary\n{FIRST}\ntest a ... FAILED", {"a": ["failed"]}),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(cargo_test, text)
    assert outcomes(found) == expected
    assert found == gated(cargo_test, text)


def test_results_and_reports() -> None:
    """Statuses, the output of failures, and one whose status line was lost."""
    found = read(cargo_test, LOG)
    assert {test.id: test.line for test in found.tests} == {
        "hub::tests::from_hf": 3,
        "tests::overflows": 5,
        "recorder::tests::cut": 19,
    }
    assert found.passed == {"recorder::tests::ok", "src/lib.rs - sum (line 3)"}
    assert found.counts == {Status.SKIPPED: 1, Status.FAILED: 3, Status.PASSED: 2}
    lines = ["test inner ... FAILED", 'Error: "503"']
    assert reports(found, "hub::tests::from_hf") == [("panic", lines)]


def test_a_binary_that_dies_says_by_which_signal_first() -> None:
    """Then what its test printed."""
    ((kind, lines),) = reports(read(cargo_test, OVERFLOW), "tests::recursion")
    assert (kind, lines[0]) == ("crash", DIED)
    assert lines[1].endswith("has overflowed its stack")


def test_a_binary_that_dies_without_a_word_is_loose() -> None:
    """Nothing says which test it was."""
    found = read(cargo_test, f"running 2 tests\n{DIED}")
    assert found.failed
    assert [block.lines[0].text for block in found.loose] == [DIED]


def test_a_failure_without_output_has_no_report() -> None:
    """A status alone is all there is."""
    assert read(cargo_test, "test a::b ... FAILED").tests[0].blocks == ()


def test_long_output_is_cut() -> None:
    """One failure takes bounded memory."""
    found = read(cargo_test, "---- a::b stdout ----\n" + "noise\n" * 1000 + "end")
    lines = found.tests[0].blocks[0].lines
    assert (len(lines), lines[-1].text) == (HEAD + TAIL, "end")


def test_the_lines_of_a_report_are_nobody_elses() -> None:
    """From its heading to the next list."""
    assert taken(cargo_test, "---- a::b stdout ----\nx\nfailures:\ny") == [
        "---- a::b stdout ----",
        "x",
    ]


def test_another_log_is_not_ours() -> None:
    """Without a test nothing was seen, also where a program of cargo's died."""
    assert (
        read(cargo_test, f"hello\ntest me ...\n{DIED}\nthread 'main' panicked at x").seen is False
    )


def test_a_panic_that_is_shown_at_once_is_the_report() -> None:
    """With `--nocapture` nothing stands at the end; only what the test's own thread said counts."""
    found = read(cargo_test, SHOWS)
    said = ["thread 'panics' (12) panicked at tests/it.rs:2:49:", "it went wrong"]
    assert reports(found, "panics") == [("panic", said)]
    assert reports(found, "last") == [
        ("panic", ["thread 'last' panicked at tests/it.rs:5:1:", "at last"])
    ]


def test_a_binary_that_ends_amid_its_tests_failed() -> None:
    """Which of those that ran at a time did it is not told."""
    found = read(cargo_test, f"running 2 tests\ntest a ... ok\n{EXITS}")
    assert (found.failed, found.tests, [b.kind for b in found.loose]) == (True, (), ["crash"])


def test_panics_without_an_end_are_forgotten() -> None:
    """A program that goes on panicking takes no more memory."""
    panics = "\n".join(f"thread 't{n}' panicked at a.rs:1:1:" for n in range(30))
    found = read(cargo_test, f"running 30 tests\n{panics}\ntest t0 ... FAILED\ntest t29 ... FAILED")
    assert (reports(found, "t0"), len(reports(found, "t29"))) == ([], 1)
