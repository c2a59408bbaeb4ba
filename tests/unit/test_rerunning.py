"""Whether the failed jobs deserve another attempt."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit import view_values as v
from tests.unit.memory_forge import MemoryForge

from flakebot.changes import Plan, RequestRerun
from flakebot.model import Category, Status
from flakebot.records import RunRecord
from flakebot.report import Kind, Report
from flakebot.settings import Settings
from flakebot.sinks import rerun
from flakebot.views import rerunning

RERUN = Settings(retry_hugging_face="rerun")
HF_JOB = v.job("test (arm64)", 12)


def record(*jobs: str) -> RunRecord:
    """An attempt whose jobs of these names failed."""
    return v.record(v.RUN_ID, *(v.job(name, 11 + i) for i, name in enumerate(jobs)))


def outage(**changed: object) -> Report:
    """A run whose one failed job Hugging Face explains, which answers again."""
    return replace(v.report(events=(v.outage(),), records=(record("test (arm64)"),)), **changed)  # type: ignore[arg-type]  # any field of the report


FAILED = v.seen(job="test (arm64)", outcomes=(Status.FAILED,), job_id=11)
LOST = replace(v.seen(job="gpu", job_id=12, outcomes=()), category=Category.RUNNER_LOST)
FULL = replace(LOST, category=Category.OOM_KILL)


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (outage(), ""),
        (outage(run=v.run(status="in_progress")), "A run that still goes on cannot be re-run."),
        (outage(events=()), "Nothing failed because of Hugging Face."),
        (
            outage(records=(v.record(v.RUN_ID, v.job("test (arm64)", 12, conclusion="success")),)),
            "Nothing failed because of Hugging Face.",
        ),
        (
            outage(events=(v.outage(recovered=False),)),
            "Hugging Face does not answer again yet.",
        ),
        (
            outage(events=(replace(v.outage(), fetches=()),)),
            "Hugging Face does not answer again yet.",
        ),
        (
            outage(records=(record("test (arm64)", "lint"),)),
            "Job lint failed for another reason, so a re-run would not settle it.",
        ),
        (
            outage(findings=(v.finding(Kind.NEW, at=FAILED),)),
            "Job test (arm64) failed for another reason, so a re-run would not settle it.",
        ),
        (outage(findings=(v.finding(at=v.seen(job="test (arm64)", job_id=11)),)), ""),
        (
            outage(
                records=(record("test (arm64)", "gpu"),),
                findings=(v.finding(Kind.INFRA, "", at=LOST),),
            ),
            "",
        ),
        (
            outage(
                records=(record("test (arm64)", "gpu"),),
                findings=(v.finding(Kind.INFRA, "", at=FULL),),
            ),
            "Job gpu failed for another reason, so a re-run would not settle it.",
        ),
        (
            outage(
                events=(replace(v.outage(), jobs=tuple("abcdef")),), records=(record(*"abcdef"),)
            ),
            "6 jobs failed, more than the 5 that are re-run.",
        ),
        (outage(run=v.run(attempt=3)), "This was attempt 3 of 3."),
    ],
)
def test_every_condition_is_asked(report: Report, expected: str) -> None:
    """A re-run is worth it when nothing but a passing outside fault stands against it."""
    assert expected == rerunning.refusal(report, RERUN)


def test_permanent_faults_are_not_run_again() -> None:
    """A gated model stays gated."""
    both = outage(
        events=(v.outage(), replace(v.outage(category=Category.HF_ACCESS), jobs=("gated",))),
        records=(record("test (arm64)", "gated"),),
    )
    assert "Job gated failed for another reason" in rerunning.refusal(both, RERUN)


def forge(**changed: object) -> MemoryForge:
    """GitHub as the report left it."""
    made = MemoryForge(runs={v.RUN_ID: v.run()}, pulls={v.RUN_ID: v.pull()})
    return replace(made, **changed)  # type: ignore[arg-type]  # any field of the forge


def planned(report: Report, on: MemoryForge, settings: Settings = RERUN) -> Plan:
    context = v.context(report, settings=settings)
    return rerun.plan(context, rerun.observe(context, on))


def test_the_rerun_is_requested() -> None:
    """One request, after this attempt."""
    (change,) = planned(outage(), forge()).changes
    assert isinstance(change, RequestRerun)
    assert (change.run_id, change.attempt) == (v.RUN_ID, 1)


def test_a_run_of_the_default_branch_needs_no_pull_request() -> None:
    """Its head does not move."""
    trunk = outage(records=(replace(record("test (arm64)"), trunk=True),))
    assert len(planned(trunk, forge(pulls={})).changes) == 1


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
    ],
)
def test_github_is_asked_last(on: MemoryForge, expected: str) -> None:
    """What changed since the run was read forbids it, and the sentence says what."""
    assert Plan(held_back=(expected,)) == planned(outage(), on)


def test_nothing_is_asked_or_said_when_the_mode_is_off() -> None:
    """The default neither reads nor writes."""
    on = forge()
    assert Plan() == planned(outage(), on, Settings())
    assert on.requests == []
