"""From a log to its causes: what explains what, and what a person reads first."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from flakebot.frameworks.reading import Block
from flakebot.logs import Line
from flakebot.model import Hang, LogReading, Problem, Status, TestId
from flakebot.reading import causes, rules
from flakebot.reading.classify import CUT, read_log
from flakebot.reading.readings_json import to_json
from flakebot.reading.rules import RuleSet
from flakebot.settings import Limits

A, B = "tests/x.py::test_a", "tests/x.py::test_b"
EXIT = "##[error]Process completed with exit code 1."
CANCEL = "##[error]The operation was canceled."
POST = "Cleaning up orphan processes"


def read(*rows: str, gap: int = 0) -> LogReading:
    """A log in GitHub's envelope; `gap` minutes pass before the first `##[error]`."""
    minute, text = 0, []
    for row in rows:
        minute = gap if row.startswith("##[error]") else minute
        text.append(f"2026-02-03T{10 + minute // 60}:{minute % 60:02}:00.0000000Z {row}")
    data = "".join(f"{row}\n" for row in text).encode()
    return read_log("job.log", [data], rules.builtin(), Limits())


def plain(*rows: str) -> LogReading:
    return read_log("job.log", ["\n".join(rows).encode()], rules.builtin(), Limits())


def categories(reading: LogReading) -> list[str]:
    return [cause.category.value for cause in reading.causes]


def report(test: str, *rows: str) -> tuple[str, ...]:
    name = test.rpartition("::")[2]
    return (
        f"{test} FAILED",
        "=== FAILURES ===",
        f"____ {name} ____",
        *rows,
        "== 1 failed in 1s ==",
    )


# ------------------------------------------------------------------------------------------
# Tests


@pytest.mark.parametrize(
    ("rows", "category", "text"),
    [
        (("E   AssertionError: a",), "assertion", "AssertionError: a"),
        (("E   AssertionError: a", "E   assert not 1"), "assertion", "AssertionError: a"),
        (("E   AssertionError: a", "", "E   assert b", "E   assert c"), "assertion", "assert b"),
        (("E   ValueError: a", "", "E   KeyError: b"), "exception", "KeyError: b"),
        (("Expected:", "    5", "-- Captured stdout --"), "assertion", "Expected:"),
        (("  nothing", "-- Captured stdout call --", "OSError: x"), "unknown", f"{A} FAILED"),
        (("  nothing",), "unknown", f"{A} FAILED"),
        (("E   something odd",), "exception", "something odd"),
        (("E   AssertionError: log says Connection refused",), "assertion", None),
        (("E   assert 'x' in 'y'", "E     Connection refused"), "assertion", None),
        (("E   ConnectionRefusedError: [Errno 111] x",), "network-connection", None),
        (("E   OSError: Retrying in 1s [Retry 1/5]",), "exception", None),
        (("E   OSError: 503 Server Error: down for url: x",), "network-http-5xx", None),
        (
            ("/site-packages/huggingface_hub/x.py:1", "E   E: 503 Server Error: down for url: x"),
            "hf-fetch",
            None,
        ),
        (
            (
                "E   huggingface_hub.errors.OfflineModeIsEnabled: Cannot reach x",
                "",
                "E   LocalEntryNotFoundError: trying to locate the file on the Hub",
            ),
            "hf-access",
            None,
        ),
    ],
)
def test_the_report_decides(rows: tuple[str, ...], category: str, text: str | None) -> None:
    """The innermost error decides; captured output, retries and quotations do not."""
    cause = read(*report(A, *rows), EXIT).causes[0]
    assert cause.category.value == category
    assert text is None or cause.text == text


def test_one_cause_explains_many_tests() -> None:
    """The same failure of several tests is one cause with all of them."""
    rows = ["=== FAILURES ==="]
    for name, port in (("test_a", 40225), ("test_b", 51234)):
        rows += [f"____ {name} ____", f"E   OSError: refused by 127.0.0.1:{port}"]
    found = read(f"{A} FAILED", f"{B} FAILED", *rows, "== 2 failed in 1s ==", EXIT)
    assert [cause.tests for cause in found.causes] == [(A, B)]
    assert [test.cause for test in found.tests] == [0, 0]


def test_outer_causes_are_read_first() -> None:
    """Those of the machine, then crashes, then many tests, then the unknown."""
    found = read(
        f"{A}1 FAILED",
        f"{A}2 FAILED",
        f"{A}3 Fatal Python error: Segmentation fault",
        "",
        "Current thread 0x1 (most recent call first):",
        '  File "/w/tests/x.py", line 3 in test_a3',
        "=== FAILURES ===",
        "____ test_a1 ____",
        "E   AssertionError: a",
        "____ test_a2 ____",
        "E   OSError: [Errno 28] No space left on device",
        EXIT,
    )
    assert categories(found) == ["disk-full", "crash-sigsegv", "assertion"]
    assert found.causes[1].excerpt[-1].endswith("in test_a3")


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (
            ["AssertionError: a", "OSError: [Errno 111] Connection refused"],
            ["assertion", "network-connection"],
        ),
        (
            ["OSError: [Errno 111] Connection refused", "AssertionError: a"],
            ["network-connection", "assertion"],
        ),
    ],
)
def test_an_outer_cause_of_one_test_waits_for_its_turn(
    errors: list[str], expected: list[str]
) -> None:
    """A person reads the first failure first, whosever fault it is."""
    first, second = errors
    found = read(
        f"{A} FAILED",
        f"{B} FAILED",
        "=== FAILURES ===",
        "____ test_a ____",
        f"E   {first}",
        "____ test_b ____",
        f"E   {second}",
        "== 2 failed in 1s ==",
        EXIT,
    )
    assert categories(found) == expected


def test_what_passed_in_the_end_is_read_after_what_did_not() -> None:
    """A crash that a rerun healed is not why the job is red."""
    found = read(
        f"{A} RERUN",
        f"{A} PASSED",
        f"{B} FAILED",
        "=== FAILURES ===",
        "____ test_b ____",
        "E   AssertionError: b",
        "=== rerun test summary info ===",
        f"RERUN {A}",
        "== 1 failed, 1 passed, 1 rerun in 1s ==",
        EXIT,
    )
    assert [cause.tests for cause in found.causes] == [(B,), (A,)]


def test_an_error_of_the_framework_blames_no_test() -> None:
    """The test that ran at that moment is not named."""
    found = read(
        "===== test session starts =====",
        f"{A} ",
        "INTERNALERROR> Traceback (most recent call last):",
        'INTERNALERROR>   File "/w/conftest.py", line 6, in pytest_runtest_logreport',
        "INTERNALERROR> NotImplementedError: no such report",
        "== no tests ran in 0.02s ==",
        EXIT,
    )
    assert found.tests == ()
    assert [(cause.text, cause.tests) for cause in found.causes] == [
        ("NotImplementedError: no such report", ())
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("one line\nhalf a li", [CUT]),
        ("one line\n", []),
        (f"one line\n{POST}", []),
    ],
)
def test_a_log_that_ends_within_a_line_was_cut(text: str, problems: list[str]) -> None:
    """GitHub ends every line; a log of no known origin may not."""
    rows = text.split("\n")
    stamped = "\n".join(f"2026-02-03T10:00:00.0000000Z {row}" if row else "" for row in rows)
    found = read_log("a", [stamped.encode()], rules.builtin(), Limits())
    assert [problem.reason for problem in found.problems] == problems
    assert read_log("a", [text.encode()], rules.builtin(), Limits()).problems == ()


@pytest.mark.parametrize(
    ("rows", "category"),
    [
        (("TypeError [Error]: a",), "exception"),
        (("AssertionError [ERR_ASSERTION]: a",), "assertion"),
        (("Errno::ECONNREFUSED: Connection refused",), "network-connection"),
        (
            (
                "java.lang.IllegalStateException: a",
                "Caused by: java.net.ConnectException: Connection refused",
            ),
            "network-connection",
        ),
    ],
)
def test_heads_of_errors_of_all_languages(rows: tuple[str, ...], category: str) -> None:
    """Among lines that say nothing they state the error."""
    lines = tuple(Line(n, row) for n, row in enumerate(("  noise", *rows, "  noise"), 1))
    cause = causes.of_block(Block(kind="call", lines=lines), rules.builtin())
    assert cause is not None
    assert (cause.category, cause.text) == (category, rows[-1].removeprefix("Caused by: "))


def test_a_failing_cargo_test_panics() -> None:
    """Two frameworks in one log; the panic's line is the cause."""
    found = read(
        f"{A} PASSED",
        "test a::b ... FAILED",
        "---- a::b stdout ----",
        "thread 'a::b' (5361) panicked at src/lib.rs:2:74:",
        "assertion failed: x",
        "failures:",
        EXIT,
    )
    assert (found.frameworks, categories(found)) == (("pytest", "cargo-test"), ["panic"])
    assert found.causes[0].text.startswith("thread 'a::b'")


# ------------------------------------------------------------------------------------------
# Jobs


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("##[group]Run a", "##[endgroup]", "fatal: early EOF", EXIT), ["git-fetch"]),
        (("nothing known", EXIT), ["unknown"]),
        (("fatal: early EOF", "##[group]Run b", "##[endgroup]", "x", EXIT), ["unknown"]),
        (("fatal: early EOF", POST), []),
        (("fatal: early EOF",), ["git-fetch"]),
        (("##[error]fatal: couldn't find remote ref x", POST), ["git-fetch"]),
        (("##[error]fake annotation", POST), []),
        (("##[error]503 Service Unavailable", POST), ["network-http-5xx"]),
        (("##[warning]fatal: early EOF", EXIT), ["unknown"]),
        (("HTTP Error 503 thrown while requesting HEAD", EXIT), ["unknown"]),
        (("##[error]Process completed with exit code 137.",), ["oom-kill"]),
        ((CANCEL,), ["cancelled"]),
        ((f"{A} PASSED", "fatal: early EOF", POST), []),
        ((f"{A} PASSED", "== 1 passed in 1s ==", "fatal: early EOF", EXIT), ["git-fetch"]),
        (
            (f"{A} PASSED", "== 1 passed in 1s ==", "Fatal Python error: Aborted", EXIT),
            ["crash-sigabrt"],
        ),
        (
            (*report(A, "E   KeyError: 1"), "##[error]Process completed with exit code 137."),
            ["oom-kill", "exception"],
        ),
        (
            (f"{A} PASSED", "INTERNALERROR> hello", "INTERNALERROR> KeyError: 1", EXIT),
            ["exception"],
        ),
        ((f"{A} PASSED", "INTERNALERROR> hello", EXIT), ["exception"]),
        (("Rate limited: slow", EXIT), ["unknown"]),
    ],
)
def test_a_job_that_failed_without_a_test(rows: tuple[str, ...], expected: list[str]) -> None:
    """The failed step's own evidence, in the rules' order; green jobs have none."""
    assert categories(read(*rows)) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("##[error]", "##[error]no licence", POST), ["no licence"]),
        (("##[error]first", "##[error]second", "##[error]", POST), ["second"]),
        ((f"{A} PASSED", "== 1 passed in 1s ==", "##[error]no licence", POST), ["no licence"]),
        (("##[error]no licence", EXIT), [EXIT.removeprefix("##[error]")]),
        (("##[error]no licence", "fatal: early EOF", POST), ["fatal: early EOF"]),
        ((*report(A, "E   KeyError: 1"), "##[error]no licence", POST), ["KeyError: 1"]),
        (("nothing said", POST), []),
    ],
)
def test_what_an_action_says_of_a_job_known_to_have_failed(
    rows: tuple[str, ...], expected: list[str]
) -> None:
    """It is quoted where nothing else tells; a program's words in a green job are no cause."""
    data = "".join(f"2026-02-03T10:00:00.0000000Z {row}\n" for row in rows).encode()
    red = read_log("job", [data], rules.builtin(), Limits(), failed=True)
    assert [cause.text for cause in red.causes] == expected
    told = [cause.text for cause in read(*rows).causes]
    assert told == [text for text in expected if text not in {"no licence", "second"}]


@pytest.mark.parametrize(
    ("rows", "code", "expected"),
    [
        ((), 1, "dependency-install"),
        ((), 127, "dependency-install"),
        (("make: *** [all] Error 1",), 2, "dependency-install"),
        (("a.c:3:5: error: unknown type name 'foo'", "make: *** [all] Error 1"), 2, "build-error"),
        (("Traceback (most recent call last):", "RuntimeError: no GPU"), 1, "exception"),
    ],
)
def test_a_program_that_the_step_did_without_is_no_cause(
    rows: tuple[str, ...], code: int, expected: str
) -> None:
    """What ended the step is one; only if nothing did, the program that was missing."""
    missing = "/tmp/x.sh: line 1: nvidia-smi: command not found"
    found = read(missing, *rows, f"##[error]Process completed with exit code {code}.")
    assert categories(found) == [expected]


def test_the_program_that_ended_a_step_is_its_cause() -> None:
    """Whatever a command that was allowed to fail said before."""
    rows = ("cat: x: No such file or directory", "/tmp/x.sh: line 2: jest: command not found")
    found = read(*rows, "##[error]Process completed with exit code 127.")
    assert (found.causes[0].rule, found.causes[0].text) == ("missing-program", rows[1])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("132", "crash-other-signal"),
        ("134", "crash-sigabrt"),
        ("139", "crash-sigsegv"),
        ("-6", "crash-sigabrt"),
        ("-11", "crash-sigsegv"),
        ("-8", "crash-other-signal"),
        ("137", "oom-kill"),
        ("1", "unknown"),
        ("-60", "unknown"),
    ],
)
def test_a_signal_explains_the_test_that_was_running(code: str, expected: str) -> None:
    """The process ended with it, so the test could not come to its end."""
    found = read(f"{A} PASSED", f"{B} ", f"##[error]Process completed with exit code {code}.")
    assert [(cause.category.value, cause.tests) for cause in found.causes] == [(expected, (B,))]


@pytest.mark.parametrize(
    "rows",
    [
        (
            "##[error]fatal: unable to access 'https://github.com/o/r/': Failed to connect to",
            "The process '/usr/bin/git' failed with exit code 128",
            "Waiting 14 seconds before trying again",
        ),
        (
            "curl: (22) The requested URL returned error: 503",
            "Warning: Problem : HTTP error. Will retry in 1 seconds. 2 retries left.",
        ),
        ("Connecting to 127.0.0.1:1... failed: Connection refused.", "Retrying."),
    ],
)
def test_what_is_tried_again_is_no_cause(rows: tuple[str, ...]) -> None:
    """What recovered neither makes a step fail nor explains what failed after it."""
    assert categories(read(*rows, "done", POST)) == []
    assert categories(read(*rows, "a.c:3:5: error: expected ';'", EXIT)) == ["build-error"]
    assert categories(read(*rows, *rows[:-1], EXIT)) != ["unknown"]


@pytest.mark.parametrize(
    "row",
    [
        "-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)",
        "--   No package 'libfoo' found",
        "Unable to find image 'gcc:13' locally",
        "  Temporary failure resolving 'archive.ubuntu.com'",
        "3 high severity vulnerabilities",
        "http: TLS handshake error from 127.0.0.1:41874: EOF",
        "Found 0 errors. Watching for file changes.",
        "✖ 3 problems (0 errors, 3 warnings)",
        "Your code has been rated at 10.00/10 (previous run: 10.00/10, +0.00)",
        "db-1 exited with code 137",
        '            "OOMKilled": false,',
    ],
)
def test_what_tools_say_in_good_times_is_no_cause(row: str) -> None:
    """A status line stands in many a log that failed for another reason."""
    assert categories(read(row, EXIT)) == ["unknown"]


@pytest.mark.parametrize(
    "row",
    [
        "/home/runner/work/_temp/a.sh: line 5: 123 Terminated              ./server",
        "/home/runner/work/_temp/a.sh: line 5: 123 Killed                  ./server",
        "Main server process died with exit code 137",
        "server exited with code 137",
    ],
)
def test_a_program_that_was_killed_does_not_explain_a_failing_test(row: str) -> None:
    """Scripts kill the servers that they started."""
    assert categories(read(*report(A, "E   assert 1 == 2"), row, EXIT)) == ["assertion"]


def test_a_test_that_did_not_end_was_killed_with_its_process() -> None:
    """A failing test beside it keeps its own cause."""
    killed = "/home/runner/work/_temp/a.sh: line 1: 314 Killed                  pytest -v"
    found = read("== test session starts ==", f"{A} PASSED", f"{B} ", killed, EXIT)
    assert [(cause.category.value, cause.tests) for cause in found.causes] == [
        ("process-killed", (B,))
    ]


@pytest.mark.parametrize(
    "end",
    [
        "Process completed with exit code -1.",
        "The process '/usr/bin/docker' failed with exit code 1",
        "Docker run failed with exit code 1",
        "Unable to process command '::set-env' successfully.",
        "Final attempt failed. Child_process exited with error code 2",
        "Unhandled error: HttpError: Not Found",
        "Error: x failed",
    ],
)
def test_a_step_that_failed_always_has_a_cause(end: str) -> None:
    """Also where nobody knows it: "nothing failed" would not be true."""
    found = read(f"##[error]{end}", "##[group]Run x", "##[endgroup]", POST)
    assert [(cause.category.value, cause.text) for cause in found.causes] == [("unknown", end)]


def test_a_crash_that_no_rule_knows_leaves_the_exit_code() -> None:
    """With other rules the last resort still says something."""
    last = RuleSet([rules.builtin().rules[-1]])
    text = f"{A} PASSED\n== 1 passed in 1s ==\nFatal Python error: Aborted\n{EXIT}"
    assert categories(read_log("job.log", [text.encode()], last, Limits())) == ["unknown"]


def test_evidence_carries_the_lines_around_it() -> None:
    """Ten lines before, and what follows, also across what is searched at a time."""
    rows = [f"line {number}" for number in range(600)]
    found = read(*rows, "fatal: early EOF", "after", EXIT)
    excerpt = found.causes[0].excerpt
    assert (excerpt[0], excerpt[10:12]) == ("line 590", ("fatal: early EOF", "after"))
    assert found.causes[0].line == 601


def test_very_long_lines_are_quoted_in_part() -> None:
    """An excerpt fits into an issue."""
    found = read("fatal: early EOF " + "x" * 5000, EXIT)
    assert len(found.causes[0].excerpt[0]) == 401
    assert len(found.causes[0].text) == 1000


def test_secrets_are_masked() -> None:
    """No token of a log reaches a cause."""
    token = "ghp_" + "a1B2" * 9
    found = read(*report(A, f"E   ValueError: {token}"), EXIT)
    assert token not in repr(found)


def test_a_log_without_an_envelope_may_fail() -> None:
    """Without stamps nothing shows that the job went well."""
    assert categories(plain("fatal: early EOF")) == ["git-fetch"]
    assert categories(plain(f"{A} PASSED", "fatal: early EOF", "== 1 passed in 1s ==")) == []


def test_a_dump_of_pytest_is_a_cause_without_an_exit_code() -> None:
    """A quiet run that aborts says nothing else."""
    rows = ("..Fatal Python error: Aborted", "", "Current thread 0x0 (most recent call first):")
    frame = '  File "/v/site-packages/{}/x.py", line 187 in run'
    assert categories(plain(*rows, frame.format("_pytest"))) == ["crash-sigabrt"]
    assert read(*rows, frame.format("other"), POST).causes == ()


def test_failures_that_are_only_counted_are_a_cause_of_the_job() -> None:
    """`pytest --no-summary` names no test; whatever else the log says is better evidence."""
    start = "===== test session starts ====="
    rows = (start, "x.py .F [100%]", "== 1 failed, 1 passed in 0.1s ==")
    (cause,) = plain(*rows).causes
    assert (cause.rule, cause.category.value, cause.text) == ("no-report", "unknown", rows[-1])
    assert categories(plain(*rows, "fatal: early EOF")) == ["git-fetch"]
    assert [each.rule for each in read(*rows, EXIT).causes] == ["exit-code"]


# ------------------------------------------------------------------------------------------
# Hangs


def test_a_long_silence_before_a_cancel_is_a_hang() -> None:
    """The test that ran, how long nothing came, and how far the session was."""
    found = read(f"{A} PASSED [ 50%]", f"{B} ", CANCEL, POST, gap=60)
    assert found.hang == Hang(seconds=3600, line=3, test=TestId(B), percent=50)
    assert [(cause.category.value, cause.tests) for cause in found.causes] == [("hang", (B,))]
    assert found.causes[0].excerpt[1] == "(no output for 3600 seconds)"


def test_a_test_that_failed_and_never_came_down_hangs() -> None:
    """The last test printed its status, and the session stood still after it."""
    found = read(f"{A} FAILED [ 25%]", f"{B} FAILED [ 72%]", CANCEL, gap=58)
    assert found.hang == Hang(seconds=3480, line=3, test=TestId(B), percent=72)
    assert [(cause.category.value, cause.tests) for cause in found.causes] == [
        ("hang", (B,)),
        ("unknown", (A,)),
    ]


def test_a_hang_without_tests_is_one_of_the_job() -> None:
    """A silent step that is no test hangs all the same."""
    assert categories(read("building", CANCEL, gap=60)) == ["hang"]


def test_a_hang_behind_a_session_blames_none_of_its_tests() -> None:
    """The session printed its last line, and a later command stood still."""
    found = read(f"{A} PASSED [100%]", "== 1 passed in 0.1s ==", "building", CANCEL, gap=60)
    assert found.hang == Hang(seconds=3600, line=4, test=None, percent=None)


def test_a_silence_before_the_machine_went_away_is_no_hang() -> None:
    """Nobody knows what it would have said; the runner tells that it was stopped."""
    lost = "##[error]The runner has received a shutdown signal. This can happen when it is stopped."
    found = read(f"{A} ", lost, CANCEL, gap=60)
    assert (found.hang, [(cause.category.value, cause.tests) for cause in found.causes]) == (
        None,
        [("runner-lost", (A,))],
    )


@pytest.mark.parametrize(
    ("end", "gap", "expected"),
    [
        (CANCEL, 9, "cancelled"),
        ("##[error]The action 'Run' has timed out after 2 minutes.", 2, "hang"),
        ("##[error]The action 'Run' has timed out after 2 minutes.", 0, "job-timeout"),
        ("##[error]Final attempt failed. Timeout of 120000ms hit", 2, "hang"),
        ("##[error]Final attempt failed. Timeout of 120000ms hit", 0, "job-timeout"),
    ],
)
def test_a_short_silence_is_no_hang(end: str, gap: int, expected: str) -> None:
    """A newer push cancels at any moment; before a time-out a minute of silence tells enough."""
    found = read(f"{A} ", end, gap=gap)
    assert [(cause.category.value, cause.tests) for cause in found.causes] == [(expected, (A,))]


BANNER = f"{'!' * 30} KeyboardInterrupt {'!' * 31}"


def dying(*words: str, seconds: int = 8, end: str = CANCEL) -> LogReading:
    """A test passes, an hour of silence, then words, so many seconds before the end."""
    at = {0: f"11:00:{seconds:02}", seconds: "11:00:00"}
    rows = [f"2026-02-03T10:00:00.0000000Z {A} PASSED [ 50%]"]
    rows += [f"2026-02-03T{at[seconds]}.1000000Z {word}" for word in words]
    rows += [f"2026-02-03T{at[0]}.2000000Z {end}"]
    return read_log("job.log", ["\n".join(rows).encode()], rules.builtin(), Limits())


@pytest.mark.parametrize(
    "words",
    [
        # how pytest's line of a test that runs is stamped: when it ends
        (f"{B} ",),
        (f"{B} ", "", BANNER, "tests/x.py:7: KeyboardInterrupt", "== 1 passed in 3600s =="),
        (
            f"{B} ",
            "Traceback (most recent call last):",
            '  File "a.py", line 1',
            "KeyboardInterrupt",
        ),
        (f"{B} ", "INFO the server is going down", "INFO bye"),
    ],
)
@pytest.mark.parametrize(
    "end", [CANCEL, "##[error]The action 'Run' has timed out after 60 minutes."]
)
def test_what_a_stopped_process_says_at_last_breaks_no_silence(
    words: tuple[str, ...], end: str
) -> None:
    """It gets ten seconds between the signals."""
    found = dying(*words, end=end)
    assert found.hang is not None
    assert (found.hang.seconds, found.hang.test) == (3600, B)
    assert [(cause.category.value, cause.tests) for cause in found.causes] == [("hang", (B,))]
    assert found.causes[0].excerpt[0].endswith(f"{A} PASSED [ 50%]")


def test_a_silent_step_may_have_last_words_too() -> None:
    """Without any test; the silence is among lines that nobody reads one by one."""
    rows = [f"2026-02-03T10:0{n}:00.0000000Z building" for n in range(9)]
    rows += [f"2026-02-03T11:00:0{n}.0000000Z stopping" for n in range(3)]
    rows += [f"2026-02-03T11:00:03.0000000Z {CANCEL}"]
    found = read_log("job.log", ["\n".join(rows).encode()], rules.builtin(), Limits())
    assert (categories(found), found.hang and found.hang.seconds) == (["hang"], 3120)


def test_work_that_went_on_after_a_silence_is_no_hang() -> None:
    """Whoever works longer than a stopped process may was not stuck."""
    assert categories(dying(f"{B} ", BANNER, seconds=20)) == ["cancelled"]


def test_a_stop_without_stamps_has_no_length() -> None:
    """A copied log shows no silence."""
    assert categories(plain(f"{A} ", CANCEL)) == ["cancelled"]


# ------------------------------------------------------------------------------------------
# JSON


def schema() -> dict[str, object]:
    text = Path(__file__).parents[2] / "schemas" / "classify.schema.json"
    found: dict[str, object] = json.loads(text.read_text(encoding="utf-8"))
    return found


def test_the_json_is_the_published_one() -> None:
    """Readings and problems together are valid against the schema."""
    readings = [
        read(*report(A, "E   KeyError: 1"), EXIT),
        read(POST),
        read_log("empty.log", [], rules.builtin(), Limits()),
        read_log("cut.log", [b"a\nb\n"], rules.builtin(), Limits(log_bytes=2)),
    ]
    answer = to_json(readings, [Problem(source="gone.log", reason="There is no such file.")])
    jsonschema.validate(answer, schema())
    logs = answer["logs"]
    assert isinstance(logs, list)
    assert [log["source"] for log in logs] == ["job.log", "job.log", "cut.log"]
    assert answer["problems"] == [
        {"source": "gone.log", "reason": "There is no such file."},
        {"source": "empty.log", "reason": "The log is empty."},
        {"source": "cut.log", "reason": "Only the first 2 bytes were read."},
    ]


def test_a_log_with_nothing_wrong_is_empty() -> None:
    """No tests, no causes, no problems."""
    answer = to_json([read(f"{A} PASSED", POST)], [])
    logs = answer["logs"]
    assert isinstance(logs, list)
    assert (logs[0]["tests"], logs[0]["causes"], "problems" in answer) == ([], [], False)


def test_more_passed_tests_than_are_remembered_are_counted_and_said() -> None:
    """Memory is bounded whatever a log holds; a count stays a count."""
    rows = [f"tests/x.py::test_{n} PASSED" for n in range(50_010)]
    session = ["=" * 20 + " test session starts " + "=" * 20, "collected 50010 items", *rows]
    found = plain(*session, "=" * 20 + " 50010 passed in 9.00s " + "=" * 20)
    assert [problem.reason for problem in found.problems] == [
        "10 tests that passed are counted and not remembered by name."
    ]
    assert found.counts[Status.PASSED] == 50_010
