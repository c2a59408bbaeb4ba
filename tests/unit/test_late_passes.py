"""Passes that only a later attempt asks for: which logs are read again, and what comes of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit import view_values as v
from tests.unit.memory_forge import MemoryForge
from tests.unit.record_builders import KEY, TEST, entry, job, run

from flakebot.errors import GitHubError
from flakebot.github_objects import Job
from flakebot.judging.history import History
from flakebot.model import Category, LogReading, MissingLog, Status, TestId, TestResult
from flakebot.pipeline import collecting, late_passes
from flakebot.reading.recording import ReadJob
from flakebot.records import JobEntry, LatePasses, RunRecord, completed

OTHER = "tests/router/test_router.py::test_other"


def read(
    *failed: str,
    passed: tuple[str, ...] = (),
    name: str = "test",
    category: Category = Category.ASSERTION,
    status: Status = Status.FAILED,
) -> ReadJob:
    """A job of the newest attempt, or one that was read again."""
    tests = tuple(
        TestResult(
            id=TestId(test), framework="pytest", outcomes=(status,), category=category, line=1
        )
        for test in failed
    )
    reading = LogReading(
        source="log", frameworks=("pytest",), tests=tests, passed=frozenset(map(TestId, passed))
    )
    return ReadJob(job=Job(id=1, name=name), reading=reading)


def wanted(recorded: JobEntry, *newest: ReadJob) -> late_passes.Wanted:
    """What is asked of an attempt with one job on record."""
    return late_passes.wanted(run(1, recorded), [newest])


@pytest.mark.parametrize("passing", [True, False])
def test_a_refusal_that_lasts_does_not_make_a_run_partial(*, passing: bool) -> None:
    """An organisation that wants single sign-on would never have anything recorded."""
    error = GitHubError("GitHub answered 403: SAML.", status=403, passing=passing)
    problems: list[str] = []
    forge = MemoryForge(failures={"pull_request": error})
    found = collecting._pull_request(v.run(), forge, problems)
    assert (found, problems) == ((None, passing), [str(error)])


def test_a_job_that_says_nothing_of_a_failing_test_is_read_again() -> None:
    """The record of attempt 1 kept no pass, since nobody watched the test."""
    assert wanted(job(entry(OTHER)), read(TEST)) == {1: frozenset({KEY})}


def test_a_record_that_knows_the_test_is_believed() -> None:
    """It failed there, or its pass is on record: nothing more is to be learnt."""
    assert wanted(job(entry(TEST)), read(TEST)) == {}
    assert wanted(job(entry(OTHER), passed=[TEST]), read(TEST)) == {}


def test_nothing_is_asked_that_would_prove_nothing() -> None:
    """Another job is another configuration, an outage is nobody's flake, a pass needs no proof, and
    a log that could not be read then is not asked for now.
    """
    silent = job(entry(OTHER))
    assert wanted(silent, read(TEST, name="other")) == {}
    assert wanted(silent, read(TEST, category=Category.HF_FETCH)) == {}
    assert wanted(silent, read(TEST, status=Status.SKIPPED)) == {}
    assert wanted(silent, ReadJob(job=Job(id=1, name="test"), reading=MissingLog(reason="x"))) == {}
    assert wanted(replace(silent, log="gone"), read(TEST)) == {}


def test_as_many_jobs_are_read_again_as_people_re_run() -> None:
    """A run of a hundred jobs that was run again whole costs no hundred logs more."""
    jobs = [job(name=f"job {n}", id=n) for n in range(100)]
    newest = [read(TEST, name=each.name) for each in jobs]
    asked = late_passes.wanted(run(1, *jobs), [newest])
    assert len(asked) == len(jobs)
    assert list(late_passes.first(asked)) == list(range(late_passes.MOST))


def test_what_is_found_are_passes_of_the_wanted_tests() -> None:
    """Of the jobs that were asked for, and of logs that are still there."""
    asked = {1: frozenset({KEY})}
    gone = ReadJob(job=Job(id=1, name="test"), reading=MissingLog(reason="expired"))
    found = late_passes.found([read(passed=(TEST, OTHER)), gone], asked)
    assert list(found) == [LatePasses(job=1, passed=(TestId(TEST),))]
    assert list(late_passes.found([read(passed=(TEST,))], {})) == []
    assert list(late_passes.found([read(passed=(OTHER,))], asked)) == []


def attempts(late: tuple[LatePasses, ...]) -> tuple[RunRecord, RunRecord]:
    """Attempt 1 failed in another test, attempt 2 in this one."""
    first = run(1, job(entry(OTHER), id=11), attempt=1)
    second = run(1, job(entry(TEST), id=12), attempt=2, late_passes=late)
    return first, second


def test_a_pass_found_late_proves_the_flake() -> None:
    """History puts it into the job that it is of; without it nothing is proven."""
    late = (LatePasses(job=11, passed=(TestId(TEST),)),)
    for given, proven in ((late, [True]), ((), [False])):
        executions = History(attempts(given)).executions(KEY)
        assert [bool(each.passes) for each in executions] == [*proven, False][-len(executions) :]


def test_a_pass_found_late_is_told_once() -> None:
    """A job whose record has the test, as another attempt was told as well, stays as it is."""
    late = LatePasses(job=11, passed=(TestId(TEST), TestId(OTHER)))
    first, second = attempts((late, late))
    whole, same = completed([first, second])
    assert whole.jobs[0].passed == (TestId(TEST),)
    assert same is not first
    assert completed([whole, second])[0] == whole


def test_records_of_other_runs_stay_the_very_same() -> None:
    """Most records have nothing to do with it, and are not made anew."""
    first, second = attempts((LatePasses(job=11, passed=(TestId(TEST),)),))
    other = run(2, job(entry(OTHER), id=11))
    assert completed([first, second, other])[2] is other
