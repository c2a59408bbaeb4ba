from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.record_builders import (
    FAILED,
    KEY,
    NOW,
    PASSED,
    PRINT,
    RERUN,
    TEST,
    entry,
    failing,
    flaking,
    issue,
    job,
    passes,
    passing,
    run,
    story,
    verdict_on,
)

from flakebot.feedback import Feedback, Word
from flakebot.judging import fixes
from flakebot.judging.history import History
from flakebot.model import Category, Status
from flakebot.records import RunRecord
from flakebot.report import Finding, Kind, KnownIssue, Level, Overall

OTHER = "v1:assertion:00000002"


def finding_of(
    *records: RunRecord,
    before: Sequence[RunRecord] = (),
    known: Mapping[str, KnownIssue] | None = None,
    changed: Sequence[str] = (),
    base: str = "",
) -> Finding:
    report = verdict_on(*records, before=before, known=known, changed=changed, base=base)
    (finding,) = report.findings
    return finding


# ------------------------------------------------------------------------------------------
# Proven


@pytest.mark.parametrize(
    "outcomes",
    [(FAILED, PASSED), (RERUN, PASSED), (Status.CRASHED, PASSED), (RERUN, RERUN, PASSED)],
)
def test_a_pass_after_a_failure_in_one_session_proves_a_flake(
    outcomes: tuple[Status, ...],
) -> None:
    """Also in a green job, where neither XML nor exit code show it."""
    report = verdict_on(run(500, job(entry(TEST, *outcomes)), pr=7))
    (finding,) = report.findings
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.FLAKY, Level.PROVEN)
    assert finding.verdict.reasons[0] == "failed then passed in the same session of job test"
    assert finding.counted
    assert report.overall is Overall.FLAKY


def test_a_pass_in_another_attempt_proves_a_flake() -> None:
    """Same job, same commit, another attempt."""
    finding = finding_of(
        run(500, job(entry()), pr=7), run(500, job(passed=[TEST]), attempt=2, pr=7)
    )
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.FLAKY, Level.PROVEN)
    assert finding.verdict.reasons == (
        "failed in attempt 1 and passed in attempt 2 of job test",
        "failed in 1 of 1 build (21 % to 100 %)",
    )


@pytest.mark.parametrize(
    ("name", "test"),
    [("test-arm64", TEST), ("test", "tests/router/test_router.py::test_route[nats]")],
)
def test_a_pass_elsewhere_proves_nothing(name: str, test: str) -> None:
    """Neither another architecture nor another variant says anything of this one."""
    finding = finding_of(
        run(500, job(entry()), pr=7), run(500, job(name=name, passed=[test]), attempt=2, pr=7)
    )
    assert finding.verdict.kind is Kind.NEW


def test_jobs_of_one_name_prove_a_flake_only_together() -> None:
    """A matrix may give its jobs one name: the pass may be that of the other machine."""
    other = job(passed=[TEST], id=2)
    first = run(500, job(entry()), other, pr=7)
    again = finding_of(first, run(500, job(entry()), other, attempt=2, pr=7))
    assert again.verdict.kind is Kind.NEW
    both = finding_of(first, run(500, job(passed=[TEST]), other, attempt=2, pr=7))
    assert (both.verdict.kind, both.verdict.level) == (Kind.FLAKY, Level.PROVEN)


def test_a_pass_in_another_run_of_the_commit_proves_nothing() -> None:
    """The base that GitHub merged with may have moved."""
    finding = finding_of(
        run(500, job(entry()), pr=7, sha="head"),
        before=[run(499, job(passed=[TEST]), pr=7, sha="head")],
    )
    assert finding.verdict.kind is Kind.NEW


def test_a_failure_on_one_architecture_is_not_excused_by_a_flake_on_another() -> None:
    """The verdict of a test is the worst of its occurrences."""
    finding = finding_of(
        run(500, job(entry(TEST, FAILED, PASSED), name="amd64"), job(entry(), name="arm64"), pr=7)
    )
    assert finding.verdict.kind is Kind.NEW
    assert [seen.job for seen in finding.occurrences] == ["arm64", "amd64"]


def test_an_end_that_is_neither_pass_nor_failure_is_no_finding() -> None:
    """A test that was skipped when run again neither failed nor flaked."""
    report = verdict_on(run(500, job(entry(TEST, RERUN, Status.SKIPPED)), pr=7))
    assert (report.findings, report.overall) == ((), Overall.CLEAN)


# ------------------------------------------------------------------------------------------
# Broken


def test_four_failures_in_a_row_on_trunk_are_a_regression() -> None:
    """In whatever way they fail; the range names where to look."""
    streak = [failing(number, fingerprint=f"v1:assertion:{number}") for number in (401, 402, 403)]
    finding = finding_of(failing(404), before=[*passes(390, 11), *streak])
    assert finding.verdict.kind is Kind.BROKEN
    assert finding.verdict.reasons == (
        "failed in the last 4 builds of job test on the default branch",
        "first bad commit 0000401, range 0000400..0000401",
    )
    assert not finding.counted


def test_the_same_failure_on_trunk_is_no_fault_of_the_pull_request() -> None:
    """One failure at the tip of the default branch is enough."""
    finding = finding_of(failing(500, pr=7), before=[*passes(390, 3), failing(400)])
    assert finding.verdict.kind is Kind.BROKEN
    assert finding.verdict.reasons == (
        "fails the same way on the default branch at 0000400",
        "first bad commit 0000400, range 0000392..0000400",
    )


def test_the_second_failure_in_a_row_on_trunk_is_a_regression() -> None:
    """The default branch is its own base."""
    finding = finding_of(failing(401), before=[failing(400)])
    assert finding.verdict.kind is Kind.BROKEN
    assert finding.verdict.reasons[1] == "first bad commit 0000400; no earlier build is on record"


def test_the_same_failure_at_the_base_that_trunk_has_fixed() -> None:
    """Then a rebase helps."""
    finding = finding_of(
        failing(500, pr=7),
        before=[failing(400), passing(401)],
        base=failing(400).head_sha,
    )
    assert finding.verdict.kind is Kind.BROKEN
    assert finding.verdict.reasons == (
        "fails the same way at the base of this pull request, 0000400",
        "a later build of the default branch passed: rebase",
    )


def test_a_base_that_was_tested_as_another_pull_request() -> None:
    """A base need not be on the default branch."""
    finding = finding_of(
        failing(500, pr=7), before=[failing(400, pr=5)], base=failing(400).head_sha
    )
    assert finding.verdict.kind is Kind.BROKEN
    assert finding.verdict.reasons == (
        "fails the same way at the base of this pull request, 0000400",
    )


def test_another_failure_on_trunk_is_no_excuse() -> None:
    """Same test, other fingerprint."""
    finding = finding_of(
        failing(500, pr=7),
        before=[failing(400, fingerprint=OTHER)],
        base=failing(400).head_sha,
    )
    assert finding.verdict.kind is Kind.NEW


def test_a_broken_architecture_is_no_excuse_for_another() -> None:
    """The default branch passes in this very job."""
    finding = finding_of(
        failing(500, pr=7, name="amd64"),
        before=[failing(400, name="arm64"), passing(401, name="amd64")],
    )
    assert finding.verdict.kind is Kind.UNCLASSIFIED


def test_a_job_of_the_same_name_in_another_workflow_is_another() -> None:
    """The nightly run's job is broken, whatever the job of that name in CI does."""
    before = []
    for number in range(400, 410):
        before += [passing(2 * number), run(2 * number + 1, job(entry()), workflow="Nightly")]
    finding = finding_of(run(900, job(entry()), workflow="Nightly"), before=before)
    assert finding.verdict.kind is Kind.BROKEN
    of_pull = finding_of(run(901, job(entry()), pr=7, workflow="Release"), before=before)
    assert of_pull.verdict.reasons[0].endswith(
        "of job test of workflow Nightly on the default branch"
    )


def test_a_commit_that_nightly_runs_test_again_and_again_is_not_broken() -> None:
    """One failure among seven runs of each of ten commits."""
    before = [
        run(400 + n, job(entry()) if n % 7 == 3 else job(passed=[TEST]), sha=f"{n // 7}aaaa")
        for n in range(70)
    ]
    finding = finding_of(run(500, job(entry()), sha="bbbb"), before=before)
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.FLAKY, Level.LIKELY)


def test_a_job_that_trunk_lacks_is_compared_with_the_others() -> None:
    """A nightly matrix may name its jobs otherwise."""
    finding = finding_of(
        failing(500, pr=7, name="pull request tests"),
        before=[failing(400, name="amd64"), passing(401, name="arm64")],
    )
    assert finding.verdict.kind is Kind.BROKEN


def test_what_comes_and_goes_on_trunk_is_not_broken() -> None:
    """A failure at the tip that was there before and went away by itself is a flake."""
    before = [*passes(380, 12), failing(400), passing(401), failing(402)]
    finding = finding_of(failing(500, pr=7), before=before, base=failing(402).head_sha)
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.FLAKY, Level.LIKELY)


def test_what_was_proven_a_flake_is_not_broken_by_one_failure_on_trunk() -> None:
    """The same fingerprint failed and passed at one commit before."""
    before = [*passes(380, 12), flaking(395, pr=3), failing(400)]
    finding = finding_of(failing(500, pr=7), before=before)
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.FLAKY, Level.LIKELY)


def test_a_pull_request_that_was_merged_and_reverted_is_no_broken_trunk() -> None:
    """The failure on the default branch was this very change."""
    landed = run(400, job(entry()), pr=7, trunk=True, branch="main", sha="landed")
    finding = finding_of(failing(500, pr=7), before=[landed, passing(401)], base="landed")
    assert finding.verdict.kind is Kind.BROKEN
    finding = finding_of(failing(500, pr=7), before=[*passes(380, 12), landed])
    assert finding.verdict.kind is Kind.NEW


# ------------------------------------------------------------------------------------------
# Known


def frequent(*, pr: int = 3) -> list[RunRecord]:
    """Two failures in ten builds, with passes in between."""
    return [*passes(390, 4), failing(395, pr=pr), *passes(396, 3), flaking(399, pr=4)]


def test_an_open_issue_with_the_fingerprint_and_a_real_rate_is_known() -> None:
    """The excuse names the issue and the numbers."""
    finding = finding_of(failing(500, pr=7), before=frequent(), known=issue(PRINT))
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.FLAKY, Level.KNOWN)
    assert finding.verdict.reasons == (
        "open issue #12 tracks this fingerprint",
        "failed in 3 of 10 builds (11 % to 60 %)",
        "it passed in between",
    )
    assert (finding.issue, finding.counted) == (12, True)


def test_an_issue_that_lists_no_fingerprint_tracks_none() -> None:
    """The next run that sees its test writes them there again."""
    finding = finding_of(
        failing(500, pr=7, fingerprint=OTHER),
        before=[*frequent(), passing(400), flaking(401)],
        known=issue(),
    )
    assert finding.verdict.kind is Kind.NEW


@pytest.mark.parametrize(
    ("known", "number"),
    [(issue(OTHER), 12), (issue(PRINT, is_open=False), 0), ({}, 0)],
)
def test_no_issue_no_excuse(known: Mapping[str, KnownIssue], number: int) -> None:
    """An issue about another failure or a closed one does not make a flake known."""
    before = [*passes(398, 1), failing(395, pr=3)]
    finding = finding_of(failing(500, pr=7), before=before, known=known)
    assert (Kind.UNCLASSIFIED, number) == (finding.verdict.kind, finding.issue)


def test_a_rate_below_the_floor_is_no_excuse() -> None:
    """Two failures in 300 builds have a lower bound below 1 %."""
    before = [failing(100, pr=3), *passes(101, 298)]
    finding = finding_of(failing(500, pr=7), before=before, known=issue(PRINT))
    assert finding.verdict.level is Level.LIKELY


def test_an_issue_without_passes_in_between_is_no_excuse() -> None:
    """What fails whenever it is seen does not come and go."""
    finding = finding_of(failing(500, pr=7), known=issue(PRINT))
    assert finding.verdict.kind is Kind.UNCLASSIFIED
    assert finding.verdict.reasons == (
        "open issue #12 tracks it",
        "0 builds are on record and 10 are needed",
    )


# ------------------------------------------------------------------------------------------
# Likely


def test_two_unrelated_pull_requests_make_a_likely_flake() -> None:
    """This one and another, with passes in between, over at least ten builds."""
    finding = finding_of(failing(500, pr=7), before=[failing(380, pr=3), *passes(390, 12)])
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.FLAKY, Level.LIKELY)
    assert finding.verdict.reasons == (
        "failed in 2 unrelated changes: #3, #7",
        "failed in 2 of 14 builds (4.0 % to 40 %)",
        "it passed in between",
    )
    assert finding.counted


def test_failures_on_trunk_that_went_away_make_a_likely_flake() -> None:
    """On a pull request, and on the default branch itself."""
    before = [failing(380), *passes(390, 12)]
    on_pull = finding_of(failing(500, pr=7), before=before)
    on_trunk = finding_of(failing(500), before=before)
    assert on_pull.verdict.reasons[0] == "failed on the default branch too"
    assert on_trunk.verdict.reasons[0] == "failed on the default branch before"
    assert {Level.LIKELY} == {on_pull.verdict.level, on_trunk.verdict.level}


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (
            [failing(380, pr=3), *passes(390, 5)],
            "7 builds are on record and 10 are needed",
        ),
        (
            [*passes(370, 12), failing(390, pr=3)],
            "no pass is on record in between",
        ),
    ],
)
def test_too_little_evidence_is_neither_flaky_nor_new(before: list[RunRecord], reason: str) -> None:
    """The sentence says what is missing."""
    finding = finding_of(failing(500, pr=7), before=before)
    assert finding.verdict.kind is Kind.UNCLASSIFIED
    assert finding.verdict.reasons == ("the same failure is on record in #3", reason)


def test_a_known_but_rare_flake_needs_other_changes() -> None:
    """Its own pull request alone is no second opinion, even where an issue lists the failure."""
    before = [failing(100, pr=7), *passes(101, 398)]
    finding = finding_of(failing(500, pr=7), before=before, known=issue(PRINT))
    assert finding.verdict.kind is Kind.UNCLASSIFIED
    assert finding.verdict.reasons == (
        "open issue #12 tracks it",
        "2 unrelated changes are needed to call it flaky",
    )


# ------------------------------------------------------------------------------------------
# New and unclassified


def test_first_seen_in_a_pull_request() -> None:
    """With what the record says against it."""
    finding = finding_of(failing(500, pr=7), before=passes(390, 12))
    assert finding.verdict.kind is Kind.NEW
    assert finding.verdict.reasons == (
        "first seen on pull request #7",
        "12 other builds on record did not fail this way (rate at most 22 %)",
    )
    assert not finding.counted


def test_own_commits_are_no_other_pull_request() -> None:
    """A failure that follows its author stays the author's."""
    before = [failing(480, pr=7), *passes(481, 12), failing(495, pr=7)]
    finding = finding_of(failing(500, pr=7), before=before)
    assert finding.verdict.kind is Kind.NEW
    assert finding.verdict.reasons[1] == "also failed at 2 other commits of this change"


def test_a_commit_of_the_pull_request_that_ran_elsewhere_stays_its_own() -> None:
    """The same commit on a branch without a pull request is no second change."""
    before = [
        run(480, job(entry()), sha="mine", trunk=False, branch="try"),
        run(481, job(passed=[TEST]), sha="mine", pr=7),
    ]
    finding = finding_of(failing(500, pr=7), before=[*before, *passes(485, 12)])
    assert finding.verdict.kind is Kind.NEW


def test_a_merge_queue_belongs_to_its_pull_request() -> None:
    """Its branch carries the number."""
    queue = run(480, job(entry()), trunk=False, branch="gh-readonly-queue/main/pr-7-abc")
    finding = finding_of(failing(500, pr=7), before=[queue, *passes(485, 12)])
    assert finding.verdict.kind is Kind.NEW


@pytest.mark.parametrize("event", ["issue_comment", "workflow_run"])
def test_a_run_that_may_be_of_any_pull_request_is_no_other_change(event: str) -> None:
    """GitHub files it under the default branch, whatever it tested."""
    untold = run(460, job(entry()), trunk=False, event=event, workflow="GPU")
    before = [*passes(440, 12), untold, *passes(470, 3)]
    finding = finding_of(failing(500, pr=7), before=before)
    assert finding.verdict.kind is Kind.UNCLASSIFIED
    assert History([*before, failing(500, pr=7)]).summary(KEY, NOW).rate.failures == 0
    finding = finding_of(untold, before=[*passes(440, 12), failing(453, pr=7), *passes(455, 3)])
    assert finding.verdict.kind is Kind.UNCLASSIFIED
    alone = finding_of(untold, before=passes(440, 12))
    assert alone.verdict.reasons[0] == "first seen on a run of an unknown change"


def queued(run_id: int, pr: int, base: str) -> RunRecord:
    """A run of the merge queue that failed."""
    branch = f"gh-readonly-queue/main/pr-{pr}-{base}"
    return run(run_id, job(entry()), trunk=False, event="merge_group", branch=branch, sha=f"q{pr}")


@pytest.mark.parametrize(
    "on_top",
    [queued(461, 9, "q7"), run(461, job(entry()), pr=9, base_sha="q7")],
    ids=["behind-it-in-the-queue", "stacked"],
)
def test_a_fault_of_the_base_is_no_other_change(on_top: RunRecord) -> None:
    """What is tested on top of a change shows the fault of that: nobody has seen it elsewhere."""
    before = [*passes(440, 12), queued(460, 7, "0000451aaaa"), on_top, *passes(470, 3)]
    finding = finding_of(failing(500, pr=7), before=before)
    assert finding.verdict.kind is Kind.NEW
    assert not [reason for reason in finding.verdict.reasons if "#9" in reason]
    assert History(before).summary(KEY, NOW).rate.failures == 0
    behind = finding_of(on_top, before=[each for each in before if each is not on_top], base="q7")
    assert behind.verdict.kind is Kind.BROKEN
    assert "fails the same way at the base of this pull request, q7" in behind.verdict.reasons


def test_the_diff_is_named() -> None:
    """The author is told that the change touches the test."""
    finding = finding_of(failing(500, pr=7), changed=["tests/router/test_router.py"])
    assert finding.verdict.reasons == (
        "first seen on pull request #7",
        "the diff touches the test's own file",
        "no other build of this test is on record",
    )


def test_first_seen_on_the_default_branch() -> None:
    """What one pull request brought in was seen in it before."""
    finding = finding_of(failing(500), before=[*passes(380, 12), failing(400, pr=3)])
    assert finding.verdict.kind is Kind.NEW
    assert finding.verdict.reasons[:2] == (
        "first seen on the default branch",
        "before that only in #3",
    )


def test_first_seen_on_a_branch() -> None:
    """A branch without a pull request is named."""
    finding = finding_of(run(500, job(entry()), trunk=False, branch="try"))
    assert finding.verdict.reasons[0] == "first seen on branch try"


def test_trunk_with_two_pull_requests_before_and_too_few_builds() -> None:
    """Two changes are more than the one that was merged."""
    finding = finding_of(
        failing(500), before=[failing(400, pr=3), passing(401), failing(402, pr=4)]
    )
    assert finding.verdict.kind is Kind.UNCLASSIFIED


def test_a_test_that_did_not_end_for_no_known_reason() -> None:
    """It did not fail; its log ended."""
    unfinished = entry(TEST, Status.UNFINISHED, category=Category.UNKNOWN, fingerprint="")
    finding = finding_of(run(500, job(unfinished), pr=7))
    assert finding.verdict.kind is Kind.UNCLASSIFIED
    assert finding.verdict.reasons == ("the log ends while the test runs and does not say why",)


def test_a_failure_without_a_cause_cannot_be_compared() -> None:
    """There were failures before, and nothing tells whether this is one of them."""
    unread = entry(category=Category.UNKNOWN, fingerprint="")
    finding = finding_of(run(500, job(unread), pr=7), before=[failing(400), passing(401)])
    assert finding.verdict.kind is Kind.UNCLASSIFIED
    assert finding.verdict.reasons == (
        "no cause was read, so it cannot be compared with 1 other build that failed",
    )


@pytest.mark.parametrize("fingerprint", ["", "v1:unknown:0000000a"])
@pytest.mark.parametrize("known", [{}, issue(), issue("v1:unknown:0000000a")])
def test_failures_of_which_the_log_says_nothing_are_not_alike(
    fingerprint: str, known: Mapping[str, KnownIssue]
) -> None:
    """Two authors' failures without a report have one fingerprint, made of the test's name."""
    silent = job(entry(category=Category.UNKNOWN, fingerprint=fingerprint))
    before = [run(380, silent, pr=3), *passes(390, 12), run(402, silent, pr=4), passing(403)]
    finding = finding_of(run(500, silent, pr=7), before=before, known=known)
    assert (finding.verdict.kind, finding.counted) == (Kind.UNCLASSIFIED, False)
    assert finding.verdict.reasons == (
        "no cause was read, so it cannot be compared with 2 other builds that failed",
    )
    assert finding.rate
    assert (finding.rate.failures, finding.rate.builds) == (0, 13)


def test_a_failure_of_which_the_log_says_nothing_is_a_flake_by_proof() -> None:
    """A pass beside it needs no report; what others saw of it does not count by that."""
    silent = entry(category=Category.UNKNOWN, fingerprint="v1:unknown:0000000a")
    flaked = entry(
        TEST, FAILED, PASSED, category=Category.UNKNOWN, fingerprint="v1:unknown:0000000a"
    )
    before = [run(380, job(silent), pr=3), *passes(390, 12)]
    finding = finding_of(run(500, job(flaked), pr=7), before=before)
    assert (finding.verdict.level, finding.counted) == (Level.PROVEN, True)
    assert finding.verdict.reasons[1] == "failed in 1 of 13 builds (1.4 % to 33 %)"


def test_another_commit_of_the_change_is_no_other_build() -> None:
    """An author's failures without a report are theirs until somebody else has one."""
    silent = job(entry(category=Category.UNKNOWN, fingerprint=""))
    before = [*passes(390, 3), run(400, silent, pr=7)]
    assert finding_of(run(500, silent, pr=7), before=before).verdict.kind is Kind.NEW


def test_a_failure_without_a_cause_and_without_a_past_is_new() -> None:
    """Whatever it is, it was not there before."""
    unread = entry(category=Category.UNKNOWN, fingerprint="")
    finding = finding_of(run(500, job(unread), pr=7), before=passes(390, 3))
    assert finding.verdict.kind is Kind.NEW


# ------------------------------------------------------------------------------------------
# Properties


@st.composite
def pasts(draw: st.DrawFn) -> list[RunRecord]:
    """Some runs before number 500, of the default branch and of pull requests."""
    numbers = draw(st.lists(st.integers(300, 499), unique=True, max_size=25))
    makers = st.sampled_from([failing, passing, flaking])
    return [draw(makers)(number, pr=draw(st.integers(0, 8))) for number in numbers]


@given(pasts(), st.randoms())
@settings(max_examples=60, deadline=None)
def test_neither_order_nor_repetition_of_records_matters(past: list[RunRecord], random) -> None:  # type: ignore[no-untyped-def]  # hypothesis' Random
    """A record read twice, or late, changes no verdict."""
    shuffled = [*past, *past[:5]]
    random.shuffle(shuffled)
    known = issue(PRINT)
    expected = verdict_on(failing(500, pr=7), before=past, known=known)
    assert expected == verdict_on(failing(500, pr=7), before=shuffled, known=known)


@given(pasts(), st.integers(0, 6), st.sampled_from([{}, issue(PRINT)]))
@settings(max_examples=60, deadline=None)
def test_more_evidence_of_a_flake_never_lowers_its_confidence(
    past: list[RunRecord], more: int, known: Mapping[str, KnownIssue]
) -> None:
    """Builds that failed and passed at one commit make no flake less certain."""
    proofs = [flaking(200 + number, pr=10 + number) for number in range(more)]
    before = finding_of(failing(500, pr=7), before=past, known=known).verdict
    after = finding_of(failing(500, pr=7), before=[*proofs, *past], known=known).verdict
    if before.kind is Kind.FLAKY:
        assert after.kind is Kind.FLAKY
        assert after.confidence >= before.confidence


@given(pasts(), st.integers(0, 6), st.integers(1, 6), st.sampled_from([0, 7]))
@settings(max_examples=60, deadline=None)
def test_more_evidence_of_a_regression_never_lowers_its_confidence(
    past: list[RunRecord], row: int, more: int, pr: int
) -> None:
    """Nor do more builds of the default branch that fail, one after the other."""
    shown = [*past, *(failing(1000 + number) for number in range(row))]
    further = [failing(1000 + row + number) for number in range(more)]
    before = finding_of(failing(2000, pr=pr), before=shown).verdict
    after = finding_of(failing(2000, pr=pr), before=[*shown, *further]).verdict
    if before.kind is Kind.BROKEN:
        assert after.kind is Kind.BROKEN
        assert after.confidence >= before.confidence


# ------------------------------------------------------------------------------------------
# The rate since it changed


def test_the_rate_that_excuses_is_that_since_it_changed() -> None:
    """A flake that was fixed is no known flake when it fails again; one that got worse is told by
    what it is now.
    """
    before = [*story("PFPPFPFPPFPFPPFPFPPF"), *passes(21, 300)]
    finding = finding_of(failing(500, pr=7), before=before, known=issue(PRINT))
    assert finding.verdict.level is not Level.KNOWN
    assert finding.rate is not None
    assert (finding.rate.failures, finding.rate.builds) == (1, 301)
    worse = [*passes(1, 300), *story("P." * 10, first=301)]
    finding = finding_of(failing(500, pr=7), before=worse, known=issue(PRINT))
    assert (finding.verdict.kind, finding.verdict.level) == (Kind.FLAKY, Level.KNOWN)
    assert "failed in 11 of 21 builds (32 % to 72 %) since 2026-10-22" in finding.verdict.reasons


def test_a_failure_without_the_fix_says_that_it_does_not_count() -> None:
    """Proven all the same."""
    records = story("P.P....")
    said = Feedback(
        repository="octo/repo",
        comment_id=1,
        created_at=records[-1].created_at,
        login="ada",
        word=Word.FIXED,
        function=KEY,
        commit="fix",
    )
    late = run(500, job(entry(TEST, FAILED, PASSED)), pr=7)
    fixed = fixes.settled(fixes.fixes([said], [*records, late], {KEY}), [*records, late], ())
    (finding,) = verdict_on(late, before=records, fixed=fixed).findings
    assert finding.verdict.level is Level.PROVEN
    assert finding.verdict.reasons[1] == (
        "its commit lacks what a maintainer says fixed it, so it does not count"
    )


@pytest.mark.parametrize("trunk", [[400], [400, 401, 402]])
def test_a_failure_of_which_the_log_says_nothing_is_not_the_one_of_the_base(
    trunk: Sequence[int],
) -> None:
    """An author's own failure without a report is not excused by another one without; a row of
    four on the default branch tells whatever the ways are.
    """
    silent = job(entry(category=Category.UNKNOWN, fingerprint="v1:unknown:0000000a"))
    before = [*passes(390, 3), *(run(number, silent) for number in trunk)]
    finding = finding_of(run(500, silent, pr=7), before=before, base=before[-1].head_sha)
    assert finding.verdict.kind is Kind.UNCLASSIFIED
    broken = finding_of(
        run(500, silent, pr=7), before=[*before, run(403, silent), run(404, silent)]
    )
    assert (broken.verdict.kind is Kind.BROKEN) is (len(trunk) > 1)
