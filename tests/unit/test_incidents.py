from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from tests.unit.record_builders import (
    FAILED,
    PASSED,
    PRINT,
    TEST,
    cause,
    entry,
    failing,
    issue,
    job,
    passes,
    run,
    verdict_on,
)

from flakebot.keys import HUGGING_FACE
from flakebot.model import Category, Status, TestId
from flakebot.records import Fetch, JobEntry, RunRecord, TestEntry
from flakebot.report import Event, Kind, KnownIssue, Level, Overall, Report

HF = "v1:hf-fetch:00000001"
OUTAGE = cause(Category.HF_FETCH, HF, "ReadTimeout: huggingface.co")


def hit(*tests: str, name: str = "test", outcomes: tuple[Status, ...] = (FAILED,)) -> JobEntry:
    """A job whose tests could not fetch a model."""
    entries = (
        entry(t, *outcomes, category=Category.HF_FETCH, fingerprint=HF, cause=0) for t in tests
    )
    return job(*entries, name=name, causes=(OUTAGE,))


def functions(count: int, fingerprint: str = PRINT) -> list[TestEntry]:
    """As many failing test functions, of one cause or each of its own."""
    return [
        entry(f"a.py::t{n}", fingerprint=fingerprint or f"v1:assertion:{n}") for n in range(count)
    ]


def the_event(*records: RunRecord, before: Sequence[RunRecord] = ()) -> Event:
    (event,) = verdict_on(*records, before=before).events
    return event


# ------------------------------------------------------------------------------------------
# Outages


def test_one_outage_is_one_event_over_jobs_and_tests() -> None:
    """No test that it hit appears as a finding."""
    report = verdict_on(run(500, hit("a.py::t", "a.py::u"), hit("a.py::t", name="arm64"), pr=7))
    assert report.findings == ()
    assert report.overall is Overall.EXTERNAL
    assert report.events == (
        Event(
            category=Category.HF_FETCH,
            fingerprint=HF,
            text=OUTAGE.text,
            url="https://github.com/octo/repo/job/test",
            line=7,
            excerpt=OUTAGE.excerpt,
            jobs=("test", "arm64"),
            tests=(TestId("a.py::t"), TestId("a.py::u")),
            kind=Kind.EXTERNAL,
            reasons=("no test is blamed",),
            rule="rule",
        ),
    )


def test_an_outage_that_shows_in_many_ways_is_one_event() -> None:
    """Three clients print three messages; the most frequent speaks for all."""
    limited = cause(Category.HF_FETCH, "v1:hf-fetch:429", "429 Client Error")
    other = job(
        entry("b.py::t", category=Category.HF_FETCH, fingerprint="v1:hf-fetch:429", cause=0),
        name="rust",
        conclusion="failure",
        causes=(limited,),
    )
    (event,) = verdict_on(run(500, other, hit("a.py::t", "a.py::u"), pr=7)).events
    assert (event.text, event.jobs) == (OUTAGE.text, ("rust", "test"))
    assert len(event.tests) == 3


def test_a_refusal_is_told_with_its_rule_its_model_and_what_was_asked_of_it() -> None:
    """Answers about other models are no answers about this one, nor is what another job of this
    one fetched at last.
    """
    gated = replace(
        cause(Category.HF_ACCESS, "v1:hf-access:1", "gated"), rule="hf-gated", model="a/b"
    )
    its = job(
        entry("b.py::t", category=Category.HF_ACCESS, fingerprint="v1:hf-access:1", cause=0),
        conclusion="failure",
        causes=(gated,),
    )
    about, other = (
        Fetch(address=f"https://huggingface.co/{name}/resolve/main/x", result="permanent")
        for name in ("a/b", "c/d")
    )
    came = replace(about, result="recovered")
    asked = run(500, its, pr=7, fetches=(came,), probes=(about, other))
    (event,) = verdict_on(asked).events
    assert (event.rule, event.model, event.fetches) == ("hf-gated", "a/b", (about,))
    (unnamed,) = verdict_on(
        run(500, replace(its, causes=(replace(gated, model=""),)), probes=(about,), pr=7)
    ).events
    assert unnamed.fetches == ()


def test_a_failure_without_a_kept_cause_has_no_rule() -> None:
    """A record keeps fifty causes of a job."""
    its = job(entry("b.py::t", category=Category.HF_ACCESS, fingerprint="v1:x"))
    (event,) = verdict_on(run(500, its, pr=7)).events
    assert (event.rule, event.model) == ("", "")


def test_the_open_issue_that_counts_outages_is_named() -> None:
    """A closed one is not, nor is it the business of other events."""
    known = {
        HUGGING_FACE: KnownIssue(key=HUGGING_FACE, number=12, open=True),
    }
    lost = job(entry("a.py::v", category=Category.RUNNER_LOST, fingerprint="v1:x:1"), name="gpu")
    report = verdict_on(run(500, hit("a.py::t"), lost, pr=7), known=known)
    assert [event.issue for event in report.events] == [0, 12]
    closed = {HUGGING_FACE: replace(known[HUGGING_FACE], open=False)}
    (event,) = verdict_on(run(500, hit("a.py::t"), pr=7), known=closed).events
    assert event.issue == 0


def test_two_outages_are_two_events_worst_first() -> None:
    """Infrastructure stands before what is external."""
    lost = job(entry("a.py::v", category=Category.RUNNER_LOST, fingerprint="v1:x:1"), name="gpu")
    report = verdict_on(run(500, hit("a.py::t"), lost, pr=7))
    assert [event.kind for event in report.events] == [Kind.INFRA, Kind.EXTERNAL]
    assert report.overall is Overall.INFRA


@pytest.mark.parametrize(
    ("fetches", "result"),
    [
        (
            (Fetch(address="https://x", result="recovered", tries=2, seconds=12.2),),
            "recovered after 12 s",
        ),
        (
            (Fetch(address="https://x", result="failing", tries=5, seconds=300),),
            "still failing after 5 tries",
        ),
        ((), ""),
    ],
)
def test_what_asking_again_gave(fetches: tuple[Fetch, ...], result: str) -> None:
    """It belongs to the event of Hugging Face alone."""
    pulled = job(
        name="image", conclusion="failure", causes=(cause(Category.DOCKER_PULL, "v1:d:1"),)
    )
    report = verdict_on(run(500, hit("a.py::t"), pulled, pr=7, fetches=fetches))
    results = {event.category: (event.result, event.fetches) for event in report.events}
    assert results == {Category.HF_FETCH: (result, fetches), Category.DOCKER_PULL: ("", ())}


def test_an_outage_whose_tests_pass_next_time_is_no_flake() -> None:
    """The next attempt settles it."""
    second = job(entry("b.py::x"), passed=["a.py::t"])
    first = run(500, hit("a.py::t"), pr=7, fetches=(Fetch(address="https://x", result="failing"),))
    report = verdict_on(first, run(500, second, attempt=2, pr=7))
    assert [e.result for e in report.events] == ["still failing after 0 tries; passed in attempt 2"]
    assert [finding.test for finding in report.findings] == ["b.py::x"]


def test_an_outage_that_lasts_is_not_settled() -> None:
    """One of two tests passed in the second attempt."""
    again = hit("a.py::u")
    first = run(500, hit("a.py::t", "a.py::u"), pr=7)
    event = the_event(first, run(500, again, attempt=2, pr=7))
    assert event.result == "hit again in attempt 2"


def test_a_green_job_in_which_the_test_failed_is_no_pass() -> None:
    """A step may fail without its job: the outage is over, yet the test has not passed."""
    again = job(entry("a.py::t"), conclusion="success")
    report = verdict_on(run(500, hit("a.py::t"), pr=7), run(500, again, attempt=2, pr=7))
    assert [event.result for event in report.events] == [""]
    assert [finding.verdict.kind for finding in report.findings] == [Kind.NEW]


def test_an_outage_that_was_retried_in_the_job_is_settled() -> None:
    """No flake of the test, and the job is green."""
    report = verdict_on(run(500, hit("a.py::t", outcomes=(FAILED, PASSED)), pr=7))
    assert [event.result for event in report.events] == ["passed when run again in the same job"]
    assert (report.findings, report.overall) == ((), Overall.EXTERNAL)


def test_one_test_recovered_in_the_job_and_another_in_the_next_attempt() -> None:
    """What ended well already needs no later attempt."""
    mixed = job(
        *hit("a.py::t", outcomes=(FAILED, PASSED)).tests, *hit("a.py::u").tests, causes=(OUTAGE,)
    )
    event = the_event(run(500, mixed, pr=7), run(500, job(), attempt=2, pr=7))
    assert event.result == "passed in attempt 2"


# ------------------------------------------------------------------------------------------
# Mass failures


def test_a_job_in_which_most_tests_fail_is_one_event() -> None:
    """Four of five tests, each in its own way; the author must look, no test is blamed."""
    report = verdict_on(run(500, job(*functions(4, ""), ran=5), pr=7))
    (event,) = report.events
    assert report.findings == ()
    assert (event.kind, len(event.tests), report.overall) == (Kind.NEW, 4, Overall.NEW_FAILURES)
    assert event.reasons[0] == ("4 of 5 tests of job test failed: one fault, no test is blamed")


@pytest.mark.parametrize(("failed", "ran"), [(4, 4), (3, 5), (7, 9)])
def test_fewer_failures_are_judged_one_by_one(failed: int, ran: int) -> None:
    """Below five tests or below 80 % there is no mass."""
    report = verdict_on(run(500, job(*functions(failed, ""), ran=ran), pr=7))
    assert (failed, ()) == (len(report.findings), report.events)


def test_a_mass_failure_that_the_next_attempt_does_not_show() -> None:
    """The same commit: flaky, and no test's flake."""
    names = [f"a.py::t{n}" for n in range(5)]
    first = run(500, job(*functions(5), ran=5), pr=7)
    report = verdict_on(first, run(500, job(passed=names), attempt=2, pr=7))
    assert [(e.kind, e.result) for e in report.events] == [(Kind.FLAKY, "passed in attempt 2")]
    assert (report.findings, report.overall) == ((), Overall.FLAKY)


def test_a_mass_failure_of_the_default_branch_is_broken() -> None:
    """Its last build of this job failed for the same cause."""
    event = the_event(
        run(500, job(*functions(5), ran=5), pr=7), before=[run(400, job(*functions(5), ran=5))]
    )
    assert event.kind is Kind.BROKEN
    assert event.reasons[1] == "job test fails the same way on the default branch at 0000400"


def test_a_flake_in_a_mass_failure_is_still_a_finding() -> None:
    """It passed in this very session."""
    flaked = entry(TEST, FAILED, PASSED, fingerprint="v1:assertion:other")
    report = verdict_on(run(500, job(*functions(5), flaked, ran=6), pr=7))
    assert [(f.test, f.verdict.level) for f in report.findings] == [(TEST, Level.PROVEN)]


def test_one_cause_under_ten_functions_is_one_event() -> None:
    """Over jobs, and with the rest of the run judged as ever."""
    other = entry(fingerprint="v1:assertion:other")
    report = verdict_on(run(500, job(*functions(10)), job(other, name="arm64"), pr=7))
    assert [event.reasons[0] for event in report.events] == [
        "one cause under 10 test functions: no test is blamed"
    ]
    assert [finding.test for finding in report.findings] == [TEST]


def test_variants_of_one_function_are_no_mass() -> None:
    """Twelve parameters of one function are one failing test, and it is at fault."""
    variants = [entry(f"a.py::t[{n}]") for n in range(12)]
    report = verdict_on(run(500, job(*variants), pr=7))
    assert (len(report.findings), report.events) == (12, ())


def test_a_commit_that_breaks_many_jobs_is_one_event() -> None:
    """Four of sixteen jobs is a quarter; the most frequent cause speaks."""
    bad = [
        job(entry(f"a.py::t{n % 3}", fingerprint=f"v1:a:{n % 3}"), name=f"bad {n}")
        for n in range(4)
    ]
    good = [job(name=f"good {n}") for n in range(12)]
    report = verdict_on(run(500, *bad, *good, pr=7))
    (event,) = report.events
    assert report.findings == ()
    assert (
        event.kind,
        event.fingerprint,
        sorted(event.jobs),
    ) == (Kind.NEW, "v1:a:0", ["bad 0", "bad 1", "bad 2", "bad 3"])
    assert event.reasons[0] == "4 of 16 jobs (25 %) of this commit failed: no test is blamed"


@pytest.mark.parametrize(("bad", "good"), [(4, 13), (3, 0), (1, 3)])
def test_fewer_jobs_are_no_broken_commit(bad: int, good: int) -> None:
    """Below a quarter, or below four jobs, every failure is judged."""
    failed = [
        job(entry(f"a.py::t{n}", fingerprint=f"v1:a:{n}"), name=f"bad {n}") for n in range(bad)
    ]
    report = verdict_on(run(500, *failed, *(job(name=f"good {n}") for n in range(good)), pr=7))
    assert (bad, ()) == (len(report.findings), report.events)


def test_one_test_that_fails_in_a_whole_matrix_is_at_fault() -> None:
    """Its author is told which one, and not that no test is blamed."""
    report = verdict_on(run(500, *(job(entry(), name=f"python {n}") for n in range(4)), pr=7))
    (finding,) = report.findings
    assert (finding.verdict.kind, len(finding.occurrences), report.events) == (Kind.NEW, 4, ())


def test_known_flakes_do_not_make_a_commit_broken() -> None:
    """Four jobs failed, three of them for what an issue explains."""
    jobs = [job(entry(), name=f"arch {n}") for n in range(3)]
    before = [*passes(390, 4), failing(395, pr=3), *passes(396, 3), failing(399, pr=4)]
    other = job(entry("b.py::x", fingerprint="v1:a:9"), name="other")
    report = verdict_on(run(500, *jobs, other, pr=7), before=before, known=issue(PRINT))
    assert [(finding.test, finding.verdict.kind) for finding in report.findings] == [
        ("b.py::x", Kind.NEW),
        (TEST, Kind.FLAKY),
    ]


def test_jobs_that_pass_when_run_again_do_not_make_a_commit_broken() -> None:
    """The last attempt of each job counts, and a job that was not re-run keeps its own."""
    bad = [job(entry(f"a.py::t{n}", fingerprint=f"v1:a:{n}"), name=f"bad {n}") for n in range(4)]
    again = [job(name=f"bad {n}") for n in range(3)]
    report = verdict_on(run(500, *bad, pr=7), run(500, *again, attempt=2, pr=7))
    assert (len(report.findings), report.events) == (4, ())


def test_two_masses_of_one_cause_are_one_event() -> None:
    """Two jobs each failed whole, for the same reason."""
    event = the_event(
        run(500, job(*functions(5), ran=5), job(*functions(5), ran=5, name="arm64", id=2), pr=7)
    )
    assert event.jobs == ("test", "arm64")
    assert [reason.partition(" failed")[0] for reason in event.reasons[:2]] == [
        "5 of 5 tests of job test",
        "5 of 5 tests of job arm64",
    ]


def test_an_empty_run_has_no_events() -> None:
    """Nothing failed, nothing is told."""
    report: Report = verdict_on(run(500))
    assert (report.findings, report.events, report.overall) == ((), (), Overall.CLEAN)


@pytest.mark.parametrize(
    ("silence", "reached", "reason"),
    [
        (3498, 72, "job gpu was silent for 58 minutes, at 72 % of the tests; no test is blamed"),
        (600, -1, "job gpu was silent for 10 minutes; no test is blamed"),
    ],
)
def test_a_hang_says_how_long_the_job_was_silent(silence: int, reached: int, reason: str) -> None:
    """Until somebody cancelled it, and how far its tests had come."""
    hung = entry("a.py::t", Status.UNFINISHED, category=Category.HANG, fingerprint="v1:hang:1")
    record = run(500, job(hung, name="gpu", silence=silence, reached=reached))
    (event,) = verdict_on(record).events
    assert (reason,) == event.reasons
