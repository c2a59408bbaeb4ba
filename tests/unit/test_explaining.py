"""An explanation tells what the decisions were, of every recorded log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flakebot import cli
from flakebot.errors import FlakebotError, InputError
from flakebot.model import Cause, LogReading, TestId
from flakebot.reading import explaining, project_rules, rules
from flakebot.reading.causes import UNREPORTED
from flakebot.reading.classify import HANG_RULE, read_log
from flakebot.reading.explaining import Explanation
from flakebot.reading.trace import MOST, Notes, Trace, Why
from flakebot.settings import Limits

FIXTURES = Path(__file__).parents[1] / "fixtures"
LOGS = sorted(FIXTURES.glob("logs/*.log")) + sorted(FIXTURES.glob("rules/*/*.log"))
END = "##[error]Process completed with exit code 1."


def _traced(log: bytes, known: rules.RuleSet | None = None) -> tuple[LogReading, Trace]:
    trace = Trace()
    return read_log("job.log", [log], known or rules.builtin(), Limits(), trace), trace


def _explained(*rows: str, test: str | None = None) -> Explanation:
    reading, trace = _traced("\n".join(rows).encode())
    return explaining.explain(
        reading, trace, rules.builtin(), None if test is None else TestId(test)
    )


def _why(found: Explanation) -> dict[str, Why]:
    """What became of the matches outside the reports of tests, by rule."""
    return {passed.rule: passed.why for passed in found.passed_over}


def _won(notes: Notes) -> list[tuple[str, int]]:
    return [(note.rule.id, note.line.number) for note in notes if note.why is Why.WON]


def _of_test(cause: Cause, trace: Trace, test: TestId) -> bool:
    """Whether the notes about a test name the cause's rule; its line may be another test's."""
    (rule, _), *others = _won(trace.tests[test])
    return rule == cause.rule and not others


@pytest.mark.parametrize("path", LOGS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_explanation_names_the_winner_that_classify_names(path: Path) -> None:
    """With and without notes the reading is the same, and each cause is what the notes say won."""
    log = path.read_bytes()
    reading, trace = _traced(log)
    assert read_log("job.log", [log], rules.builtin(), Limits()) == reading
    for cause in reading.causes:
        if cause.rule in {HANG_RULE, UNREPORTED}:
            continue
        judged = [test for test in cause.tests if test in trace.tests]
        assert all(_of_test(cause, trace, test) for test in judged)
        assert judged or (cause.rule, cause.line) in _won(trace.job)
    found = explaining.explain(reading, trace, rules.builtin())
    assert [each.cause for each in found.causes] == list(reading.causes)
    assert all(each.why for each in found.causes)
    json.dumps(explaining.to_json([found], []))


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (("\x1b[36;1mecho No space left on device\x1b[0m", END), Why.ECHOED),
        (("##[warning]No space left on device", END), Why.QUIET),
        (("No space left on device, retrying in 3 seconds", END), Why.RETRIED),
        (("No space left on device", "Retrying.", END), Why.RETRIED),
        (("No space left on device", "##[group]Run next", "##[endgroup]", END), Why.STEP),
        (("No space left on device",), Why.GREEN),
        (
            ("No space left on device", "No space left on device on /tmp", END),
            Why.LATER,
        ),
    ],
)
def test_what_is_passed_over_says_why(rows: tuple[str, ...], why: Why) -> None:
    """Scripts, warnings, retries, steps that passed, logs of green jobs, earlier lines."""
    stamp = "2026-03-02T08:15:20.1145327Z "
    green = ("Post job cleanup.",) if why is Why.GREEN else ()
    found = _explained(*(stamp + row for row in (*rows, *green)))
    assert _why(found)["disk-full"] is why
    assert [each.cause.rule for each in found.causes] == {
        Why.GREEN: [],
        Why.LATER: ["disk-full"],
    }.get(why, ["exit-code"])


def test_what_a_step_that_passed_last_said_is_noted() -> None:
    """Nothing follows it, and it counts for nothing all the same."""
    found = _explained(END, "##[group]Run next", "##[endgroup]", "No space left on device")
    assert _why(found)["disk-full"] is Why.STEP


def test_a_step_that_fails_again_takes_the_later_line() -> None:
    """Two steps failed for the same reason: the last one is shown."""
    step = ("##[group]Run x", "##[endgroup]", "No space left on device", END)
    found = _explained(*step, *step)
    assert (found.causes[0].cause.line, _why(found)["disk-full"]) == (7, Why.LATER)
    assert "the last of 2 lines that it matches" in found.causes[0].why


def test_what_a_rule_needs_is_said_when_it_is_not_there() -> None:
    """A bare 503 is Hugging Face's only where the output speaks of it."""
    found = _explained("HTTP Error 503 Service Unavailable for url", END)
    assert Why.NEEDS in {passed.why for passed in found.passed_over if passed.rule == "hf-status"}


HEAD = ("=== test session starts ===", "t.py::a FAILED", "t.py::b FAILED", "=== FAILURES ===")


def _report(test: str, *lines: str) -> tuple[str, ...]:
    return (f"____ {test} ____", *(f"E   {line}" for line in lines), "t.py:3: Error")


def test_each_test_is_explained_by_its_own_report() -> None:
    """What was passed over in another test's report is not shown."""
    rows = (
        *HEAD,
        *_report("a", "RuntimeError: boom", "OSError: [Errno 28] No space left on device"),
        *_report("b", "AssertionError: No space left on device", "assert not True"),
        "=== 2 failed in 0.1s ===",
    )
    found = _explained(*rows, test="t.py::b")
    (cause,) = found.causes
    assert (cause.cause.rule, cause.test, found.passed_over) == ("assertion", "t.py::b", ())
    whys = {(passed.rule, passed.why) for passed in cause.passed_over}
    assert {("disk-full", Why.ASSERTION), ("exception", Why.BEATEN)} <= whys
    whole = _explained(*rows)
    assert [each.cause.rule for each in whole.causes] == ["disk-full", "assertion"]


def test_evidence_beside_failing_tests_is_said_to_yield_to_them() -> None:
    """A line in the output of a step whose tests failed."""
    rows = (*HEAD, *_report("a", "ValueError: x"), "=== 2 failed in 0.1s ===", END)
    assert _why(_explained(*rows))["exit-code"] is Why.TESTS


def test_a_rule_of_a_project_is_told_apart() -> None:
    """With its place in the order."""
    table = {
        "id": "mine",
        "category": "lint",
        "pattern": "my tool failed",
        "match": ["my tool failed"],
        "no_match": ["ok"],
    }
    known = project_rules.read([table], "f.toml").rules
    reading, trace = _traced(f"my tool failed\n{END}".encode(), known)
    (cause,) = explaining.explain(reading, trace, known).causes
    assert (cause.origin, cause.rank, cause.why) == (
        "project",
        1,
        ("asked before exit-code, which matches too",),
    )


def test_notes_have_a_bound() -> None:
    """A log of warnings does not fill the memory; how many were left out is said."""
    found = _explained(*["##[warning]No space left on device"] * (MOST + 5), END)
    assert found.left_out >= 5
    assert found.causes[0].cause.rule == "exit-code"


# ------------------------------------------------------------------------------------------
# The command


@pytest.fixture(name="log")
def _log(tmp_path: Path) -> Path:
    path = tmp_path / "job.log"
    rows = (
        *HEAD,
        *_report("a", "ValueError: \x1b[31mred\x1b]8;;x\x07 \u202e"),
        "=== 2 failed in 0.1s ===",
    )
    path.write_text("\n".join((*rows, "##[warning]No space left on device", END)))
    return path


def test_a_person_reads_winner_and_reasons(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No colour where it is no terminal, and nothing of the log acts on one."""
    monkeypatch.setenv("COLUMNS", "20")
    assert cli.main(["explain", str(log)]) == 0
    out = capsys.readouterr().out
    assert "1. exception  test, medium, line 6\n   │ ValueError: red" in out
    assert "   rule   exception, built-in, " in out
    assert "disk-full  is below error level" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_the_json_has_the_same(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Causes with rank and reasons, and what was passed over."""
    assert cli.main(["explain", str(log), "py::a", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (told,) = found["logs"]
    (cause,) = told["causes"]
    assert (cause["rule"], cause["explained_test"]) == ("exception", "t.py::a")
    assert cause["why"] == ["no other rule matches what counts"]
    assert (found["schema"], found["problems"], told["passed_over"]) == (1, [], [])


def test_a_test_must_be_one(log: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A part of an id may name it; one that names none or several is one sentence."""
    assert cli.main(["explain", str(log), "t.py::b"]) == 0
    assert "no-report" in capsys.readouterr().out
    with pytest.raises(InputError, match=r"'t.py' may be t.py::a, t.py::b: give more of the id"):
        cli.main(["explain", str(log), "t.py"])
    with pytest.raises(InputError, match=r"a test 'zzz' that did not .*; there are t.py::a, t.py"):
        cli.main(["explain", str(log), "zzz"])
    green = tmp_path / "green.log"
    green.write_text("hello\n")
    with pytest.raises(InputError, match="no test failed"):
        cli.main(["explain", str(green), "zzz"])


def test_a_log_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Alone it is the error, beside another it is said."""
    with pytest.raises(FlakebotError, match="No such file"):
        cli.main(["explain", str(tmp_path / "nowhere.log")])
    (tmp_path / "a.log").write_bytes(b"\0")
    (tmp_path / "b.log").write_text("hello\n" * 3)
    assert cli.main(["explain", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "a.log: The log is no text" in out
    assert "b.log  no test framework" in out


def test_long_lists_are_cut_for_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines with one rule and reason are one row; of the rows a person sees the first."""
    path = tmp_path / "job.log"
    rows = ["##[warning]No space left on device"] * 3
    rows += [
        "##[warning]No space left on device",
        "##[warning]ModuleNotFoundError: No module named x",
    ] * 20
    rows += ["##[warning]No space left on device"] * MOST
    path.write_text("\n".join((*rows, END)))
    assert cli.main(["explain", str(path)]) == 0
    out = capsys.readouterr().out
    assert "(and 3 more lines)" in out
    assert "more; --json has them all" in out
    assert "more matches not noted" in out
