"""Why a verdict came about: every rung, the numbers, and what would change it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest
from tests.unit.record_builders import (
    FAILED,
    KEY,
    NOW,
    PASSED,
    PRINT,
    REPOSITORY,
    TEST,
    cause,
    entry,
    failing,
    flaking,
    issue,
    job,
    passes,
    passing,
    pull,
    run,
    story,
)

from flakebot.feedback import Feedback, Word
from flakebot.github_objects import ChangedFile, Run
from flakebot.judging import explained, fixes
from flakebot.judging.case import Case
from flakebot.judging.explained import ExplainedFailure, ExplainedFinding
from flakebot.judging.fixes import Fixes
from flakebot.judging.history import History
from flakebot.judging.stats import row_below
from flakebot.judging.verdicts import judge
from flakebot.model import Category, Status
from flakebot.records import RunRecord, Said
from flakebot.report import KnownIssue, Report
from flakebot.settings import Settings
from flakebot.verdict_command import _evidence


def explain(
    *records: RunRecord,
    before: Sequence[RunRecord] = (),
    known: Mapping[str, KnownIssue] | None = None,
    base: str = "base",
    fixed: Fixes | None = None,
) -> tuple[Report, tuple[ExplainedFinding, ...]]:
    cases: list[Case] = []
    last = records[-1]
    report = judge(
        run=Run(id=last.run_id, head_sha=last.head_sha, conclusion=last.conclusion),
        records=records,
        history=History([*before, *records], fixes=fixed),
        known=known or {},
        changed=[ChangedFile(filename=TEST.partition("::")[0])],
        pull=pull(last.pull_request, base) if last.pull_request else None,
        settings=Settings(),
        repository=REPOSITORY,
        problems=(),
        now=NOW,
        cases=cases,
    )
    return report, explained.explain(report, cases)


def failure(
    *records: RunRecord,
    before: Sequence[RunRecord] = (),
    known: Mapping[str, KnownIssue] | None = None,
    base: str = "base",
    fixed: Fixes | None = None,
) -> ExplainedFailure:
    _, (one,) = explain(*records, before=before, known=known, base=base, fixed=fixed)
    return one.failures[0]


def why(told: ExplainedFailure, rung: str) -> str:
    (found,) = (each for each in told.rungs if each.name == rung)
    return "; ".join(found.why)


def test_a_first_failure_tells_what_every_rung_misses() -> None:
    """With thresholds by the names they are set by, and the cause's rule and line."""
    told = failure(run(500, job(entry(cause=0), causes=(cause(),)), pr=7), before=passes(490, 4))
    assert (told.rule, told.line, told.text) == ("rule", 7, "assert 1 == 2")
    assert [rung.name for rung in told.rungs if rung.decides] == ["new"]
    assert why(told, "owned") == "the cause is assertion, no fault of a service or machine"
    assert why(told, "proven") == "no pass of it in job test of this run is on record"
    assert why(told, "broken") == (
        "the last build of job test on the default branch passed; "
        "at the base, base, no lasting failure of this kind is on record"
    )
    assert why(told, "known") == "no issue tracks this test"
    assert why(told, "likely") == (
        "it did not fail so elsewhere; 2 unrelated changes are needed to call it flaky; "
        "4 builds are on record and 10 are needed"
    )
    assert why(told, "unread") == "a cause was read, and this failure was not seen before"
    assert told.rungs[4].settings == {
        "min-builds": 10,
        "min-pull-requests": 2,
        "persistent-chance": 0.001,
    }
    assert told.changes == (
        "flaky, proven: a pass of it in another attempt of job test of this run",
        "broken: 4 more builds on the default branch that fail in a row, with no pass between",
        (
            "flaky, likely: the same failure in 1 other change, 6 more builds in which it runs, "
            "a pass between two such failures"
        ),
    )


def test_the_evidence_has_its_numbers() -> None:
    """Rate, places, passes in between, issue, base, row and diff."""
    before = [*passes(300, 10), failing(310), *passes(311, 5), failing(320, pr=8), passing(321)]
    told = failure(failing(500, pr=7), before=before, known=issue(PRINT)).evidence
    assert (told.rate.failures, told.rate.builds, told.builds, told.same) == (3, 19, 19, 3)
    assert told.elsewhere == (("#8", 1), ("default branch", 1))
    assert (told.passes_between, told.issue, told.issue_tracks) == (True, 12, True)
    assert (told.base_sha, told.row, told.others) == ("base", 1, 18)
    assert told.others_rate == pytest.approx(0.327, abs=0.01)
    assert told.touches == "touches the test's own file"


def test_the_evidence_says_which_builds_its_numbers_are_of() -> None:
    """Those since the rate changed; what was before, and every state, stand beside."""
    before = story("." * 60 + "FP" * 10)
    told = failure(failing(500), before=before).evidence
    assert [part.rate.failures for part in told.segments] == [0, 21]
    assert (told.rate.failures, told.rate.builds, told.builds) == (21, 21, 81)
    assert told.state == "flaky"
    assert [(each.after, each.commit) for each in told.transitions] == [
        ("suspect", before[60].head_sha),
        ("flaky", before[61].head_sha),
    ]
    lines = list(_evidence(told))
    assert (
        lines[0] == "failed in 21 of 21 builds (85 % to 100 %) that count; 81 builds are on record"
    )
    assert lines[1] == (
        "since 2026-10-12: 21 of 21 builds (85 % to 100 %); before, not in the rate: 0 of 60 "
        "builds (0.0 % to 6.0 %)"
    )
    assert lines[2] == (
        "flaky since 2026-10-12, suspect before: failed and passed in job test of the default "
        "branch (commit 0000062)"
    )


def test_failures_without_the_fix_are_told_apart() -> None:
    """They are in no number."""
    records = [*story("P.P....."), failing(500)]
    said = Feedback(
        repository=REPOSITORY,
        comment_id=1,
        created_at=records[-2].created_at,
        login="ada",
        word=Word.FIXED,
        function=KEY,
        commit="fix",
    )
    fixed = fixes.settled(fixes.fixes([said], records, {KEY}), records, ())
    told = failure(records[-1], before=records[:-1], fixed=fixed).evidence
    assert (told.without_fix, told.rate.builds, told.state) == (1, 1, "fixed-watching")
    assert "1 build that failed on a commit without the fix is left out" in list(_evidence(told))


def test_builds_of_a_broken_commit_are_told_apart() -> None:
    """They are in no number."""
    said = tuple(
        Said(about=about, kind="new") for about in (TEST, *(f"a.py::t{n}" for n in range(4)))
    )
    jobs = [job(entry(f"a.py::t{n}"), entry(), name=f"arch {n}") for n in range(4)]
    before = [*passes(390, 3), run(400, *jobs, said=said), passing(401)]
    told = failure(failing(500, pr=7), before=before).evidence
    assert (told.broken_commits, told.rate.failures, told.rate.builds) == (4, 0, 4)
    assert "4 builds are left out: the commit broke too many jobs to blame a test" in list(
        _evidence(told)
    )


def test_what_would_change_it_does() -> None:
    """A pass in another attempt proves the flake that was new."""
    first = run(500, job(entry()), pr=7)
    assert "another attempt of job test" in failure(first).changes[0]
    again = failure(first, run(500, job(passed=[TEST]), attempt=2, pr=7))
    assert (again.verdict.level, again.changes) == ("proven", ())


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (issue(PRINT, is_open=False), "issue #12 is closed"),
        (issue("v1:other:1"), "open issue #12 does not list this fingerprint"),
        (
            {KEY: KnownIssue(key=KEY, number=12, open=True, testifies=False)},
            "issue #12 was opened by this very run",
        ),
        (
            issue(PRINT),
            "it failed in 1 of 401 builds (0.0 % to 1.4 %): the lower end is not above 1.0 %",
        ),
    ],
)
def test_an_issue_that_excuses_nothing_says_why(
    known: Mapping[str, KnownIssue], reason: str
) -> None:
    """Closed, about another failure, opened here, or too rare."""
    before = [*passes(1, 400)]
    assert why(failure(failing(500), before=before, known=known), "known") == reason


def test_a_tracked_failure_without_a_pass_between_says_so() -> None:
    """It is frequent, but nothing shows that it comes and goes."""
    told = failure(failing(500, pr=7), before=[failing(499, pr=8)], known=issue(PRINT))
    assert why(told, "known").endswith("no pass is on record between its failures")


def test_so_rare_a_flake_says_how_many_failures_more_count() -> None:
    """The number is the first with which the lower end is above the floor."""
    told = failure(failing(500), before=passes(1, 400), known=issue(PRINT))
    assert "flaky, known: 8 more failing builds" in told.changes


@pytest.mark.parametrize(
    ("rate", "chance", "row"),
    [(0.5, 0.01, 7), (0.5, 0.25, 3), (0.1, 0.01, 3), (0.0, 0.01, 1), (1.0, 0.01, 0), (0.5, 0, 0)],
)
def test_the_shortest_row_below_a_chance(rate: float, chance: float, row: int) -> None:
    """Strictly below; never for what always fails, at once for what never did."""
    assert row_below(rate, chance) == row
    assert not row or rate**row < chance
    assert row < 2 or rate ** (row - 1) >= chance


def test_a_row_on_trunk_that_chance_explains_says_so() -> None:
    """A flake of one half fails four times in a row now and then."""
    often = [each for n in range(100, 140, 2) for each in (failing(n), passing(n + 1))]
    told = failure(failing(204), before=[*often, *(failing(n) for n in (201, 202, 203))])
    assert why(told, "broken") == (
        "4 builds in a row of job test on the default branch failed, "
        "which a flake of its rate before shows now and then"
    )
    assert any(change.startswith("broken: 3 more builds") for change in told.changes)


def test_a_short_row_of_a_flake_says_that_it_comes_and_goes() -> None:
    """It was proven before."""
    told = failure(failing(204), before=[flaking(100), *passes(101, 30), failing(203)])
    assert why(told, "broken") == (
        "2 builds in a row of job test on the default branch failed, "
        "and failures of this kind come and go"
    )


def test_a_first_failure_on_trunk_tells_how_many_are_needed() -> None:
    """One of four."""
    told = failure(failing(204), before=passes(100, 30))
    assert why(told, "broken") == (
        "1 build in a row of job test on the default branch failed, "
        "4 are needed where they do not fail in the same way as this"
    )
    assert "broken: 3 more builds" in told.changes[1]


def test_what_always_failed_is_broken_until_a_pass() -> None:
    """No stronger rung is asked for; a pass takes it back."""
    told = failure(failing(404), before=[*passes(390, 11), *map(failing, (401, 402, 403))])
    assert told.changes[0] == "no longer broken: a pass of it on the default branch"


def test_a_row_of_this_change_is_its_own_until_a_pass() -> None:
    """A rare flake that fails in all builds here is called new, on the rung `likely`."""
    rare = [failing(50), *passes(51, 200), failing(300, pr=8), *passes(301, 100)]
    both = run(500, job(entry()), job(entry(), name="arm"), pr=7)
    told = failure(both, before=rare, known=issue(PRINT))
    assert [rung.name for rung in told.rungs if rung.decides] == ["likely"]
    assert told.changes[0].startswith("no longer held to be this change's own: a pass")


def test_a_failure_whose_cause_was_not_read_says_so() -> None:
    """On the rungs that compare it with others."""
    told = failure(run(500, job(entry(fingerprint="", category=Category.UNKNOWN)), pr=7))
    assert why(told, "unread") == "no cause was read, and no other build of this test failed"
    assert why(told, "likely").startswith("no cause was read")
    assert told.evidence.same == 0


def test_an_issue_may_or_may_not_track_a_failure_whose_cause_was_not_read() -> None:
    """Its fingerprint stands there, and says nothing."""
    silent = entry(category=Category.UNKNOWN, fingerprint="v1:unknown:0000000a")
    told = failure(run(500, job(silent), pr=7), known=issue("v1:unknown:0000000a"))
    assert why(told, "known") == (
        "no cause was read, so it is not known whether open issue #12 tracks it"
    )
    assert not told.evidence.issue_tracks


def test_a_finding_leads_with_the_failure_that_decided_it() -> None:
    """A flake in one job does not hide a fault in another."""
    _, (one,) = explain(
        run(500, job(entry(TEST, FAILED, PASSED), name="amd"), job(entry(), name="arm"), pr=7)
    )
    assert [each.job for each in one.failures] == ["arm", "amd"]


def test_an_event_has_the_failures_it_took_up() -> None:
    """Each with the rung that gave it away; the JSON holds it all."""
    outage = entry(TEST, Status.ERROR, category=Category.HF_FETCH)
    report, found = explain(run(500, job(outage), pr=7))
    (one,) = found
    assert [each.rungs[0].decides for each in one.failures] == [True]
    told = json.loads(json.dumps(explained.to_json(report, found)))
    assert (told["schema"], told["verdict"]) == (1, "external")
    (failed,) = told["explained"][0]["failures"]
    assert failed["rungs"][0]["why"] == ["the cause in job test is hf-fetch, no fault of a test"]
