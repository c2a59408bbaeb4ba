from __future__ import annotations

import pytest
from tests.unit.record_builders import (
    FAILED,
    KEY,
    PASSED,
    TEST,
    cause,
    entry,
    failing,
    flaking,
    job,
    run,
)

from flakebot.judging.builds import gather, proves_nothing
from flakebot.judging.history import History
from flakebot.judging.origins import change
from flakebot.model import Category, Status
from flakebot.records import JobEntry, RunRecord


def test_thirteen_failures_of_one_build_are_one() -> None:
    """Attempts and variants of one commit in one job are one build."""
    variants = [entry(f"tests/router/test_router.py::test_route[{n}]") for n in range(5)]
    records = [run(400, job(*variants), attempt=attempt) for attempt in (1, 2)]
    (build,) = gather(History(records).executions(KEY))
    assert (len(build.failures), build.failed, build.passed) == (10, True, False)


def test_another_job_or_workflow_or_commit_is_another_build() -> None:
    """One commit in one job configuration."""
    records = [
        run(400, job(entry()), job(entry(), name="arm64"), sha="a"),
        run(401, job(entry()), sha="a", workflow="Nightly"),
        run(402, job(entry()), sha="b"),
    ]
    assert len(gather(History(records).executions(KEY))) == 4


def test_a_failing_variant_beside_a_passing_one_is_no_pass() -> None:
    """The function failed in this build, and nothing proves a flake."""
    other = "tests/router/test_router.py::test_route[nats]"
    (build,) = gather(History([run(400, job(entry(), passed=[other]))]).executions(KEY))
    assert (build.failed, build.passed, build.proven) == (True, False, False)


def test_a_flake_is_both_failure_and_pass() -> None:
    """In one session, or over attempts."""
    over_attempts = [run(401, job(entry())), run(401, job(passed=[TEST]), attempt=2)]
    builds = gather(History([flaking(400), *over_attempts]).executions(KEY))
    assert [(build.failed, build.passed) for build in builds] == [(True, True)] * 2


@pytest.mark.parametrize("category", [Category.HF_FETCH, Category.RUNNER_LOST])
def test_an_outage_says_nothing_of_a_test(category: Category) -> None:
    """Neither a failure nor a build in which it ran, until the next attempt passes."""
    hit = run(400, job(entry(category=category)))
    again = run(400, job(passed=[TEST]), attempt=2)
    assert gather(History([hit]).executions(KEY)) == ()
    (build,) = gather(History([hit, again]).executions(KEY))
    assert (build.failed, build.passed) == (False, True)


def test_a_mass_failure_is_no_failure_of_a_test() -> None:
    """Four of five tests of a job, or one cause under ten functions of a run."""
    many = [entry(f"a.py::t{number}", fingerprint=f"v1:assertion:{number}") for number in range(3)]
    whole = run(400, job(entry(), *many, ran=5))
    others = [entry(f"a.py::t{number}") for number in range(9)]
    shared = run(401, job(entry()), job(*others, name="arm64"))
    for record in (whole, shared):
        assert gather(History([record]).executions(KEY)) == ()


def test_a_flake_in_a_job_that_failed_whole_is_still_proven() -> None:
    """A pass in the same session is no mass failure."""
    many = [entry(f"a.py::t{number}", fingerprint=f"v1:assertion:{number}") for number in range(5)]
    record = run(400, job(entry(TEST, FAILED, PASSED), *many, ran=6))
    (build,) = gather(History([record]).executions(KEY))
    assert build.proven


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (failing(1), "default branch"),
        (failing(1, pr=7), "#7"),
        (run(1, trunk=False, branch="try"), "try"),
        (run(1, trunk=False, branch="gh-readonly-queue/main/pr-12-abc"), "#12"),
        (run(1, trunk=False, branch="gh-readonly-queue/main/odd"), "gh-readonly-queue/main/odd"),
        (run(1, trunk=False, branch="me/pr-12-abc"), "me/pr-12-abc"),
        (run(1, trunk=False, event="issue_comment"), "a run of an unknown change"),
        (run(1, pr=7, event="workflow_run"), "#7"),
    ],
)
def test_change(record: RunRecord, expected: str) -> None:
    """The default branch, a pull request, or a branch."""
    assert expected == change(record)


@pytest.mark.parametrize(
    ("entry_", "conclusion", "expected"),
    [
        (job(conclusion="skipped"), "success", True),
        (job(conclusion="cancelled"), "cancelled", True),
        (job(conclusion="cancelled"), "failure", False),
        (job(conclusion="cancelled", causes=(cause(Category.HANG),)), "cancelled", False),
        (job(conclusion="cancelled", causes=(cause(Category.JOB_TIMEOUT),)), "cancelled", False),
        (job(conclusion="failure"), "cancelled", False),
    ],
)
def test_proves_nothing(entry_: JobEntry, conclusion: str, expected: bool) -> None:  # noqa: FBT001  # a column of the table
    """Skipped, or cancelled with its run; a hang that was cancelled does prove something."""
    assert expected is proves_nothing(run(1, entry_, conclusion=conclusion), entry_)


def test_a_superseded_failure_does_not_count() -> None:
    """The tests of a cancelled job were not let finish."""
    stopped = job(entry(TEST, Status.UNFINISHED), conclusion="cancelled")
    history = History([run(400, stopped, conclusion="cancelled")])
    assert ((), frozenset()) == (history.executions(KEY), history.observed)


def test_a_failure_that_another_run_of_the_trunk_commit_contradicts_is_no_proof() -> None:
    """A nightly run of the same commit passed: the failure stands not alone, nor is it proven."""
    failed = run(400, job(entry()), sha="a")
    again = run(401, job(passed=[TEST]), sha="a")
    (build,) = gather(History([failed, again]).executions(KEY))
    assert (build.failed, build.only_failed, build.proven) == (True, False, False)
    assert build.passed


def test_a_pass_beside_in_the_same_attempt_counters_nothing() -> None:
    """As of a job that runs a test in two sessions, of which one fails."""
    (build,) = gather(History([run(400, job(entry(), passed=[TEST]))]).executions(KEY))
    assert (build.only_failed, build.passed) == (True, False)


def test_one_variant_that_flakes_does_not_hide_another_that_is_broken() -> None:
    """Each variant's failure stands for itself."""
    other = entry("tests/router/test_router.py::test_route[nats]")
    record = run(400, job(entry(TEST, FAILED, PASSED), other))
    (build,) = gather(History([record]).executions(KEY))
    assert (build.proven, build.only_failed, build.passed) == (True, True, False)
