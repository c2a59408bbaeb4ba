"""A run that names no pull request belongs to that of its branch."""

from __future__ import annotations

import pytest
from tests.unit.record_builders import (
    KEY,
    NOW,
    entry,
    failing,
    job,
    passes,
    run,
    verdict_on,
)

from flakebot.judging.history import History
from flakebot.records import RunRecord
from flakebot.report import Kind


def pushed(run_id: int, *, branch: str = "feature-7", fork: bool = False) -> RunRecord:
    """A run of a branch that failed and names no pull request."""
    return run(run_id, job(entry()), trunk=False, branch=branch, fork=fork)


@pytest.mark.parametrize(
    ("before", "judged"),
    [
        (pushed(20), failing(30, pr=7)),
        (failing(20, pr=7), pushed(30)),
        (
            pushed(20, branch="fix", fork=True),
            run(30, job(entry()), pr=7, branch="fix", fork=True),
        ),
    ],
    ids=["pushed-before-it-was-opened", "not-found-this-time", "fork-read-late"],
)
def test_an_authors_own_failure_is_not_seen_in_two_changes(
    before: RunRecord, judged: RunRecord
) -> None:
    """One author pushed twice: that is no flake, and nothing that counts."""
    past = [*passes(1, 15), before, *passes(21, 3)]
    (finding,) = verdict_on(judged, before=past).findings
    assert finding.verdict.kind is Kind.NEW
    assert finding.verdict.reasons[:2] == (
        "first seen on pull request #7",
        "also failed at 1 other commit of this change",
    )
    summary = History([*past, judged]).summary(KEY, NOW)
    assert (summary.rate.failures, len(summary.not_counted)) == (0, 2)


def test_nothing_is_written_to_a_pull_request_that_the_run_does_not_name() -> None:
    """Whose branch it is serves the verdict; who is told is another question."""
    report = verdict_on(pushed(30), before=[failing(20, pr=7)])
    assert (report.pull_request, report.records[0].pull_request) == (0, 0)


def test_the_next_pull_request_of_a_branch_else_the_last() -> None:
    """A branch's name may be used again."""
    records = [
        pushed(1),
        run(2, job(entry()), pr=7),
        pushed(3),
        run(4, job(entry()), pr=9, branch="feature-7"),
        pushed(5),
    ]
    told = History(records).records
    assert [record.pull_request for record in told] == [7, 7, 9, 9, 9]


@pytest.mark.parametrize(
    "other",
    [
        pushed(3, branch="another"),
        pushed(3, fork=True),
        run(3, job(entry()), branch="feature-7"),
    ],
    ids=["branch", "fork", "default-branch"],
)
def test_another_branch_is_another_change(other: RunRecord) -> None:
    """A fork's branch of the same name is somebody else's, and the default branch is nobody's."""
    told = History([run(2, job(entry()), pr=7), other]).records
    assert told[1].pull_request == 0
