"""A run that names no pull request belongs to that of its branch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.record_builders import (
    KEY,
    NOW,
    TEST,
    entry,
    failing,
    job,
    passes,
    passing,
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


_WAYS: dict[str, dict[str, Any]] = {
    "named": {"pr": 7},
    "not named": {"trunk": False, "branch": "feature-7"},
    "queued": {
        "trunk": False,
        "branch": "gh-readonly-queue/main/pr-7-base",
        "event": "merge_group",
    },
}
"""How runs of one author come on record."""


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(_WAYS)),
            st.sampled_from(["first", "second"]),
            st.sampled_from(["CI", "GPU"]),
            st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), min_size=1, max_size=3),
        ),
        max_size=5,
    ),
    st.integers(0, 30),
)
def test_one_author_alone_makes_no_flake(
    pushes: list[tuple[str, str, str, list[tuple[str, bool]]]], clean: int
) -> None:
    """In whatever runs, workflows and jobs of whatever names, while everybody else passes."""
    before = passes(1, clean)
    for number, (way, sha, workflow, jobs) in enumerate(pushes, 5):
        its = [job(entry(), name=n) if bad else job(passed=[TEST], name=n) for n, bad in jobs]
        more = {"sha": way + sha, "workflow": workflow, **_WAYS[way]}
        before += [run(10 * number, *its, **more), passing(10 * number + 1)]
    (finding,) = verdict_on(failing(500, pr=7), before=before).findings
    assert finding.verdict.kind is Kind.NEW
    assert History([*before, failing(500, pr=7)]).summary(KEY, NOW).rate.failures == 0
