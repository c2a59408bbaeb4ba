"""What `go test` and gotestsum print; gotestsum's texts follow its README and source."""

from __future__ import annotations

import json

import pytest
from tests.unit.framework_texts import gated, outcomes, read, reports, taken

from flakebot.frameworks import go_test
from flakebot.logs import Line
from flakebot.model import Status

PLAIN = """counting
--- FAIL: TestWrong (0.00s)
    wrong_test.go:12: Sum() = 2, want 3
--- FAIL: TestTable (0.00s)
    --- FAIL: TestTable/bad_one (0.00s)
        --- FAIL: TestTable/bad_one/inner (0.00s)
            wrong_test.go:20: inner went wrong
FAIL
FAIL\texample.com/store/wrong\t0.017s
FAIL\texample.com/store/broken [build failed]
?   \texample.com/store/untested\t[no test files]
FAIL"""

RACE = """==================
WARNING: DATA RACE
Read at 0x00c00001a208 by goroutine 9:
==================
--- FAIL: TestCounter (0.00s)
    testing.go:1319: race detected during execution of test
FAIL
FAIL\texample.com/store/races\t0.013s"""

PANIC = """=== RUN   TestBefore
panic: is what this test prints
--- PASS: TestBefore (0.00s)
=== RUN   TestOther
=== PAUSE TestOther
=== RUN   TestNil
    a_test.go:3: about to fail
--- FAIL: TestNil (0.00s)
panic: runtime error: invalid memory address [recovered]
\tpanic: runtime error: invalid memory address

goroutine 19 [running]:
FAIL\texample.com/store/panics\t0.008s"""

TIMEOUT = """panic: test timed out after 1s
running tests:
\tTestWaits/in_vain (1s)

goroutine 17 [running]:
testing.(*M).startAlarm.func1()
FAIL\texample.com/store/hangs\t1.007s"""

INNER = {"TestWaits/in_vain": ["timeout"]}

TIMEOUT_BEFORE_1_20 = """panic: test timed out after 1s

goroutine 7 [sleep]:
example.com/store/hangs.TestWaits(0xc000007860?)
\t/src/hangs/hangs_test.go:10 +0x25
FAIL\texample.com/store/hangs\t1.007s"""

TIMEOUT_VERBOSE = f"""=== RUN   TestQuick
--- PASS: TestQuick (0.00s)
=== RUN   TestWaits
{TIMEOUT_BEFORE_1_20}"""

FATAL = """=== RUN   TestA
printed by it
fatal error: all goroutines are asleep - deadlock!
FAIL\texample.com/a\t0.1s"""

EXITED = """=== RUN   TestFirst
--- PASS: TestFirst (0.00s)
=== RUN   TestExits
going
FAIL\texample.com/store/exits\t0.002s"""

GOROUTINE = """--- FAIL: TestWrong (0.00s)
panic: in a goroutine

goroutine 18 [running]:
example.com/store/p.TestStarts.func1()
\t/src/p_test.go:10 +0x27
created by example.com/store/p.TestStarts in goroutine 7
\t/src/p_test.go:10 +0x36
FAIL\texample.com/store/p\t0.005s"""

GOROUTINE_VERBOSE = f"""=== RUN   TestWaits
=== PAUSE TestWaits
=== RUN   TestBeside
=== PAUSE TestBeside
=== CONT  TestBeside
=== RUN   TestStarts
=== RUN   TestStarts/inner
{GOROUTINE.partition("s)" + chr(10))[2]}"""

TIMEOUT_IN_MAIN = f"""=== RUN   TestWaits
=== PAUSE TestWaits
=== RUN   TestHangs
{TIMEOUT_BEFORE_1_20.replace("hangs.TestWaits", "hangs.TestMain")}"""

GOTESTSUM = """✖  example.com/store (12ms)

=== Failed
=== FAIL: example.com/store TestFlaky (0.00s)
    a_test.go:5: not yet

=== FAIL: example.com/store TestWrong (0.00s)
    a_test.go:9: wrong

=== FAIL: example.com/store TestWrong (re-run 1) (0.00s)
    a_test.go:9: wrong

DONE 2 runs, 6 tests, 3 failures in 0.413s"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            PLAIN,
            {
                "TestWrong": ["failed"],
                "TestTable": ["failed"],
                "TestTable/bad_one": ["failed"],
                "TestTable/bad_one/inner": ["failed"],
            },
        ),
        (RACE, {"TestCounter": ["failed"]}),
        (PANIC, {"TestNil": ["failed"], "TestOther": ["unfinished"]}),
        (TIMEOUT, INNER),
        (TIMEOUT_BEFORE_1_20, {"TestWaits": ["timeout"]}),
        (TIMEOUT_VERBOSE, {"TestWaits": ["timeout"]}),
        (TIMEOUT_IN_MAIN, {"TestWaits": ["unfinished"], "TestHangs": ["timeout"]}),
        (TIMEOUT.replace("testing.(*M)", "example.com/a.TestMain(0x1)\n(*M)"), INNER),
        (GOROUTINE, {"TestWrong": ["failed"], "TestStarts": ["crashed"]}),
        (
            GOROUTINE_VERBOSE,
            {
                "TestWaits": ["unfinished"],
                "TestBeside": ["unfinished"],
                "TestStarts": ["crashed"],
                "TestStarts/inner": ["crashed"],
            },
        ),
        (
            "left over--- FAIL: TestA (0.00s)\nweb-1  | --- FAIL: TestB (0.10s)\nFAIL\ta\t0.1s",
            {"TestA": ["failed"], "TestB": ["failed"]},
        ),
        (FATAL, {"TestA": ["crashed"]}),
        (EXITED, {"TestExits": ["crashed"]}),
        (GOTESTSUM, {"TestFlaky": ["failed", "passed"], "TestWrong": ["failed", "failed"]}),
        (
            f"{TIMEOUT}\n=== RUN   TestA\n\tTestB (1s)\n--- PASS: TestA (0.1s)",
            {"TestWaits/in_vain": ["timeout"]},
        ),
        ("=== RUN   TestA\n##[error]The operation was canceled.", {"TestA": ["unfinished"]}),
        (
            f"{RACE}\n--- PASS: TestCounter (0.00s)\nok  \texample.com/other\t0.1s",
            {"TestCounter": ["failed"]},
        ),
        (
            f"{RACE}\n--- PASS: TestCounter (0.00s)\nok  \texample.com/store/races\t0.1s",
            {"TestCounter": ["failed", "passed"]},
        ),
    ],
)
def test_outcomes(text: str, expected: dict[str, list[str]]) -> None:
    """Each test with its outcomes in order, whether all lines are shown or those of the gate."""
    found = read(go_test, text)
    assert expected == outcomes(found)
    assert found == gated(go_test, text)
    assert found.failed == any(Status(each[-1]).bad for each in expected.values())


def test_the_list_at_the_end_counts_no_failure_twice() -> None:
    """In gotestsum's verbose formats each failure was told when it happened."""
    failed = "--- FAIL: TestA (0.00s)\nFAIL\nFAIL\texample.com/a\t0.1s"
    text = f"{failed}\n=== Failed\n=== FAIL: example.com/a TestA (0.00s)\n\nDONE 1 tests, 1 failure"
    assert outcomes(read(go_test, text)) == {"TestA": ["failed"]}


def test_what_a_test_logged_is_its_report() -> None:
    """A test that failed because of a subtest has the subtest's report."""
    found = read(go_test, PLAIN)
    inner = [("call", ["wrong_test.go:20: inner went wrong"])]
    assert inner == reports(found, "TestTable")
    assert inner == reports(found, "TestTable/bad_one/inner")


def test_a_race_belongs_to_the_test_that_fails_next() -> None:
    """Without `-v` the race detector speaks before the test's result."""
    ((kind, lines),) = reports(read(go_test, RACE), "TestCounter")
    assert (kind, lines[0]) == ("call", "WARNING: DATA RACE")
    assert lines[-1].endswith("race detected during execution of test")


def test_a_panic_belongs_to_the_test_that_just_failed() -> None:
    """Its first line states it; tests of the same package only did not end."""
    found = read(go_test, PANIC)
    assert [kind for kind, _ in reports(found, "TestNil")] == ["call", "crash"]
    assert found.passed == {"TestBefore"}
    assert found.last == "TestNil"


def test_what_a_test_printed_before_it_fell_is_kept() -> None:
    """With `-v` it stands before the end of the package."""
    assert reports(read(go_test, EXITED), "TestExits") == [("call", ["going"])]
    assert [kind for kind, _ in reports(read(go_test, FATAL), "TestA")] == ["call", "crash"]


def test_a_package_that_fails_without_a_test_failed() -> None:
    """It could not be built, or its `TestMain` ended it."""
    found = read(go_test, "FAIL\texample.com/a [setup failed]\nFAIL")
    assert (found.seen, found.failed, found.tests) == (True, True, ())


def test_a_panic_of_the_main_of_tests_is_loose() -> None:
    """`TestMain` is no test."""
    frame = "example.com/a.TestMain(0x7f51fa9905b8?)"
    found = read(go_test, f"panic: setup broke\n{frame}\nFAIL\texample.com/a\t0.1s")
    assert (found.tests, [block.kind for block in found.loose]) == ((), ["crash"])


def test_a_panic_outside_all_tests_is_loose() -> None:
    """`TestMain` or an `init` panicked after tests of another package ran."""
    found = read(go_test, "ok  \ta\t0.1s\npanic: no config\ngoroutine 1 [running]:\nFAIL\tb\t0.1s")
    assert [[line.text for line in block.lines] for block in found.loose] == [
        ["panic: no config", "goroutine 1 [running]:"]
    ]


@pytest.mark.parametrize(
    "text",
    [
        "panic: this server gives up\ngoroutine 1 [running]:\nmain.main()",
        "--- FAIL: this is prose\n=== a heading ===\nDONE in 3s\nFAIL is a word\n##[error]x",
        "=== Failed\n=== nothing",
        "WARNING: DATA RACE\nis what a linter said",
    ],
)
def test_another_log_is_not_ours(text: str) -> None:
    """Nothing is seen, and nothing taken from others' eyes but what a race said."""
    assert not read(go_test, text).seen
    assert [row for row in taken(go_test, text) if "linter" not in row] == []


def test_a_step_that_ends_closes_what_was_open() -> None:
    """What the runner says is no part of a report."""
    text = "--- FAIL: TestA (0.00s)\n    a.go:1: x\n##[error]Process completed with exit code 1.\ny"
    assert reports(read(go_test, text), "TestA") == [("call", ["a.go:1: x"])]


def events(text: str, package: str = "example.com/a") -> list[str]:
    """A package's output as `go test -json` prints it."""
    told: dict[str, str] = {"Time": "2026-02-03T17:46:30Z", "Action": "output", "Package": package}
    rows = [json.dumps(told | {"Test": "T", "Output": f"{row}\n"}) for row in text.split("\n")]
    return [row.replace('": "', '":"') for row in [*rows, json.dumps(told | {"Action": "fail"})]]


@pytest.mark.parametrize(
    "text", [PLAIN, RACE, PANIC, TIMEOUT, TIMEOUT_VERBOSE, FATAL, EXITED, GOROUTINE_VERBOSE]
)
def test_events_say_what_the_text_says(text: str) -> None:
    """With `-json` each line comes wrapped; no line of a test is left for others."""
    wrapped = "\n".join(events(text))
    found = read(go_test, wrapped)
    assert outcomes(found) == outcomes(read(go_test, text))
    assert [test.blocks for test in found.tests] != [()]
    assert found == gated(go_test, wrapped)
    assert taken(go_test, wrapped) == events(text)[:-1]


def test_packages_that_run_side_by_side_are_told_apart() -> None:
    """Their events come in turns; a package that has not ended is read at the end of the step."""
    first = events(f"=== RUN   TestA\n    a_test.go:1: one\n{FATAL}", "example.com/a")
    second = events("=== RUN   TestB\n    b_test.go:1: two\n=== RUN   TestB/inner", "b")[:-1]
    mixed = [row for pair in zip(first, second, strict=False) for row in pair]
    found = read(go_test, "\n".join([*mixed, *first[len(second) :], "##[error]canceled"]))
    expected = {"TestA": ["crashed"], "TestB": ["unfinished"], "TestB/inner": ["unfinished"]}
    assert outcomes(found) == expected
    assert reports(found, "TestA")[0] == ("call", ["a_test.go:1: one", "printed by it"])


def test_endless_events_take_bounded_memory() -> None:
    """Of a package that prints that much, what came is read before it ends."""
    parser = go_test.parser()
    rows = events("=== RUN   TestA\n" + "\n".join(["x" * 60_000] * 100))
    busy = []
    for row in rows[:-1]:
        parser.feed(Line(1, row))
        busy.append(parser.busy)
    assert (busy[0], busy[-1]) == (False, True)
    assert outcomes(parser.result()) == {"TestA": ["unfinished"]}


def test_an_output_is_cleaned_as_a_log_is() -> None:
    """Colours, overwritten text, and several lines inside of an event."""
    row = r'{"Action":"output","Package":"a","Test":"T","Output":"=== RUN   T\u001b[31mestA\n'
    row += r'    busy\r    a.go:1: x\u001b[0m\n--- FAIL: TestA (0.00s)\n"}'
    assert reports(read(go_test, row), "TestA") == [("call", ["a.go:1: x"])]


@pytest.mark.parametrize(
    "row",
    [
        '{"Time":"now"}',
        '{"Action":"output","Output":"--- FAIL: TestA (0.00s)\\n"}',
        '{"Action":"output","Package":7}',
        '{"Action":"start","Package":"a"}',
        '{"Action":"output","Package":"a","Output":"--- FAIL: TestA (0.0',
        '{"Action":"x","a":' + "[" * 5000,
        '{"level":"info","Action":"output","Package":"a","Output":"--- FAIL: TestA (0.00s)\\n"}',
    ],
)
def test_json_that_is_no_event_says_nothing(row: str) -> None:
    """A program's own log, and an event that was cut."""
    assert read(go_test, row) == read(go_test, "")
    assert taken(go_test, row) == []


def test_an_event_that_a_test_prints_is_its_output() -> None:
    """The tests of a tool that reads events print some."""
    row = events("--- FAIL: TestFake (0.00s)")[0]
    text = f"=== RUN   TestA\n{row}\n--- FAIL: TestA (0.00s)\nFAIL\ta\t0.1s"
    found = read(go_test, text)
    assert outcomes(found) == {"TestA": ["failed"]}
    assert reports(found, "TestA") == [("call", [row])]
    wrapped = "\n".join(events(text))
    assert outcomes(read(go_test, wrapped)) == {"TestA": ["failed"]}
