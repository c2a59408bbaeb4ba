"""What pytest prints, in the shapes its plug-ins and xdist give it."""

from __future__ import annotations

import pytest

from flakebot.frameworks import pytest_text
from flakebot.frameworks.pytest_merge import merge
from flakebot.frameworks.pytest_sections import Collector, header, totals
from flakebot.frameworks.pytest_session import Session
from flakebot.frameworks.pytest_status import (
    Word,
    result,
    split_id,
    split_percent,
    split_row,
    status,
)
from flakebot.frameworks.reading import Reading, Room
from flakebot.logs import Line
from flakebot.model import Status

START = "============================= test session starts =============================="
FAILURES = "=================================== FAILURES ==================================="
ERRORS = "==================================== ERRORS ===================================="
SUMMARY = "=========================== short test summary info ============================"
END = "========================= 1 failed, 2 passed in 3.00s =========================="
GOOD = "============================== 2 passed in 3.00s ==============================="
A, B = "tests/x.py::test_a", "tests/x.py::test_b[tcp 1]"


def read(text: str) -> Reading:
    parser = pytest_text.parser()
    for number, row in enumerate(text.strip("\n").split("\n"), 1):
        parser.feed(Line(number, row))
    return parser.result()


def outcomes(text: str) -> dict[str, str]:
    return {test.id: " ".join(test.outcomes) for test in read(text).tests}


# ------------------------------------------------------------------------------------------
# Words


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("PASSED", Word(Status.PASSED)),
        ("SKIPPED (no GPU here)", Word(Status.SKIPPED)),
        ("FAILED [3.6s]", Word(Status.FAILED)),
        ("FAILED [  5/109]", Word(Status.FAILED)),
        ("FAILED          315.7us", Word(Status.FAILED)),
        ("PASSED 1m 3s", Word(Status.PASSED)),
        ("FAILED 3 times", None),
        ("XFAIL", Word(Status.SKIPPED)),
        ("RETRY FAILED (Auto Test Retries)", Word(Status.RERUN, attempt=True, until_passed=True)),
        ("RETRY PASSED (Early Flake Detection)", Word(Status.PASSED, attempt=True)),
        ("RETRY PASSED (Auto Test Retries)", Word(Status.PASSED, attempt=True, until_passed=True)),
        ("ATR RETRY ATTEMPT 1 FAILED", Word(Status.RERUN, attempt=True, until_passed=True)),
        ("ATR RETRY INITIAL ATTEMPT FAILED", Word(Status.RERUN, attempt=True, until_passed=True)),
        ("ATR FINAL STATUS: PASSED", Word(Status.PASSED)),
        ("QUARANTINED", Word(Status.SKIPPED)),
        ("QUARANTINED FINAL STATUS: FAILED", Word(Status.FAILED)),
        ("RETRY SOON", None),
        ("hello", None),
    ],
)
def test_status_words(words: str, expected: Word | None) -> None:
    """Statuses of pytest, those of the rerun plug-ins, and what is none."""
    assert status(words) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{A} PASSED", (A, " PASSED")),
        (f"{B} PASSED", (B, " PASSED")),
        ("tests/x.py::T::test[x[0]] F", ("tests/x.py::T::test[x[0]]", " F")),
        ("tests/x.py::test[a] b] F", ("tests/x.py::test[a]", " b] F")),
        ("tests/x.py::test[[a] b] F", ("tests/x.py::test[[a] b]", " F")),
        ("tests/x.py::test[[ F]", ("tests/x.py::test[[ F]", "")),
        ("tests/x.py::test[cut", ("tests/x.py::test[cut", "")),
        ("tests/x.py::", None),
        ("dynamo::hub: text", None),
        ("a b.py::test", None),
        ("92\t0.05\tray::DashboardAgent", None),
        ("[tests/x.py::test]", None),
        ("no id", None),
    ],
)
def test_ids_end_where_their_parameters_end(text: str, expected: tuple[str, str] | None) -> None:
    """Parameters may hold blanks, brackets and colons."""
    assert split_id(text) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (f"{A} - a - b", (A, " - a - b")),
        (A, (A, "")),
        (f"{B} [88s/300s] (1 retries) - x[0] - y", (B, " [88s/300s] (1 retries) - x[0] - y")),
        ("x.py::t[a - b] - E", ("x.py::t[a - b]", " - E")),
        ("x.py::t[]] - assert ']' == 'x'", ("x.py::t[]]", " - assert ']' == 'x'")),
        ("x.py::t[a] b] - E", ("x.py::t[a] b]", " - E")),
        ("x.py::t[a] b]", ("x.py::t[a] b]", "")),
        ("x.py::t[a] b", ("x.py::t[a]", " b")),
        ("x.py::t hello - y", ("x.py::t", " hello - y")),
        ("x.yaml::first case - E", ("x.yaml::first case", " - E")),
        ("x.yaml::first case", ("x.yaml::first case", "")),
        ("tests/x.py - ImportError", ("tests/x.py", "tests/x.py - ImportError")),
    ],
)
def test_rows_of_a_list_are_split(row: str, expected: tuple[str, str]) -> None:
    """In a list a message follows, so that odd brackets and blanks end nothing."""
    assert split_row(row) == expected


def test_many_brackets_take_linear_time() -> None:
    """Each is looked at once, and not anew with all those before it."""
    text = "x.py::t[[" + "] [" * 200_000
    assert split_id(text) == (text[:-2], " [")


def test_percentages_are_split_off() -> None:
    """Only `[ 61%]` at the end is a percentage."""
    assert split_percent("F [ 61%] ") == ("F", 61)
    assert split_percent("[ 61%]") == ("", 61)
    assert split_percent("[x%]") == ("[x%]", None)
    assert split_percent("x.py::t[100%]") == ("x.py::t[100%]", None)


@pytest.mark.parametrize("text", ["[gw0] [ 8%] hello", "[gw0] FAILED nothing", "[gw0"])
def test_other_lines_of_a_worker_are_no_results(text: str) -> None:
    """A worker's greeting names no test."""
    assert result(text) is None


def test_a_worker_may_print_no_percentage() -> None:
    """The percentage is optional."""
    found = result(f"[gw1] [x%] PASSED {A} ")
    assert found is not None
    assert (found.id, found.worker, found.percent) == (A, "gw1", None)
    found = result(f"[gw1] PASSED {A} ")
    assert found is not None
    assert (found.id, found.percent) == (A, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (END, {"failed": 1, "passed": 2}),
        ("1 failed, 2 passed in 0.12s", {"failed": 1, "passed": 2}),
        ("=== 1 passed, 2 errors in 0.12s ===", {"passed": 1, "error": 2}),
        ("=== no tests ran in 0.12s ===", {}),
        ("=== warnings in 3 files ===", None),
        ("3 files in 2 folders", None),
        (START, None),
    ],
)
def test_the_last_line_of_a_session(text: str, expected: dict[str, int] | None) -> None:
    """The numbers, with and without a frame."""
    assert totals(text) == expected


@pytest.mark.parametrize("text", ["_ _ _ _", "___", "____________", "__init__", "_x_"])
def test_other_lines_are_no_headers(text: str) -> None:
    """Separators inside a failure are not its end."""
    assert header(text) is None


# ------------------------------------------------------------------------------------------
# Sessions


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("status on a later line", f"{A} hello\nworld\nFAILED   [ 61%]", {A: "failed"}),
        ("output before a status", f"{A} \nworldFAILED   [ 61%]", {A: "failed"}),
        ("status behind text", f"{A} \nworld FAILED [ 61%]", {A: "failed"}),
        ("percent without status", f"{A} FAILED\n50 done [ 61%]\n{GOOD}", {A: "failed"}),
        ("status without percent", f"{A} hello\nFAILED", {A: "failed"}),
        ("output before a status on its line", f"{A} helloFAILED [ 61%]", {A: "failed"}),
        ("a word on its line", f"{A} hello FAILED [ 61%]", {A: "failed"}),
        ("a list on its line", f"{B} sent [1, 2] FAILED [ 61%]", {B: "failed"}),
        ("odd brackets", "x.py::t[a] b] FAILED [ 61%]", {"x.py::t[a] b]": "failed"}),
        ("odd brackets, xdist", "[gw0] [ 6%] FAILED x.py::t[a] b] ", {"x.py::t[a] b]": "failed"}),
        ("odd brackets, started", "x.py::t[a] b] \nFAILED [ 61%]", {"x.py::t[a] b]": "failed"}),
        ("a percentage, started", "x.py::t[100%] \nFAILED [ 61%]", {"x.py::t[100%]": "failed"}),
        ("blanks in a name", "x.yaml::one case FAILED [ 61%]", {"x.yaml::one case": "failed"}),
        ("blanks, started", "x.yaml::one case \nFAILED [ 9%]", {"x.yaml::one case": "failed"}),
        ("blanks, output", "x.yaml::case said  \nFAILED [ 9%]", {"x.yaml::case": "failed"}),
        ("blanks, xdist", "[gw0] [ 6%] FAILED x.yaml::one case ", {"x.yaml::one case": "failed"}),
        (
            "blanks, listed",
            f"{SUMMARY}\nFAILED x.yaml::one case - E",
            {"x.yaml::one case": "failed"},
        ),
        ("fixtures shown", f"{B} \n        {B} (fixtures used: x, y) FAILED", {B: "failed"}),
        (
            "fixtures shown, pytest 7",
            f"{A} \n        {A} (fixtures used: x)textFAILED",
            {A: "failed"},
        ),
        ("fixtures shown, none, pytest 7", f"{A} \n        {A}FAILED", {A: "failed"}),
        ("fixtures shown, none used", f"{A} \n        {A} FAILED", {A: "failed"}),
        ("fixtures shown, tear-down", f"{A} \n        {A} FAILED\n{A} ERROR", {A: "failed error"}),
        ("fixtures shown, skipped", f"{A} \n        {A} (fixtures used: x) SKIPPED (why)", {}),
        ("no fixtures shown", f"{A} \n        {B} FAILED\n        {A} x\nFAILED", {A: "failed"}),
        ("counted", f"{A} FAILED           [ 5/109]", {A: "failed"}),
        ("counted, xdist", f"[gw0] [  5/109] FAILED {A} ", {A: "failed"}),
        ("timed", f"{A} FAILED         1m 3s", {A: "failed"}),
        ("timed, xdist", f"[gw0] 315.7us FAILED {A} ", {A: "failed"}),
        (
            "listed for a test and its tear-down",
            f"{SUMMARY}\nERROR {A} - x\nFAILED {A} - y\n{END}",
            {A: "failed error"},
        ),
        ("started only", f"{A} ", {A: "unfinished"}),
        ("started only, session ended", f"{A} hello\n{GOOD}", {}),
        ("glued result", f"some text[gw0] [ 5%] FAILED {A} ", {A: "failed"}),
        ("quoted result", f"E  and: '[gw0] [ 5%] FAILED {A} '", {}),
        ("glued nonsense", "tests/x.py: a::b [gw0] hello", {}),
        ("no test", "2025 INFO dynamo::hub: up", {}),
        (
            "retried",
            (
                f"{A} RETRY FAILED (Auto Test Retries) [ 3%]\n{A} RETRY PASSED (Auto Test "
                f"Retries) [ 3%]\n{A} PASSED [ 3%]"
            ),
            {A: "rerun passed"},
        ),
        (
            "retried in vain",
            f"{A} RETRY FAILED (x)\n{A} RETRY FAILED (x)\n{A} FAILED",
            {A: "rerun failed"},
        ),
        (
            "retried, last attempt not shown",
            f"{A} RETRY FAILED (x)\n{A} PASSED",
            {A: "rerun passed"},
        ),
        (
            "retried for its tear-down",
            f"{A} RETRY PASSED (Auto Test Retries)\n" * 2 + f"{A} FAILED\n{A} ERROR",
            {A: "rerun failed error"},
        ),
        (
            "run again though it passed",
            f"{A} RETRY PASSED (Early Flake Detection)\n" * 2 + f"{A} PASSED",
            {},
        ),
        (
            "listed, and no failure counted",
            f"{START}\n{SUMMARY}\nFAILED {A} - boom\n{GOOD}",
            {A: "rerun passed"},
        ),
        (
            "time-out at set-up",
            f"{A} ERROR\n{ERRORS}\n_ ERROR at setup of test_a _\nE   Failed: Timeout (>1.0s)",
            {A: "error"},
        ),
        (
            "forked",
            f"{A} FAILED\n{FAILURES}\n_ test_a _\n:-1: running the test CRASHED with signal 6",
            {A: "crashed"},
        ),
        (
            "forked under xdist",
            (
                f"[gw0] [ 5%] FAILED {A} \n{FAILURES}\n_ test_a _\n[gw0] linux -- Python 3.11.7\n"
                ":-1: running the test CRASHED with signal 6"
            ),
            {A: "crashed"},
        ),
        ("stray list", f"  FAILED {A} - boom", {A: "failed"}),
        ("stray prose", f"FAILED to run {A}", {}),
        ("stray colons", "ERROR a::b happened", {}),
        ("teardown", f"{A} PASSED\n{A} ERROR", {A: "passed error"}),
        ("skipped and passed", f"{A} PASSED\n{A} SKIPPED", {}),
        ("dots, unfinished", f"{START}\ntests/x.py ..", {"tests/x.py": "unfinished"}),
        ("dots, complete", f"{START}\ntests/x.py .. [100%]", {}),
        ("no dots", f"{START}\ntests/x.py hello", {}),
        (
            "two sessions",
            f"{START}\n{A} FAILED\n{END}\n{START}\n{A} PASSED\n{GOOD}",
            {A: "failed passed"},
        ),
        (
            "session without end",
            f"{START}\n{A} \n{START}\n{A} PASSED\n{GOOD}",
            {A: "unfinished passed"},
        ),
    ],
)
def test_outcomes(name: str, text: str, expected: dict[str, str]) -> None:
    """The outcomes of each shape, in order; the last one counts."""
    assert outcomes(text) == expected, name


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "replaced",
            f"[gw0] node down: x\n[gw0] [ 5%] FAILED {A} \n[gw1] [ 5%] PASSED {A} ",
            {A: "crashed passed"},
        ),
        (
            "replaced, and tried again",
            f"[gw0] node down: x\n[gw0] [ 5%] RETRY FAILED (x) {A} \n[gw1] [ 5%] PASSED {A} ",
            {A: "crashed passed"},
        ),
        ("glued", f"{A} [gw0] node down: x\n[gw0] [ 5%] FAILED {A} ", {A: "crashed"}),
        ("said outside a report", f"worker 'gw0' crashed while running '{A}'", {A: "crashed"}),
        ("said twice", f"worker 'gw0' crashed while running '{A}'\n" * 2, {A: "crashed"}),
        ("said wrongly", "tests::x crashed while running away", {}),
        ("half said", "worker crashed while running", {}),
        (
            "named by the dump",
            (
                f"created: 2/2 workers\n{A} \n{B} \nFatal Python error: Aborted\n\n"
                '  File "/w/tests/x.py", line 3 in test_a\nINTERNALERROR> Traceback'
            ),
            {A: "crashed", B: "unfinished"},
        ),
        ("greeting", f"created: 2/2 workers\n{A} \n[gw0] [ 5%] PASSED {A}[gw4] Python 3", {}),
        (
            "thread time-out in a tear-down",
            f"{A} PASSED [ 50%]\n+++ Timeout +++\n  File x\n+++ Timeout +++",
            {A: "passed timeout"},
        ),
        ("thread time-out of nobody", f"{START}\n+++ Timeout +++\n  File x", {}),
        (
            "thread time-out",
            (
                "created: 2/2 workers\n"
                f"{A} \n+++ Timeout +++\n"
                '  File "/w/tests/x.py", line 3 in test_a\n+++ Timeout +++\n[gw0] node down: x\n'
                f"[gw0] FAILED {A} "
            ),
            {A: "timeout"},
        ),
    ],
)
def test_crashes(name: str, text: str, expected: dict[str, str]) -> None:
    """A worker that dies crashes its test, whoever says so."""
    assert outcomes(text) == expected, name


def test_a_session_that_ended_runs_no_test() -> None:
    """What is silent later is none of its tests; one that never came down still is."""
    assert (read(f"{START}\n{A} FAILED [ 50%]").last, read(f"{A} PASSED [ 50%]").percent) == (A, 50)
    found = read(f"{START}\n{A} PASSED [100%]\n{GOOD}\nbuilding")
    assert (found.last, found.percent) == (None, None)
    found = read(f"{START}\n{A} PASSED [100%]\n{GOOD}\n{START}\ntests/x.py .. [ 50%]")
    assert (found.last, found.percent) == (None, 50)


def test_workers_are_counted() -> None:
    """The announced number, else those that were seen."""
    assert read("created: 4/4 workers").workers == 4
    assert read("4 workers [12 items]").workers == 4
    assert read(f"[gw1] PASSED {A} \nworker hello\nmany workers [no items]").workers == 1


def test_too_many_crashes_leave_tests_unfinished() -> None:
    """When xdist gives up, what it had started never ended."""
    text = f"created: 2/2 workers\n{A} \nmaximum crashed workers reached: 16\n{GOOD}"
    assert outcomes(text) == {A: "unfinished"}
    assert read(text).failed


def test_a_dump_without_a_test_is_kept() -> None:
    """A crash in a run with dots names no test, and must not be lost."""
    text = f"{START}\ntests/x.py .Fatal Python error: ..Aborted\n\nCurrent thread 0x0:\n.\nhello"
    found = read(text)
    assert found.tests == ()
    assert found.loose[0].lines[0].text == "Fatal Python error: Aborted"


@pytest.mark.parametrize(
    "torn",
    [
        f"[gw1] [ 5%] PASSED {B} Fatal Python error: \nAborted",
        f"Fatal Python error: \n[gw1] [ 5%] PASSED {B} Aborted",
        f"{B} Fatal Python error: \n{B} \n[gw1] [ 5%] PASSED {B} \nAborted",
        f"Fatal Python error: {B} \n{B} \n[gw1]Aborted",
        f"Fatal Python error: Fatal Python error: AbortedAborted\n[gw1] [ 5%] PASSED {B} ",
    ],
)
def test_a_torn_announcement_is_one(torn: str) -> None:
    """Its halves stand around the lines of other workers (seen in 44 % of 360 aborts)."""
    found = read(
        f"{START}\ncreated: 2/2 workers\n{A} \n{torn}\n\n"
        '  File "/w/tests/x.py", line 3 in test_a\n'
        f"[gw0] node down: Not properly terminated\n[gw0] [ 9%] FAILED {A} \n"
    )
    tests = {str(test.id): test for test in found.tests}
    assert tests[A].blocks[0].lines[0].text in {
        "Fatal Python error: Aborted",
        "Fatal Python error: AbortedAborted",
    }
    assert tests[A].outcomes == (Status.CRASHED,)
    assert B not in tests or Status.CRASHED not in tests[B].outcomes


EARLY = """Fatal Python error: Aborted

Current thread 0x00007fc51ecc5040 (most recent call first):
  File "/w/tests/x.py", line 3 in test_a
"""


def assert_a_aborted(found: Reading) -> None:
    """The dump is that of test A, and nothing is left over."""
    (test,) = found.tests
    assert (test.id, test.outcomes) == (A, (Status.CRASHED,))
    assert test.blocks[0].lines[0].text == "Fatal Python error: Aborted"
    assert found.loose == ()


def test_a_dump_that_overtakes_the_session_is_its_tests() -> None:
    """Into a pipe, as that of a container, pytest's own output is buffered and a dump is not."""
    found = read(
        f"{EARLY}{START}\ncreated: 2/2 workers\n{A} \n"
        f"[gw1] node down: Not properly terminated\n[gw1] [ 50%] FAILED {A} \n"
    )
    assert_a_aborted(found)


@pytest.mark.parametrize("half", ["Fatal Python error: ", "Aborted", "\n", "\nCurrent thread "])
def test_a_session_may_start_amid_the_dump_of_its_first_crash(half: str) -> None:
    """The whole of pytest's buffered output comes between two of faulthandler's writes."""
    before, _, after = EARLY.partition(half)
    start = f"{START}\nplatform linux\ncachedir: x\nrootdir: /w\nplugins: xdist-3.8.0\n"
    found = read(
        f"{before}{half}{start}created: 2/2 workers\n2 workers [4 items]\n\nscheduling tests\n\n"
        f"{A} \n{after}[gw1] node down: Not properly terminated\n[gw1] [ 50%] FAILED {A} \n"
    )
    assert_a_aborted(found)


def test_a_dump_before_a_session_without_a_crash_stays_its_own() -> None:
    """Another process died before: nobody's test is blamed, and the crash is not lost."""
    found = read(f"{EARLY}{START}\n{A} PASSED\n==== 1 passed in 0.1s ====\n")
    assert found.tests == ()
    assert [block.lines[0].text for block in found.loose] == ["Fatal Python error: Aborted"]


@pytest.mark.parametrize(
    ("head", "told"),
    [(f"{START}\n", True), (f"{A} PASSED\n", True), (".F", False), ("", False), ("hello ", False)],
)
def test_a_dump_outside_of_pytest_is_evidence_of_the_job(head: str, *, told: bool) -> None:
    """A script may crash as well, and dots may be those of another tool."""
    parser = pytest_text.parser()
    rows = f'{head}Fatal Python error: Bus error\n  File "/w/x.py", line 3 in main'.split("\n")
    taken = [parser.feed(Line(number, row)) for number, row in enumerate(rows, 1)]
    assert taken[-2:] == [told, told]
    assert parser.result().seen is told


@pytest.mark.parametrize(
    ("frame", "seen"),
    [
        ("/v/site-packages/_pytest/python.py", True),
        ("C:\\v\\Lib\\site-packages\\_pytest\\python.py", True),
        ("/v/unittest/case.py", False),
    ],
)
def test_a_dump_proves_whose_dots_they_are(frame: str, *, seen: bool) -> None:
    """`pytest -q` prints nothing else before a process dies; unittest prints dots as well."""
    found = read(
        "..Fatal Python error: Aborted\n\nCurrent thread 0x0 (most recent call first):\n"
        f'  File "/w/tests/x.py", line 3 in test_a\n  File "{frame}", line 187 in run'
    )
    assert found.seen is seen
    assert found.loose[0].kind == "crash"


def test_half_an_announcement_stays_half() -> None:
    """What comes later is not searched for the other half without end."""
    found = read("Fatal Python error: \n" + "hello\n" * 20 + "Aborted\n")
    assert found.loose[0].lines[0].text == "Fatal Python error: "


def test_half_an_announcement_is_no_dump() -> None:
    """What only looks like a crash is a line like others."""
    assert outcomes(f"{START}\nWindows fatal \n{GOOD}") == outcomes(f"{START}\n{GOOD}")


def test_a_native_stack_belongs_to_the_dump() -> None:
    """Python 3.14 writes one below the frames of Python."""
    frame = '  Binary file "/repo/native.so", at router_free+0x12 [0x7f]'
    text = f"Fatal Python error: Aborted\n\nCurrent thread's C stack trace (most\n{frame}\nhello"
    assert read(text).loose[0].lines[-1].text == frame


def test_a_long_dump_is_cut() -> None:
    """A dump takes bounded memory."""
    text = "Fatal Python error: Aborted\n" + '  File "x"\n' * 500
    assert len(read(text).loose[0].lines) == 200


def test_many_dumps_are_not_all_kept() -> None:
    """Nor does a log full of dumps take more than so much."""
    assert len(read("Fatal Python error: Aborted\n" * 500).loose) == 100


@pytest.mark.parametrize("end", ["##[group]Run x", "FAILED [ 61%]"])
def test_a_dump_of_a_time_out_ends(end: str) -> None:
    """The runner or the test's status ends a dump that has no end mark."""
    found = read(f"{A} +++ Timeout +++\n  File x\n{end}")
    assert [str(test.outcomes[-1]) for test in found.tests] in (["timeout"], ["failed"])


def test_an_interrupted_session_says_so() -> None:
    """`!!! Interrupted` of a collection error ends nothing; a keyboard interrupt does."""
    kept = outcomes(f"{A} \n!!!!! KeyboardInterrupt !!!!!\n{GOOD}")
    assert kept == {A: "unfinished"}
    assert outcomes(f"{A} \n!!!!! stopping after 1 failures !!!!!\n{END}") == {}


def test_windows_fatal_exceptions_are_crashes() -> None:
    """CPython's words on Windows."""
    assert outcomes(f"{A} Windows fatal exception: access violation") == {A: "crashed"}


# ------------------------------------------------------------------------------------------
# Reports


def test_a_header_is_bound_to_its_test() -> None:
    """Functions of one name in two files: the file in the report tells them apart."""
    other = "tests/y.py::test_a"
    text = f"""
{A} FAILED
{other} FAILED
{FAILURES}
____ test_a ____
tests/y.py:3: in test_a
E   AssertionError: y
____ test_a ____
E   AssertionError: any
____ test_a ____
E   AssertionError: third
____ unknown ____
E   AssertionError: nobody's
{END}"""
    found = {str(test.id): [b.lines[-1].text for b in test.blocks] for test in read(text).tests}
    assert found[other] == ["E   AssertionError: y"]
    assert found[A] == ["E   AssertionError: any", "E   AssertionError: third"]


def test_a_subtest_belongs_to_its_test() -> None:
    """The report of a subtest is one of the test's own, with or without a message."""
    text = (
        f"{A} SUBFAILED[responses] (plane='tcp') [ 50%]\n{A} FAILED [100%]\n{FAILURES}\n"
        "_____ test_a [responses] (plane='tcp') _____\nE   assert 24 == 25\n"
        "_____ test_a (plane='http') _____\nE   assert 23 == 25\n"
        "_____ test_a _____\ncontains 2 failed subtests\n" + END
    )
    found = [[b.lines[-1].text for b in test.blocks] for test in read(text).tests]
    assert found == [["E   assert 24 == 25", "E   assert 23 == 25", "contains 2 failed subtests"]]


def test_tests_without_progress_come_from_the_report() -> None:
    """Old pytest with dots and no list of failures: the headers are all there is."""
    text = f"""
{FAILURES}
____ SSHTest.test_1 ____
E   OSError: no
____ ERROR at setup of test_2 ____
E   OSError: no
{END}"""
    assert outcomes(text) == {"SSHTest.test_1": "failed", "test_2": "error"}


ELSEWHERE = """____ ERROR at setup of T.test_a ____
    def fixture():
>       raise OSError
E       OSError
conftest.py:8: OSError"""


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (
            "self = 1\n\n>   def test_a(self): f()\nE   assert 0\n\ntests/x.py:3: AssertionError",
            "tests/x.py::T::test_a[1-a.b [c]]",
        ),
        (
            "    async def test_a():\n>       f()\n\ntests/x.py:3: \n_ _ _\nlib.py:9: OSError",
            "tests/x.py::T::test_a[1-a.b [c]]",
        ),
        (
            "tests/x.py:3: in test_a\n    f()\nlib.py:9: in f\nE   O",
            "tests/x.py::T::test_a[1-a.b [c]]",
        ),
        ("lib.py:9: in f\ntests/x.py:3: in test_a\nE   O", "T.test_a[1-a.b [c]]"),
        ("Traceback (most recent call last):\nE   O", "T.test_a[1-a.b [c]]"),
    ],
)
def test_a_report_that_shows_the_file_makes_the_id_whole(report: str, expected: str) -> None:
    """`-rN` prints no list, and dots name no test."""
    text = f"""{START}
tests/x.py F                  [100%]
{FAILURES}
____ T.test_a[1-a.b [c]] ____
{report}
{END}"""
    assert outcomes(text) == {expected: "failed"}


def test_a_report_tells_the_whole_id_of_a_test_whose_fixture_failed_too() -> None:
    """Errors are printed first, from the file of the fixture; a sub-test is one of its test."""
    text = f"""{START}
{ERRORS}
{ELSEWHERE.replace("setup", "teardown")}
{ELSEWHERE.replace("test_a", "test_b")}
{ELSEWHERE.replace("test_a", "test_c").replace("setup", "teardown")}
{FAILURES}
____ T.test_a [said] (i=1) ____
>   def test_a(self): assert 0
tests/x.py:3: AssertionError
{END}"""
    assert outcomes(text) == {
        "tests/x.py::T::test_a": "failed error",
        "T.test_b": "error",
        "T.test_c": "passed error",
    }


def test_a_count_of_failures_is_all_that_is_left_of_them() -> None:
    """`--no-summary` prints no report and no list."""
    found = read(f"{START}\ntests/x.py .F [100%]\n\n{END}")
    assert [(block.kind, block.lines[0].text) for block in found.loose] == [("summary", END)]
    assert read(f"{START}\n{A} FAILED\n{END}").loose == ()


def test_lists_are_read_only_where_nothing_else_is() -> None:
    """A test that passed in the end stays passed, whatever the list says."""
    text = f"{A} RERUN\n{A} PASSED\n{SUMMARY}\nFAILED {A} - x\nFAILED {B} - y\n{END}"
    assert outcomes(text) == {A: "rerun passed", B: "failed"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (f"FAILED [3.2s] {A} - boom", {A: "failed"}),
        ("ERROR tests/x.py - ImportError", {"tests/x.py": "error"}),
        ("ERROR    root:x.py:3 hello", {}),
        ("ERROR nothing", {}),
        ("FAILED", {}),
        ("  continued message", {}),
        (f"PASSED {A}", {}),
    ],
)
def test_rows_of_the_list(row: str, expected: dict[str, str]) -> None:
    """Ids in the list, with durations and messages; continued messages are no rows."""
    assert outcomes(f"{SUMMARY}\n{row}\n1 failed in 0.1s") == expected


def test_a_session_inside_captured_output_is_not_ours() -> None:
    """A test of a plug-in prints a whole session; only its own header counts."""
    text = f"""
{A} FAILED
{B} PASSED
{FAILURES}
____ test_a ____
E   AssertionError: inner failed
---- Captured stdout call ----
{START}
{FAILURES}
____ test_inner ____
E   ValueError: inner
=== 1 failed in 0.1s ===
____ test_next ____
E   KeyError: 1
{END}"""
    found = read(text)
    assert outcomes(text) == {A: "failed"}
    assert len(found.tests[0].blocks) == 1


QUIET = f"""---- Captured stdout call ----
F.                                                                       [100%]
{FAILURES}
____ test_inner ____
E   ValueError: inner
{SUMMARY}
FAILED tests/inner.py::test_inner - ValueError: inner
1 failed, 1 passed in 0.12s"""
DEEPER = f"""{FAILURES}
____ test_deeper ____
---- Captured stdout call ----
{START}
{END}"""
BRIEF = f"---- Captured stdout call ----\n{SUMMARY}\nFAILED tests/inner.py::t - x\n1 failed in 0.1s"


@pytest.mark.parametrize("inner", [QUIET, BRIEF, f"{QUIET}\n{QUIET}", f"{QUIET}\n{BRIEF}"])
@pytest.mark.parametrize("section", [FAILURES, FAILURES.replace("FAILURES", "==PASSES")])
def test_a_quiet_session_inside_captured_output_is_not_ours(inner: str, section: str) -> None:
    """It prints no start, and its last line has no frame, so that it ends nothing of ours."""
    text = f"""{START}
{A} FAILED
{B} FAILED
{section}
____ test_a ____
E   AssertionError: outer
{inner}
____ test_b[tcp 1] ____
E   KeyError: 1
{SUMMARY}
FAILED {A} - AssertionError: outer
FAILED {B} - KeyError: 1
{END}"""
    found = read(text)
    assert outcomes(text) == {A: "failed", B: "failed"}
    if section == FAILURES:
        assert [test.blocks[0].lines[0].text for test in found.tests] == [
            "E   AssertionError: outer",
            "E   KeyError: 1",
        ]


INNER = """platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0
rootdir: /tmp/pytest-of-root/pytest-87/test_a0
collected 2 items

test_inner.py F."""
FAILED_INNER = f"""{INNER}                                                         [100%]

{FAILURES}
____ test_inner ____
E   ValueError: inner
{SUMMARY}
FAILED test_inner.py::test_inner - ValueError: inner
{END}
"""


@pytest.mark.parametrize(
    "shown",
    [
        f"{A} {START}\n{FAILED_INNER}\nFAILED\n{B} PASSED",
        f"{A} run it\n{START}\n{FAILED_INNER}\nFAILED\n{B} PASSED",
        f"{A} run it\n{START}\n{FAILED_INNER}\n{START}\n{FAILED_INNER}\nFAILED\n{B} PASSED",
        f"{A} {START}\n{INNER}\nFAILED\n{B} PASSED",
        f"{A} FAILED\n{B} {START}\n{INNER}\ntests/y.py::test_c {START}\n{FAILED_INNER}\nPASSED",
        f"{A} {QUIET.partition(chr(10))[2]}\nFAILED\n{B} PASSED",
        f"{A} {QUIET.rpartition(chr(10))[0]}\nFAILED\n{B} PASSED",
        f"tests/x.py {START}\n{FAILED_INNER}\nF{START}\n{FAILED_INNER}\n.",
        f"tests/x.py {START}\n{INNER}\nF{START}\n{FAILED_INNER}\n.",
        f"tests/x.py run it\n{START}\n{INNER}\nFrun it\n{START}\n{INNER}\n.",
        f"tests/x.py {START}\n{FAILED_INNER.replace(FAILURES, DEEPER)}\nF.",
    ],
)
@pytest.mark.parametrize("root", ["/tmp/pytest-of-root/pytest-1/t0", "C:\\Temp\\pytest-of-x\\t0"])
def test_a_session_that_a_running_test_prints_is_not_ours(shown: str, root: str) -> None:
    """With `-s`, also when it is killed before its last line."""
    text = f"""{START}
{shown.replace("/tmp/pytest-of-root/pytest-87/test_a0", root)}
{FAILURES}
____ test_a ____
E   AssertionError: outer
{SUMMARY}
FAILED {A} - AssertionError: outer
{END}"""
    found = read(text)
    assert outcomes(text) == {A: "failed"}
    assert [row.text for row in found.tests[0].blocks[0].lines] == ["E   AssertionError: outer"]
    assert found.counts[Status.FAILED] == 1


def test_a_session_is_not_anothers_because_that_was_killed() -> None:
    """It begins on a line of its own, with its files where those of a project are."""
    text = f"{START}\n{A} \n{START}\nrootdir: /w\n{B} FAILED\n{END}"
    assert outcomes(text) == {A: "unfinished", B: "failed"}


@pytest.mark.parametrize(
    "inner", [f"{START}\n{INNER}", f"{START}\n{INNER}\n{QUIET}", QUIET.rpartition("\n")[0]]
)
def test_a_killed_session_inside_captured_output_takes_no_report_along(inner: str) -> None:
    """Without its last line it ends where the next header cannot be one of its own."""
    text = f"""{START}
{A} FAILED
{B} FAILED
{FAILURES}
____ test_a ____
E   AssertionError: outer
---- Captured stdout call ----
{inner}
____ test_b[tcp 1] ____
E   KeyError: 1
{END}"""
    assert [test.blocks[0].lines[0].text for test in read(text).tests] == [
        "E   AssertionError: outer",
        "E   KeyError: 1",
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (f"{SUMMARY}\nRERUN {A}\nRERUN {A}", "rerun rerun passed"),
        (f"{FAILURES}\n_ test_a _\nE   x\n{SUMMARY}\nRERUN {A}", "rerun failed"),
        (
            f"{ERRORS}\n_ ERROR at setup of test_a _\nE   x\n{SUMMARY}\nRERUN {A}",
            "rerun error",
        ),
        (
            (
                f"{SUMMARY.replace('short', 'rerun')}\nRERUN {A}\nFAILED {A}\n"
                f"{SUMMARY}\nFAILED {A} - x"
            ),
            "rerun failed",
        ),
    ],
)
def test_a_list_of_reruns_does_not_say_how_they_ended(rows: str, expected: str) -> None:
    """With dots: a test that no report tells of passed at last; one in both lists failed once."""
    assert outcomes(f"{START}\ntests/x.py R.\n{rows}\n{END}") == {A: expected}


def test_a_report_that_was_cut_ends_where_the_runner_speaks() -> None:
    """After a cut report the next step's lines are read as usual."""
    text = f"{A} FAILED\n{FAILURES}\n____ test_a ____\nE  x\n##[group]Run more\n{B} FAILED"
    assert outcomes(text) == {A: "failed", B: "failed"}


def test_unknown_headings_belong_to_the_report() -> None:
    """A frame of `=` that a test printed ends no report, and starts none."""
    text = f"=== hello ===\n{FAILURES}\n____ test_a ____\n=== mine ===\n==\nE  x\n{END}"
    assert [line.text for line in read(text).tests[0].blocks[0].lines] == [
        "=== mine ===",
        "==",
        "E  x",
    ]


def test_echoed_scripts_are_not_read() -> None:
    """A script that names a test runs nothing."""
    parser = pytest_text.parser()
    assert parser.feed(Line(1, f"{A} FAILED", echoed=True)) is False
    assert parser.result().tests == ()


def test_long_reports_are_cut_in_the_middle() -> None:
    """The head and the end of a failure stay; of captured output only the head."""
    collector = Collector()
    collector.enter("FAILURES")
    collector.feed(Line(1, "before any header"))
    collector.feed(Line(2, "____ test_a ____"))
    for number in range(3, 1003):
        collector.feed(Line(number, f"line {number}"))
    collector.feed(Line(1003, "---- Captured stdout call ----"))
    collector.feed(Line(1004, "printed"))
    ((_, block),) = collector.take()
    assert [block.lines[i].number for i in (0, 249, 250, -1)] == [3, 252, 853, 1002]


def test_totals_of_a_run_with_dots_are_counted() -> None:
    """Tests that no line names are in the numbers of the last line."""
    found = read(f"{START}\ntests/x.py ..F [100%]\n{SUMMARY}\nFAILED {A} - x\n{END}")
    assert found.counts == {Status.PASSED: 2, Status.FAILED: 1}


@pytest.mark.parametrize("before", ["", "============ warnings summary ============\nx\n"])
def test_a_last_line_that_fills_the_terminal_ends_its_session(before: str) -> None:
    """No room is left for more than one `=` at each side."""
    long = "= 1 failed, 1062 passed, 22 skipped, 1 xfailed, 1 xpassed, 15 warnings in 100.53s ="
    found = read(f"{START}\ntests/x.py ..F [100%]\n{before}{long}\n")
    assert found.counts == {Status.PASSED: 1063, Status.SKIPPED: 23}
    assert found.failed


def test_expected_failures_and_reruns_are_counted_too() -> None:
    """The same numbers as those of a run with `-v`."""
    end = "== 2 passed, 1 skipped, 1 xfailed, 1 xpassed, 3 rerun in 3.00s =="
    assert read(f"{START}\ntests/x.py ..xXsR [100%]\n{end}").counts == {
        Status.PASSED: 3,
        Status.SKIPPED: 2,
        Status.RERUN: 3,
    }


# ------------------------------------------------------------------------------------------
# ai-dynamo/dynamo's scheduler on GPUs

GPU = f"""
[wait] for it
[w0] {A}  profiled=3.8 GiB, timeout=300s
[w5] tests/x.py::test_c SKIPPED - reason
[w0] {A} (GPU0, profiled=3.8 GiB) RUNNING
[elapsed 12s] GPU0: 4.1/48 GiB [w0(12s)] [queued: w3, w4]
[w0] retrying (1/3) — Engine core initialization failed
[w0] {A} (GPU0, profiled=3.8 GiB) RUNNING (retry 1)
[w0] {FAILURES}
[w0] ____ test_a ____
[w0] E   AssertionError: wrong worker
[w0] {A} FAILED [103s]
[w9] retrying (1/3) — nobody
{SUMMARY}
PASSED [w1] tests/x.py::test_y [88s/300s] (1 retries)
FAILED [w0] {A} [103s/300s] (3 retries) - E   AssertionError: ...
========== 1 failed, 1 passed, 1 skipped in 412.10s (6:52) (vs 1100s seq, 2.7x) =========="""


def test_tests_in_gpu_slots() -> None:
    """Retries in a slot, the inner pytest's report, and the list at the end."""
    found = read(GPU)
    assert outcomes(GPU) == {A: "rerun failed", "tests/x.py::test_y": "rerun passed"}
    assert found.tests[0].blocks[0].lines[0].text == "E   AssertionError: wrong worker"


@pytest.mark.parametrize("number", ["²", "9" * 5000, "", "-1"])
def test_a_percentage_is_a_small_number(number: str) -> None:
    """Anybody can print what looks like one."""
    text = f"a.py::t PASSED [{number}%]"
    assert (text, None) == split_percent(text)
    assert outcomes(f"[gw0] [{number}%] FAILED a.py::t ") == {"a.py::t": "failed"}


def test_a_number_without_end_is_no_number_of_tests() -> None:
    """Anybody can print one."""
    digits = "9" * 5000
    assert totals(f"== {digits} passed in 1s ==") is None
    assert read(f"created: 1/{digits} workers\n{digits} workers [1 items]").workers == 0


def test_a_test_that_began_and_is_not_heard_of_again_is_left_out() -> None:
    """Its status may stand in words that nobody knows; the session went on to its end."""
    assert outcomes("a.py::t /lib/warnings.py:7: Warning: \na.py::u PASSED [ 20%]") == {}


def test_passed_tests_beyond_what_is_remembered_are_counted() -> None:
    """A log of any length takes bounded memory; what does not simply pass keeps its name."""
    session = Session(room=Room(2))
    for number, word in enumerate(["PASSED", "PASSED", "PASSED", "FAILED", "PASSED"]):
        found = status(word)
        assert found is not None
        session.report(f"tests/x.py::test_{number}", found, number)
    reading = merge([session])
    assert sorted(reading.passed) == ["tests/x.py::test_0", "tests/x.py::test_1"]
    assert reading.nameless == 2
    assert reading.counts == {Status.PASSED: 4, Status.FAILED: 1}
