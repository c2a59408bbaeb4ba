"""A JUnit file finds its job, or says that it cannot."""

from __future__ import annotations

import pytest

from flakebot.frameworks.junit_xml import JUnitReading, JUnitTest
from flakebot.github_objects import Job
from flakebot.model import LogReading, MissingLog, Status, TestId
from flakebot.reading import junit_jobs
from flakebot.reading.recording import ReadJob

AMD = 62106847745
ARM = 62106847746


def _job(job_id: int, name: str, *passed: str) -> ReadJob:
    reading = LogReading(source=name, passed=frozenset(map(TestId, passed)), lines=9)
    return ReadJob(job=Job(id=job_id, name=name), reading=reading)


def _file(artifact: str, *tests: str) -> JUnitReading:
    found = tuple(
        JUnitTest(
            id=TestId(test),
            framework="pytest",
            classname="tests.a",
            name=test.rsplit("::", maxsplit=1)[-1],
            outcomes=(Status.FAILED,),
            text="AssertionError: no",
        )
        for test in tests
    )
    return JUnitReading(source=f"{artifact}/report.xml", artifact=artifact, tests=found)


JOBS = (
    _job(AMD, "test / parallel, amd64", "tests/a.py::test_amd"),
    _job(ARM, "test / parallel, arm64", "tests/a.py::test_arm"),
    _job(7, "test"),
    _job(8, "Prüfung"),
)


@pytest.mark.parametrize(
    ("artifact", "test", "job_id"),
    [
        (f"test-results-21553857421-{AMD}", "tests/a.py::test_x", AMD),
        ("test-results-test-parallel-arm64", "tests/a.py::test_x", ARM),
        ("junit", "tests/a.py::test_arm", ARM),
        ("results-PRÜFUNG", "tests/a.py::test_x", 8),
    ],
    ids=["by id", "by name, the longest", "by tests", "by name, in any language"],
)
def test_a_file_finds_its_job(artifact: str, test: str, job_id: int) -> None:
    """By id, by name, or by the tests both know."""
    problems: list[str] = []
    merged = junit_jobs.merge(JOBS, [_file(artifact, test)], problems)
    changed = [after.job.id for before, after in zip(JOBS, merged, strict=True) if before != after]
    assert ([job_id], []) == (changed, problems)


def test_the_only_job_needs_no_hint() -> None:
    """A run with one job has all files."""
    problems: list[str] = []
    (merged,) = junit_jobs.merge(JOBS[:1], [_file("junit", "tests/b.py::test_x")], problems)
    assert isinstance(merged.reading, LogReading)
    assert (len(merged.reading.tests), problems) == (1, [])


def test_a_file_of_a_job_recorded_before_is_passed_over() -> None:
    """A re-run of one job does not get the files of the jobs that were not run again."""
    problems: list[str] = []
    files = [_file(f"results-{ARM}", "tests/a.py::test_arm"), _file("junit", "tests/b.py::test_x")]
    merged = junit_jobs.merge(JOBS[:1], files, problems, elsewhere=frozenset({ARM}))
    assert JOBS[:1] == merged
    assert problems == ["JUnit junit/report.xml: it cannot be told which job it belongs to"]


def test_a_file_that_could_be_anyones_is_said() -> None:
    """It is not guessed."""
    problems: list[str] = []
    merged = junit_jobs.merge(JOBS[:2], [_file("junit", "tests/b.py::test_x")], problems)
    assert JOBS[:2] == merged
    assert problems == ["JUnit junit/report.xml: it cannot be told which job it belongs to"]


def test_a_job_without_a_log_is_read_from_its_files() -> None:
    """And the report says that this is all there is."""
    lost = ReadJob(job=Job(id=AMD, name="lost"), reading=MissingLog(reason="the log is gone"))
    (merged,) = junit_jobs.merge([lost], [_file("junit", "tests/a.py::test_x")], [])
    assert isinstance(merged.reading, LogReading)
    assert [test.id for test in merged.reading.tests] == ["tests/a.py::test_x"]
    assert "JUnit files alone" in merged.reading.problems[0].reason


def test_tests_of_a_job_without_a_log_are_unknown() -> None:
    """Such a job shares no tests with a file."""
    lost = ReadJob(job=Job(id=9, name="lost"), reading=MissingLog(reason="gone"))
    merged = junit_jobs.merge([*JOBS[:1], lost], [_file("junit", "tests/a.py::test_amd")], [])
    assert merged[1] == lost
