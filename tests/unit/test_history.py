from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.record_builders import (
    FAILED,
    KEY,
    NOW,
    PASSED,
    PRINT,
    TEST,
    cause,
    entry,
    failing,
    flaking,
    job,
    passes,
    passing,
    run,
    story,
    verdict_on,
)

from flakebot.judging import told
from flakebot.judging.history import History, tracking_key
from flakebot.judging.sightings import Sighting
from flakebot.judging.states import State
from flakebot.judging.stats import rate
from flakebot.judging.summaries import Count, FingerprintRow, Streak, TestSummary
from flakebot.model import Category, TestId
from flakebot.records import RunRecord
from flakebot.report import Occurrence

OTHER = "v1:assertion:00000002"


def summary(*records: RunRecord) -> TestSummary:
    return History(records).summary(KEY, NOW)


def test_everything_an_issue_shows() -> None:
    """One flake proven in a pull request, one failure on the default branch, three passes."""
    flake = run(
        900,
        job(entry(TEST, FAILED, PASSED, cause=0), causes=(cause(),), workers=16, id=90),
        pr=7,
    )
    failure = run(990, job(entry(cause=0), causes=(cause(text="assert 3 == 4"),), name="arm64"))
    found = summary(flake, passing(300), failure, passing(995), passing(999))
    newest = Sighting(
        at=failure.created_at,
        test=TEST,
        branch="main",
        pull_request=0,
        head_sha="0000990aaaa",
        trunk=True,
        proven=False,
        occurrence=Occurrence(
            run_id=990,
            attempt=1,
            job_id=1,
            job="arm64",
            url="https://github.com/octo/repo/job/arm64",
            line=7,
            outcomes=(FAILED,),
            category=Category.ASSERTION,
            fingerprint=PRINT,
            text="assert 3 == 4",
            excerpt=("E   assert 3 == 4",),
        ),
    )
    assert newest == found.occurrences[0]
    assert [seen.occurrence.run_id for seen in found.occurrences] == [990, 900]
    expected = TestSummary(
        key=KEY,
        state=State.FLAKY,
        rate=rate(2, 5),
        windows=(
            Count(name="24 h", rate=rate(1, 3)),
            Count(name="7 d", rate=rate(2, 4)),
            Count(name="30 d", rate=rate(2, 5)),
            Count(name="total", rate=rate(2, 5)),
        ),
        by_fingerprint=(
            FingerprintRow(
                fingerprint=PRINT,
                category=Category.ASSERTION,
                text="assert 3 == 4",
                count=2,
                first=flake.created_at,
                last=failure.created_at,
                excerpt=("E   assert 3 == 4",),
            ),
        ),
        by_job=(Count(name="arm64", rate=rate(1, 1)), Count(name="test", rate=rate(1, 4))),
        by_workers=(Count(name="n16", rate=rate(1, 1)), Count(name="serial", rate=rate(1, 4))),
        variants=((TEST, 2),),
        occurrences=found.occurrences,
        first_seen=flake.created_at,
        last_seen=failure.created_at,
        proven=1,
        trunk=1,
        pull_requests=(7,),
        builds_since_last_failure=2,
        streak=Streak(job="arm64", builds=1, first_bad="0000990aaaa"),
        segments=found.segments,
        transitions=found.transitions,
    )
    assert expected == found
    assert [segment.rate for segment in found.segments] == [rate(2, 5)]
    assert [(each.at, each.after) for each in found.transitions] == [
        (flake.created_at, State.FLAKY)
    ]


def test_the_rate_is_that_since_it_changed() -> None:
    """The total keeps what was before."""
    found = summary(*story("PFPPFPFPPFPFPPFPFPPF" + "." * 40))
    assert (found.state, found.rate) == (State.FIXED_WATCHING, rate(0, 40))
    assert found.windows[-1].rate == rate(20, 60)
    assert [segment.rate.failures for segment in found.segments] == [20, 0]


def test_a_test_nobody_saw() -> None:
    """Nothing on record is a healthy test of which nothing is known."""
    found = History([]).summary(KEY, NOW)
    assert (State.HEALTHY, rate(0, 0), None) == (found.state, found.rate, found.first_seen)


def test_an_authors_own_failures_are_listed_apart() -> None:
    """Seen in one pull request only, never proven: not counted, whatever the number of commits."""
    found = summary(failing(400, pr=7), passing(401), failing(402, pr=7))
    assert (rate(0, 1), State.HEALTHY, ()) == (found.rate, found.state, found.occurrences)
    assert [seen.occurrence.run_id for seen in found.not_counted] == [402, 400]


@pytest.mark.parametrize("elsewhere", [failing(402), failing(402, pr=8), flaking(402, pr=7)])
def test_a_failure_that_is_seen_elsewhere_or_proven_counts(elsewhere: RunRecord) -> None:
    """On the default branch, in another pull request, or passing at the same commit."""
    found = summary(failing(400, pr=7), elsewhere)
    assert (rate(2, 2), ()) == (found.rate, found.not_counted)


def test_what_two_authors_broke_in_the_same_way_is_counted_for_neither() -> None:
    """Each broke it in all builds of a commit, so that neither is evidence of a flake; where it
    comes and goes in two other pull requests it is one, and then all of it counts.
    """
    both = (job(entry(), name="a"), job(entry(), name="b"))
    broken = [run(400, *both, pr=7), passing(401), run(402, *both, pr=8)]
    found = summary(*broken)
    assert (rate(0, 1), State.HEALTHY) == (found.rate, found.state)
    assert [seen.occurrence.run_id for seen in found.not_counted] == [402, 402, 400, 400]
    flaky = summary(*broken, failing(403, pr=9), failing(404, pr=10))
    assert (rate(6, 7), ()) == (flaky.rate, flaky.not_counted)


def test_a_build_keeps_the_failures_that_count() -> None:
    """One variant fails in the author's own way, another as it does elsewhere."""
    own = entry("tests/router/test_router.py::test_route[nats]", fingerprint=OTHER)
    found = summary(run(400, job(entry(), own), pr=7), failing(401))
    assert [seen.occurrence.fingerprint for seen in found.not_counted] == [OTHER]
    assert [row.fingerprint for row in found.by_fingerprint] == [PRINT]
    assert rate(2, 2) == found.rate


@pytest.mark.parametrize(
    ("records", "state"),
    [
        ([passing(400)], State.HEALTHY),
        ([failing(400), passing(401)], State.SUSPECT),
        ([failing(number) for number in range(400, 404)], State.BROKEN),
        ([failing(number) for number in range(400, 403)], State.SUSPECT),
        ([flaking(400)], State.FLAKY),
        ([failing(400), *passes(401, 9), failing(410)], State.FLAKY),
        ([failing(400), *passes(401, 9)], State.SUSPECT),
        ([failing(400), *passes(401, 3), failing(410)], State.SUSPECT),
    ],
)
def test_state(records: list[RunRecord], state: State) -> None:
    """Broken, flaky, suspect, healthy: the strongest claim the builds support."""
    assert state is summary(*records).state


def breaking(number: int, **more: Any) -> RunRecord:  # fields of a record
    """A run in which the test and others failed in each of four jobs."""
    jobs = (job(entry(f"a.py::t{n}"), entry(), name=f"arch {n}", id=n) for n in range(4))
    return run(number, *jobs, **more)


def told_of(*records: RunRecord) -> list[RunRecord]:
    """The records with the verdicts that were given on each when it was recorded."""
    found: list[RunRecord] = []
    for record in records:
        same = [each for each in found if each.run_id == record.run_id]
        report = verdict_on(*same, record, before=found)
        found.append(replace(record, said=told.said(report)))
    return found


@pytest.mark.parametrize("pr", [0, 7])
def test_what_breaks_with_a_whole_commit_counts_for_no_test(pr: int) -> None:
    """Neither as a failure nor as a pass, as the report blames none."""
    records = [*passes(390, 3), breaking(400, pr=pr), failing(401, pr=8), passing(402)]
    found = summary(*told_of(*records))
    assert (found.rate, found.state) == (rate(0, 4), State.HEALTHY)
    older = replace(breaking(400), said=None)
    assert summary(older).rate == rate(4, 4)


def test_what_goes_on_failing_after_a_broken_commit_counts() -> None:
    """It is no single event any more: from the second build on the test is broken."""
    found = summary(*told_of(*map(breaking, range(400, 405))))
    assert (found.rate, found.state) == (rate(16, 16), State.BROKEN)


def test_what_was_broken_before_a_broken_commit_counts_on() -> None:
    """Its failure is not that commit's."""
    jobs = [job(entry(), name=f"arch {n}", id=n) for n in range(4)]
    assert summary(*told_of(run(399, *jobs), breaking(400))).rate == rate(8, 8)


def test_a_flake_of_a_broken_commit_counts() -> None:
    """It is proven by a pass beside it."""
    flake = job(entry(TEST, FAILED, PASSED), name="arch 4", id=4)
    broken = breaking(400)
    assert summary(*told_of(replace(broken, jobs=(*broken.jobs, flake)))).rate == rate(1, 1)


def test_a_broken_commit_is_one_at_its_last_attempt() -> None:
    """What passes when it is run again was a flake."""
    again = run(400, job(passed=[TEST], name="arch 0", id=10), attempt=2)
    assert summary(*told_of(breaking(400), again)).rate == rate(4, 4)


def test_the_streak_is_that_of_one_job() -> None:
    """One architecture may break alone; the longest streak that is still on is told."""
    arm = [failing(number, name="arm64") for number in (401, 403, 405)]
    found = summary(passing(400, name="arm64"), *arm, passing(402), failing(404), passing(406))
    assert found.streak == Streak(
        job="arm64", builds=3, first_bad="0000401aaaa", last_good="0000400aaaa"
    )


def test_only_the_last_ten_occurrences_are_listed() -> None:
    """Newest first."""
    found = summary(*(flaking(number) for number in range(400, 415)))
    assert list(range(414, 404, -1)) == [seen.occurrence.run_id for seen in found.occurrences]


def test_a_cause_that_was_not_kept_leaves_the_line_of_the_test() -> None:
    """The record holds only so many causes."""
    found = summary(run(400, job(entry(cause=3))))
    assert (found.occurrences[0].occurrence.line, found.by_fingerprint[0].text) == (10, "")


def test_observed_are_the_tests_that_ever_failed() -> None:
    """Whatever was the cause; plain passes are not observed."""
    outage = run(401, job(entry("a.py::t[1]", category=Category.HF_FETCH)))
    history = History([failing(400), outage, run(402, job(passed=["b.py::t"]))])
    assert history.observed == {KEY, "pytest:a.py::t"}


def test_another_tests_history_is_not_this_ones() -> None:
    """A question costs, and returns, what its own test has on record."""
    history = History([failing(400), run(401, job(passed=["b.py::t"]))])
    assert [execution.record.run_id for execution in history.executions(KEY)] == [400]
    assert history.executions("pytest:c.py::t") == ()
    assert [TestId("b.py::t")] == list(history.executions("pytest:b.py::t")[0].passed)


@given(st.lists(st.sampled_from(range(300, 330))), st.randoms())
@settings(max_examples=50, deadline=None)
def test_neither_order_nor_repetition_changes_a_summary(numbers: list[int], random) -> None:  # type: ignore[no-untyped-def]  # hypothesis' Random
    """Every third run fails, every fifth flakes; some are read twice."""
    records = [
        flaking(n, pr=n % 4) if n % 5 == 0 else failing(n, pr=n % 4) if n % 3 == 0 else passing(n)
        for n in numbers
    ]
    unique = list({record.key: record for record in records}.values())
    random.shuffle(records)
    assert summary(*unique) == summary(*records)


def test_windows_end_with_the_total() -> None:
    """A failure of 41 days ago is in none of the spans."""
    found = summary(failing(1, pr=3), failing(2, pr=4))
    assert [count.rate.failures for count in found.windows] == [0, 0, 0, 2]
    assert found.last_seen == NOW - timedelta(hours=998)


def test_a_failure_is_of_its_own_time_however_old_its_commit_is() -> None:
    """A nightly run fails weeks after the commit was first tested, and again the night after."""
    nights = [run(n, job(entry()), sha="quiet") for n in (980, 990)]
    found = summary(run(1, job(passed=[TEST]), sha="quiet"), passing(500), *nights)
    assert (found.first_seen, found.last_seen) == (nights[0].created_at, nights[1].created_at)
    assert [count.rate for count in found.windows] == [rate(1, 1)] * 2 + [rate(1, 2)] * 2
    assert (found.by_fingerprint[0].first, found.by_fingerprint[0].last) == (
        nights[0].created_at,
        nights[1].created_at,
    )
    assert [each.at for each in found.occurrences] == [each.created_at for each in nights[::-1]]
    assert (found.builds_since_last_failure, found.transitions[0].at) == (0, nights[0].created_at)


@pytest.mark.parametrize(
    ("framework", "test"),
    [
        ("pytest", "tests/x.py::test_y[a::b]"),
        ("playwright", "[chromium] \u203a tests/a.spec.ts:12:5 \u203a shows cart"),
        ("jest", "cart \u203a adds"),
        ("go-test", "TestA/b"),
    ],
)
def test_a_test_is_found_by_its_key_whatever_its_framework(framework: str, test: str) -> None:
    """What is looked up is what was indexed."""
    its = replace(entry(test), framework=framework)
    known = tracking_key(framework, test)
    for about in (None, [known]):
        history = History([run(1, job(its)), run(2, job(passed=[test]))], about=about)
        assert len(history.executions(known)) == 2


def test_jobs_of_one_name_in_two_workflows_are_told_apart() -> None:
    """By the workflow, and only where there are two."""
    records = [failing(400), run(401, job(entry()), workflow="Nightly"), failing(402, name="arm64")]
    names = {count.name for count in History(records).summary(KEY, NOW).by_job}
    assert names == {"CI / test", "Nightly / test", "arm64"}
