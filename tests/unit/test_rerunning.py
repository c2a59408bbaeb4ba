"""Whether the failed jobs deserve another attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit import view_values as v
from tests.unit.memory_forge import MemoryForge

from flakebot.changes import Plan, RequestRerun
from flakebot.github_objects import Run
from flakebot.model import Category, Status
from flakebot.records import CauseEntry, JobEntry
from flakebot.report import Report
from flakebot.settings import Settings
from flakebot.sinks import rerun
from flakebot.views import rerunning

RERUN = Settings(retry_hugging_face="rerun")
ANSWERED = v.outage().fetches
FAILING = v.outage(recovered=False).fetches
MIXED = "Job {} failed for another reason, so a re-run would not settle it."
NOTHING = "Nothing failed because of Hugging Face."


def red(
    name: str,
    category: Category = Category.HF_FETCH,
    *others: Category,
    conclusion: str = "failure",
    tested: bool = True,
) -> JobEntry:
    """A job that failed by causes of these categories, the first under a test if there is one."""
    causes = tuple(
        CauseEntry(category=each, rule="r", line=1, text="x", fingerprint=f"v1:{each}:1")
        for each in (category, *others)
    )
    test = v.failing_job(category=category, outcomes=(Status.ERROR,)).tests
    return v.job(name, 11, conclusion=conclusion, causes=causes, tests=test if tested else ())


def with_test(job: JobEntry, **changed: object) -> JobEntry:
    """The same with a second test."""
    (first,) = job.tests
    return replace(job, tests=(first, replace(first, **changed)))  # type: ignore[arg-type]  # any field


def report(
    *jobs: JobEntry, fetches: object = ANSWERED, subject: Run | None = None, trunk: bool = False
) -> Report:
    """A run with these jobs in its one attempt."""
    record = v.record(v.RUN_ID, *jobs, fetches=fetches, trunk=trunk)  # type: ignore[arg-type]
    return v.report(records=(record,), subject=subject)


OUT = red("a")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (report(OUT), ""),
        (report(OUT, v.job("lint", conclusion="success")), ""),
        (report(red("a", tested=False)), ""),
        (report(red("a", Category.HF_FETCH, Category.UNKNOWN)), ""),
        (report(red("a", Category.HF_FETCH, Category.NETWORK_DNS)), ""),
        (report(OUT, red("b", Category.RUNNER_LOST, tested=False)), ""),
        (report(OUT, red("b", Category.DOCKER_PULL, tested=False)), ""),
        (report(v.job("a", conclusion="success")), NOTHING),
        (report(red("a", Category.ASSERTION)), NOTHING),
        (report(OUT, red("b", Category.ASSERTION)), MIXED.format("b")),
        (report(OUT, red("b", Category.OOM_KILL, tested=False)), MIXED.format("b")),
        (report(OUT, red("b", Category.HANG, tested=False)), MIXED.format("b")),
        (report(OUT, red("b", Category.HF_ACCESS)), MIXED.format("b")),
        (report(OUT, red("b", Category.DEPENDENCY_INSTALL)), MIXED.format("b")),
        (report(OUT, red("b", Category.UNKNOWN, tested=False)), MIXED.format("b")),
        (report(OUT, v.job("b")), MIXED.format("b")),
        (report(OUT, replace(red("b"), log="expired")), MIXED.format("b")),
        (report(with_test(OUT, category=Category.ASSERTION, cause=-1)), MIXED.format("a")),
        (report(with_test(OUT, category=Category.UNKNOWN, cause=-1)), MIXED.format("a")),
        (report(red("a", Category.HF_FETCH, Category.BUILD_ERROR)), MIXED.format("a")),
        (report(OUT, red("b", Category.CANCELLED, tested=False, conclusion="cancelled")), ""),
        (report(OUT, v.job("b", conclusion="cancelled")), ""),
        (
            report(OUT, red("b", Category.JOB_TIMEOUT, tested=False, conclusion="cancelled")),
            MIXED.format("b"),
        ),
        (
            report(OUT, red("b", Category.ASSERTION, conclusion="cancelled")),
            MIXED.format("b"),
        ),
        (report(OUT, fetches=FAILING), "Hugging Face does not answer again yet."),
        (report(OUT, fetches=()), "Hugging Face does not answer again yet."),
        (
            report(OUT, subject=v.run(status="in_progress")),
            "A run that still goes on cannot be re-run: use flakebot on `workflow_run` for that.",
        ),
        (report(*map(red, "abcde")), ""),
        (report(*map(red, "abcdef")), "6 jobs failed, more than the 5 that are re-run."),
        (report(OUT, subject=v.run(attempt=2)), ""),
        (report(OUT, subject=v.run(attempt=3)), "This was attempt 3 of 3."),
        (
            report(OUT, subject=replace(v.run(), created_at=v.NOW - timedelta(days=31))),
            "The run is older than the 30 days in which GitHub re-runs.",
        ),
        (report(OUT, subject=replace(v.run(), created_at=None)), ""),
    ],
)
def test_every_condition_is_asked(given: Report, expected: str) -> None:
    """A re-run is worth it when nothing but a passing outside fault stands against it."""
    assert expected == rerunning.refusal(given, RERUN)


def test_github_ends_after_fifty_reruns() -> None:
    """However many the settings allow."""
    many = Settings(retry_hugging_face="rerun", rerun_max_attempts=99)
    assert rerunning.refusal(report(OUT, subject=v.run(attempt=50)), many) == ""
    found = rerunning.refusal(report(OUT, subject=v.run(attempt=51)), many)
    assert found == "GitHub re-runs a run fifty times, and has done so."


def test_only_the_latest_attempt_of_a_job_speaks() -> None:
    """What failed before and passed since needs no excuse; what replaced an outage does."""
    first = v.record(v.RUN_ID, OUT, red("b", Category.ASSERTION), fetches=ANSWERED)
    better = v.record(v.RUN_ID, red("a"), v.job("b", conclusion="success"), fetches=ANSWERED)
    worse = v.record(v.RUN_ID, red("a", Category.ASSERTION), red("b"), fetches=ANSWERED)
    after = [
        v.report(records=(first, replace(second, attempt=2)), subject=v.run(attempt=2))
        for second in (better, worse)
    ]
    assert [rerunning.refusal(each, RERUN) for each in after] == ["", MIXED.format("a")]


@pytest.mark.parametrize(
    ("attempts", "settings", "seconds"),
    [
        ([OUT], RERUN, 0),
        ([OUT, OUT], RERUN, 60),
        ([OUT, OUT, OUT], RERUN, 120),
        ([red("a", Category.ASSERTION), OUT], RERUN, 0),
        ([red("b"), OUT], RERUN, 0),
        ([OUT, OUT], Settings(), 0),
        ([OUT, OUT], replace(RERUN, dry_run=True), 0),
    ],
)
def test_every_rerun_that_failed_too_doubles_the_pause(
    attempts: list[JobEntry], settings: Settings, seconds: float
) -> None:
    """Before Hugging Face is asked about it; a first failure is asked about at once."""
    records = [
        replace(v.record(v.RUN_ID, job, fetches=ANSWERED), attempt=n)
        for n, job in enumerate(attempts, start=1)
    ]
    assert rerunning.pause(records[-1], records, settings) == seconds


# ------------------------------------------------------------------------------------------
# The sink


def forge(**changed: object) -> MemoryForge:
    """GitHub as the report left it."""
    made = MemoryForge(runs={v.RUN_ID: v.run()}, pulls={v.RUN_ID: v.pull()})
    return replace(made, **changed)  # type: ignore[arg-type]  # any field of the forge


def planned(given: Report, on: MemoryForge, settings: Settings = RERUN) -> Plan:
    context = v.context(given, settings=settings)
    return rerun.plan(context, rerun.observe(context, on))


def test_the_rerun_is_requested() -> None:
    """One request, after this attempt."""
    (change,) = planned(report(OUT), forge()).changes
    assert isinstance(change, RequestRerun)
    assert (change.run_id, change.attempt) == (v.RUN_ID, 1)


def test_a_run_of_the_default_branch_needs_no_pull_request() -> None:
    """Its head does not move."""
    assert len(planned(report(OUT, trunk=True), forge(pulls={})).changes) == 1


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (forge(pulls={}), "No re-run: The run belongs to no open pull request."),
        (
            forge(pulls={v.RUN_ID: replace(v.pull(), state="closed")}),
            "No re-run: The run belongs to no open pull request.",
        ),
        (
            forge(pulls={v.RUN_ID: v.pull("f" * 40)}),
            "No re-run: The pull request has moved on to fffffff.",
        ),
        (forge(runs={v.RUN_ID: v.run(attempt=2)}), "No re-run: Attempt 2 exists already."),
        (
            forge(runs={v.RUN_ID: v.run(status="queued")}),
            "No re-run: The run is going on again.",
        ),
    ],
)
def test_github_is_asked_last(on: MemoryForge, expected: str) -> None:
    """What changed since the run was read forbids it, and the sentence says what."""
    assert Plan(held_back=(expected,)) == planned(report(OUT), on)


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        (report(OUT), Settings()),
        (report(red("a", Category.ASSERTION)), RERUN),
        (report(v.job("a", conclusion="success")), RERUN),
    ],
)
def test_nothing_is_asked_or_said_when_there_is_nothing_to_run_again(
    given: Report, settings: Settings
) -> None:
    """Neither in the default mode, nor where Hugging Face did no harm."""
    on = forge()
    assert Plan() == planned(given, on, settings)
    assert on.requests == []
