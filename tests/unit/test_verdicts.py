from __future__ import annotations

import pytest
from tests.unit.record_builders import (
    FAILED,
    NOW,
    PASSED,
    PRINT,
    TEST,
    cause,
    entry,
    failing,
    flaking,
    issue,
    job,
    passes,
    run,
    verdict_on,
)

from flakebot.github_objects import Run
from flakebot.judging.history import History
from flakebot.judging.verdicts import judge
from flakebot.model import Category, Status
from flakebot.records import RunRecord
from flakebot.report import Kind, Level, Overall
from flakebot.settings import Settings

GREEN = run(500, job())
UNREAD = run(500, job(conclusion="failure", log="expired"))
EXTERNAL = job(entry("a.py::e", category=Category.HF_FETCH, fingerprint="v1:h:1"), name="e")
INFRA = job(entry("a.py::i", category=Category.RUNNER_LOST, fingerprint="v1:r:1"), name="i")
FLAKE = job(entry("a.py::f", FAILED, PASSED, fingerprint="v1:f:1"), name="f")
OPEN = job(entry("a.py::u", Status.UNFINISHED, category=Category.UNKNOWN, fingerprint=""), name="u")
BROKEN = job(entry("a.py::b", fingerprint="v1:b:1"), name="b")
NEW = job(entry("a.py::n", fingerprint="v1:n:1"), name="n")
TRUNK = run(400, BROKEN)


@pytest.mark.parametrize(
    ("record", "overall"),
    [
        (run(500, EXTERNAL, INFRA, FLAKE, OPEN, BROKEN, NEW, pr=7), Overall.NEW_FAILURES),
        (run(500, EXTERNAL, INFRA, FLAKE, OPEN, BROKEN, pr=7), Overall.BROKEN),
        (run(500, EXTERNAL, INFRA, FLAKE, OPEN, pr=7), Overall.UNKNOWN),
        (run(500, EXTERNAL, INFRA, FLAKE, pr=7), Overall.FLAKY),
        (run(500, EXTERNAL, INFRA, pr=7), Overall.INFRA),
        (run(500, EXTERNAL, pr=7), Overall.EXTERNAL),
        (GREEN, Overall.CLEAN),
        (UNREAD, Overall.UNKNOWN),
        (run(500, job(), conclusion="failure"), Overall.UNKNOWN),
    ],
)
def test_the_run_is_as_bad_as_its_worst(record: RunRecord, overall: Overall) -> None:
    """New failures first, clean last."""
    assert overall is verdict_on(record, before=[TRUNK]).overall


def test_findings_are_in_the_order_a_person_needs() -> None:
    """New, broken, unclassified, proven, known; the severe first, then by line."""
    crash = entry("a.py::z", category=Category.CRASH_SIGABRT, fingerprint="v1:z:1", line=90)
    late = entry("a.py::l", fingerprint="v1:l:1", line=30)
    report = verdict_on(
        run(500, FLAKE, OPEN, BROKEN, job(entry(), name="k"), pr=7),
        before=[TRUNK, *passes(380, 9), flaking(395, pr=3)],
        known=issue(PRINT),
    )
    assert [(f.test, f.verdict.kind, f.verdict.level) for f in report.findings] == [
        ("a.py::b", Kind.BROKEN, Level.NONE),
        ("a.py::u", Kind.UNCLASSIFIED, Level.NONE),
        ("a.py::f", Kind.FLAKY, Level.PROVEN),
        (TEST, Kind.FLAKY, Level.KNOWN),
    ]
    report = verdict_on(run(500, NEW, job(late, crash, name="m"), pr=7))
    assert [finding.test for finding in report.findings] == ["a.py::z", "a.py::n", "a.py::l"]


def test_a_finding_carries_rate_and_open_issue() -> None:
    """The rate counts this run; a closed issue is no issue."""
    (finding,) = verdict_on(
        flaking(500, pr=7), before=passes(390, 9), known=issue(is_open=False)
    ).findings
    assert finding.rate is not None
    assert (finding.rate.failures, finding.rate.builds, finding.issue) == (1, 10, 0)
    (finding,) = verdict_on(failing(500, pr=7), known=issue(number=4)).findings
    assert (finding.issue, finding.rate) == (4, None)


def test_history_may_or_may_not_hold_the_run() -> None:
    """Analysing a run again, when the ledger has it, gives the same verdicts."""
    records = (failing(500, pr=7),)
    before = [*passes(390, 9), flaking(401, pr=3)]
    common = {
        "run": Run(id=500, head_sha=records[0].head_sha),
        "records": records,
        "known": {},
        "changed": (),
        "pull": None,
        "settings": Settings(),
        "repository": "octo/repo",
        "problems": (),
        "now": NOW,
    }
    without = judge(history=History(before), **common)  # type: ignore[arg-type]  # given by name
    assert without == judge(history=History([*before, *records]), **common)  # type: ignore[arg-type]  # given by name
    assert (without.pull_request, without.findings[0].verdict.level) == (7, Level.LIKELY)


def test_attempts_come_in_their_order() -> None:
    """Whoever read them in another."""
    first, second = failing(500, pr=7), run(500, job(passed=[TEST]), attempt=2, pr=7)
    report = verdict_on(second, first)
    assert [record.attempt for record in report.records] == [1, 2]
    assert report.findings[0].verdict.level is Level.PROVEN


def test_problems_are_said_once() -> None:
    """Those of the run, then those of its jobs."""
    its = job(problems=("cut off", "no summary"))
    report = verdict_on(run(500, its), run(500, its, attempt=2), problems=["no pull request"])
    assert report.problems == ("no pull request", "test: cut off", "test: no summary")


HUNG = job(conclusion="cancelled", causes=(cause(Category.HANG, "v1:hang:1", "3600 s of silence"),))


@pytest.mark.parametrize(
    ("record", "superseded", "overall"),
    [
        (
            run(500, job(entry(), conclusion="cancelled"), conclusion="cancelled"),
            True,
            Overall.CLEAN,
        ),
        (run(500, HUNG, conclusion="cancelled"), False, Overall.INFRA),
        (run(500, job(), conclusion="cancelled"), False, Overall.CLEAN),
        (run(500, job(entry(), conclusion="cancelled")), False, Overall.NEW_FAILURES),
    ],
)
def test_superseded(record: RunRecord, superseded: bool, overall: Overall) -> None:  # noqa: FBT001  # a column of the table
    """A newer push cancelled the run: its jobs prove nothing, unless one of them hung."""
    report = verdict_on(record)
    assert (superseded, overall) == (report.superseded, report.overall)


def test_a_failure_before_the_run_was_cancelled_is_judged() -> None:
    """A job that ended in time proves what it shows."""
    stopped = job(entry("b.py::x"), conclusion="cancelled", name="stopped")
    report = verdict_on(run(500, job(entry()), stopped, conclusion="cancelled", pr=7))
    assert ([f.test for f in report.findings], report.superseded) == ([TEST], True)


def test_a_run_without_records() -> None:
    """Nothing could be read; nothing is claimed beyond that."""
    report = judge(
        run=Run(id=1, head_sha="abc", conclusion="cancelled"),
        records=(),
        history=History([]),
        known={},
        changed=(),
        pull=None,
        settings=Settings(),
        repository="octo/repo",
        problems=("The list of jobs could not be read.",),
        now=NOW,
    )
    assert (report.overall, report.superseded, report.pull_request) == (Overall.UNKNOWN, False, 0)
