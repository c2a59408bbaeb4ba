from __future__ import annotations

import pytest
from tests.unit.record_builders import (
    FAILED,
    PASSED,
    TEST,
    cause,
    entry,
    job,
    run,
    verdict_on,
)

from flakebot.model import Category, Status
from flakebot.records import CauseEntry, JobEntry, RunRecord
from flakebot.report import Event, Finding, Kind, Level, Overall, Unread

BUILD = cause(Category.BUILD_ERROR, "v1:build-error:1", "error[E0308]: mismatched types")
PULLED = cause(Category.DOCKER_PULL, "v1:docker-pull:1", "toomanyrequests")


def red(*causes: CauseEntry, step: str = "Build", conclusion: str = "failure") -> JobEntry:
    return job(conclusion=conclusion, causes=causes, failed_step=step)


def the_finding(*records: RunRecord, before: tuple[RunRecord, ...] = ()) -> Finding:
    (finding,) = verdict_on(*records, before=before).findings
    return finding


def test_a_build_error_is_new() -> None:
    """A finding without a test, which opens no issue."""
    finding = the_finding(run(500, red(BUILD), pr=7))
    assert (finding.test, finding.function, finding.counted) == ("", "job:test", False)
    assert finding.verdict.kind is Kind.NEW
    assert finding.verdict.reasons == ("no test failed; step Build failed: build-error",)
    assert (BUILD.text, 7, None) == (finding.first.text, finding.first.line, finding.rate)


def test_a_build_error_of_the_default_branch_is_broken() -> None:
    """The last build of this job there failed the same way."""
    finding = the_finding(run(500, red(BUILD), pr=7), before=(run(400, red(BUILD)),))
    assert finding.verdict.kind is Kind.BROKEN
    assert finding.verdict.reasons == (
        "job test fails the same way on the default branch at 0000400",
        "step Build failed",
    )


@pytest.mark.parametrize(
    "before",
    [
        run(400, job()),
        run(400, red(cause(Category.LINT, "v1:lint:1"))),
        run(400, job(conclusion="success", causes=(BUILD,))),
        run(400, red(BUILD), workflow="Nightly"),
        run(400, red(BUILD), pr=3),
    ],
)
def test_what_the_default_branch_does_not_show_is_new(before: RunRecord) -> None:
    """It passes there, fails otherwise, or in another workflow."""
    assert the_finding(run(500, red(BUILD), pr=7), before=(before,)).verdict.kind is Kind.NEW


def test_a_cause_without_a_fingerprint_cannot_be_compared() -> None:
    """An empty fingerprint is no likeness."""
    bare = cause(Category.LINT, "")
    assert the_finding(run(500, red(bare)), before=(run(400, red(bare)),)).verdict.kind is Kind.NEW


@pytest.mark.parametrize("causes", [(), (cause(Category.UNKNOWN, "v1:unknown:1"),)])
def test_a_red_job_that_nobody_understood(causes: tuple[CauseEntry, ...]) -> None:
    """The step is named."""
    report = verdict_on(run(500, red(*causes), pr=7))
    (finding,) = report.findings
    assert (finding.verdict.kind, report.overall) == (Kind.UNCLASSIFIED, Overall.UNKNOWN)
    assert finding.verdict.reasons == (
        "no test failed; step Build failed, the log does not say why",
    )


def test_a_red_job_without_a_failed_step() -> None:
    """GitHub marks none when the runner died."""
    finding = the_finding(run(500, red(step=""), pr=7))
    assert finding.verdict.reasons == (
        "no test failed; no step is marked as failed, the log does not say why",
    )


def test_a_job_that_passed_when_run_again_is_a_flake() -> None:
    """Proven, but not a test's, so no issue counts it."""
    finding = the_finding(run(500, red(BUILD), pr=7), run(500, job(), attempt=2, pr=7))
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.FLAKY, Level.PROVEN)
    assert finding.verdict.reasons[0] == "job test failed in attempt 1 and passed in attempt 2"
    assert not finding.counted


def test_an_outage_that_reddened_a_job_is_an_event() -> None:
    """Settled by the next attempt."""
    report = verdict_on(run(500, red(PULLED, BUILD), pr=7), run(500, job(), attempt=2, pr=7))
    assert report.findings == ()
    assert report.events == (
        Event(
            category=Category.DOCKER_PULL,
            fingerprint="v1:docker-pull:1",
            text="toomanyrequests",
            url="https://github.com/octo/repo/job/test",
            line=7,
            excerpt=("E   toomanyrequests",),
            jobs=("test",),
            tests=(),
            kind=Kind.EXTERNAL,
            reasons=("step Build failed; no test failed",),
            result="passed in attempt 2",
            rule="rule",
        ),
    )
    assert report.overall is Overall.EXTERNAL


def test_an_outage_beside_a_failing_test_is_told_too() -> None:
    """The test is judged on its own; other causes of the job are left to it."""
    its = job(entry(cause=0), causes=(cause(), PULLED, BUILD))
    report = verdict_on(run(500, its, pr=7))
    assert [finding.test for finding in report.findings] == [TEST]
    assert [event.category for event in report.events] == [Category.DOCKER_PULL]
    assert report.overall is Overall.NEW_FAILURES


def test_a_red_job_that_a_flake_explains_is_not_told_twice() -> None:
    """A worker crash that was replaced leaves the session red."""
    flaked = entry(TEST, Status.CRASHED, PASSED, category=Category.WORKER_CRASH, cause=0)
    crash = cause(Category.WORKER_CRASH)
    report = verdict_on(run(500, job(flaked, conclusion="failure", causes=(crash,))))
    assert [(f.test, f.verdict.kind) for f in report.findings] == [(TEST, Kind.FLAKY)]


EXITED = cause(Category.UNKNOWN, "v1:unknown:1", "Process completed with exit code 1.")


def test_the_exit_code_of_a_session_with_a_replaced_crash_is_explained() -> None:
    """The crash counts for xdist although the test passed after it."""
    flaked = entry(TEST, Status.CRASHED, PASSED, category=Category.WORKER_CRASH, cause=0)
    causes = (cause(Category.WORKER_CRASH), EXITED)
    report = verdict_on(run(500, job(flaked, conclusion="failure", causes=causes)))
    assert [(f.test, f.verdict.kind) for f in report.findings] == [(TEST, Kind.FLAKY)]


def test_the_exit_code_of_a_step_whose_rerun_passed_is_not_explained() -> None:
    """A rerun plug-in turns the session green, so something else made the job red."""
    flaked = entry(TEST, Status.RERUN, PASSED, cause=0)
    report = verdict_on(run(500, job(flaked, conclusion="failure", causes=(cause(), EXITED))))
    kinds = {(f.test or f.function, f.verdict.kind) for f in report.findings}
    assert kinds == {("job:test", Kind.UNCLASSIFIED), (TEST, Kind.FLAKY)}


def test_a_flake_does_not_explain_another_cause() -> None:
    """The job is red for a reason of its own."""
    its = job(entry(TEST, FAILED, PASSED, cause=0), conclusion="failure", causes=(cause(), BUILD))
    report = verdict_on(run(500, its, pr=7))
    assert [finding.test or finding.function for finding in report.findings] == [
        "job:test",
        "tests/router/test_router.py::test_route[tcp]",
    ]


def test_a_green_job_needs_no_cause() -> None:
    """What was retried and recovered is no event."""
    report = verdict_on(run(500, job(causes=(PULLED,))))
    assert (report.findings, report.events, report.overall) == ((), (), Overall.CLEAN)


def lost(conclusion: str = "failure") -> JobEntry:
    return job(conclusion=conclusion, log="expired")


@pytest.mark.parametrize(
    ("records", "unread", "overall"),
    [
        ([run(500, lost())], 1, Overall.UNKNOWN),
        ([run(500, lost()), run(500, job(), attempt=2)], 1, Overall.CLEAN),
        ([run(500, lost("success"))], 1, Overall.CLEAN),
        ([run(500, lost("skipped"))], 0, Overall.CLEAN),
        ([run(500, lost("cancelled"), conclusion="cancelled")], 0, Overall.CLEAN),
        ([run(500, lost(), job(entry(), name="other"), pr=7)], 1, Overall.NEW_FAILURES),
    ],
)
def test_a_log_that_cannot_be_read_is_never_a_pass(
    records: list[RunRecord], unread: int, overall: Overall
) -> None:
    """It is said, and the run is unknown when nothing else explains it."""
    report = verdict_on(*records)
    expected = Unread(job="test", url="https://github.com/octo/repo/job/test", reason="expired")
    assert ((expected,) * unread, overall) == (report.unread, report.overall)


def test_a_job_still_running_is_not_unread() -> None:
    """Flakebot itself may be one of the jobs."""
    running = JobEntry(id=1, name="flakebot", log="not finished")
    assert verdict_on(run(500, running)).unread == ()
