"""Rows of failures: too steady for a flake, or no more than its flake explains."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.unit.record_builders import (
    FAILED,
    PASSED,
    PRINT,
    TEST,
    entry,
    failing,
    flaking,
    issue,
    job,
    passes,
    passing,
    run,
    verdict_on,
)

from flakebot.records import RunRecord
from flakebot.report import Finding, Kind, Level

RARE = [failing(50), *passes(51, 200), failing(300, pr=8), *passes(301, 100)]
"""Two failures in 302 builds: at most 2.4 %."""

STEADY = (
    "failed in all of the last {} builds of this change, too steadily for a flake that fails in "
    "at most {} of other builds"
)

OFTEN = [run for n in range(100, 200, 2) for run in (failing(n), passing(n + 1))]
"""Every other build fails."""


def two_jobs(run_id: int, *, pr: int = 7, passed: bool = False) -> RunRecord:
    """A commit on which the test fails in one job, and in the other as asked."""
    other = job(passed=[TEST], name="arm") if passed else job(entry(), name="arm")
    return run(run_id, job(entry()), other, pr=pr)


def found(*records: RunRecord, before: Sequence[RunRecord]) -> Finding:
    """What is said of the last run, with an open issue for the test."""
    (finding,) = verdict_on(*records, before=before, known=issue(PRINT)).findings
    return finding


def test_a_rare_flake_that_only_fails_here_is_this_changes_own() -> None:
    """The issue and the other failures do not excuse what the author broke as well."""
    finding = found(two_jobs(500), before=RARE)
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.NEW, Level.NONE)
    assert finding.verdict.reasons[:2] == (
        STEADY.format(2, "2.4 %"),
        "also in #8, default branch",
    )
    assert not finding.counted


@pytest.mark.parametrize(
    ("record", "before"),
    [
        (failing(500, pr=7), RARE),
        (two_jobs(500, passed=True), RARE),
        (two_jobs(500), OFTEN),
        (two_jobs(500), [*RARE, *(failing(n, pr=n) for n in range(400, 420))]),
        (run(500, job(entry()), job(entry(), name="arm")), RARE),
    ],
    ids=["one-build", "passes-beside", "frequent", "in-a-bad-week", "default-branch"],
)
def test_what_chance_explains_stays_a_flake(record: RunRecord, before: list[RunRecord]) -> None:
    """One failure is no row, a pass breaks it, and a frequent flake fails twice by itself."""
    assert found(record, before=before).verdict.kind is Kind.FLAKY


def test_a_pass_at_an_earlier_commit_ends_the_row() -> None:
    """Only the commits since count, and one build alone is no row."""
    before = [*RARE, failing(480, pr=7), passing(490, pr=7)]
    assert found(failing(500, pr=7), before=before).verdict.kind is Kind.FLAKY
    rows = [*RARE, passing(470, pr=7), failing(480, pr=7), failing(490, pr=7)]
    assert found(failing(500, pr=7), before=rows).verdict.kind is Kind.NEW


def test_a_proven_flake_stays_proven() -> None:
    """A pass of the same build is stronger than any count."""
    tries = run(500, job(entry(TEST, FAILED, PASSED)), job(entry(TEST, FAILED, PASSED), name="arm"))
    assert found(tries, before=RARE).verdict.level is Level.PROVEN


def test_a_first_failure_with_no_other_build_is_new_for_its_own_reasons() -> None:
    """There is no rate to hold it against."""
    (finding,) = verdict_on(two_jobs(500)).findings
    assert "first seen on pull request #7" in finding.verdict.reasons


@pytest.mark.parametrize(
    ("before", "row", "kind"),
    [
        (OFTEN, 4, Kind.FLAKY),
        (OFTEN, 7, Kind.BROKEN),
        ([*passes(100, 20)], 4, Kind.BROKEN),
        ([flaking(99), *passes(100, 20)], 4, Kind.BROKEN),
    ],
    ids=["half-the-time", "even-so-too-long", "never-before", "once-before"],
)
def test_a_row_on_the_default_branch_is_broken_unless_its_flake_explains_it(
    before: list[RunRecord], row: int, kind: Kind
) -> None:
    """At 50 % four in a row come once in 16 rows, seven once in 128."""
    last = [failing(490 + n) for n in range(row - 1)]
    assert found(failing(500), before=[*before, *last]).verdict.kind is kind


def test_two_authors_who_broke_it_alike_make_no_flake() -> None:
    """On each of the commits every build failed: nobody has seen it come and go."""
    before = [*passes(100, 30), two_jobs(200, pr=8), *passes(201, 3)]
    (finding,) = verdict_on(two_jobs(500), before=before).findings
    assert finding.verdict.kind is Kind.UNCLASSIFIED
    assert "the same failure is on record in #8" in finding.verdict.reasons


@pytest.mark.parametrize(
    "seen",
    [
        [two_jobs(200, pr=0)],
        [failing(200), failing(201)],
        [failing(200), failing(201), run(202, job(entry()), pr=8, base_sha="0000200aaaa")],
    ],
    ids=["one-commit", "a-row", "built-on-it"],
)
def test_what_the_default_branch_mended_may_be_broken_again(seen: list[RunRecord]) -> None:
    """A change that was reverted comes back: its failures of then do not excuse it."""
    before = [*passes(100, 30), *seen, *passes(203, 20)]
    (finding,) = verdict_on(failing(500, pr=7), before=before).findings
    assert finding.verdict.kind is Kind.UNCLASSIFIED
    assert finding.verdict.reasons[0] == "the same failure is on record in default branch"


@pytest.mark.parametrize(
    "seen",
    [two_jobs(200, pr=8, passed=True), failing(200, pr=8), two_jobs(200, pr=0, passed=True)],
)
def test_a_failure_that_came_and_went_elsewhere_makes_one(seen: RunRecord) -> None:
    """A pass beside it, there or on the default branch, or a lone build."""
    before = [*passes(100, 30), seen, *passes(201, 3)]
    (finding,) = verdict_on(failing(500, pr=7), before=before).findings
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.FLAKY, Level.LIKELY)
