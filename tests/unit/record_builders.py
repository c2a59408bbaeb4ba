"""Short ways to write records of runs, as tests of history and verdicts need them by the dozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from flakebot.github_objects import Branch, ChangedFile, PullRequest, Run
from flakebot.judging.builds import Build, gather
from flakebot.judging.fixes import Fixes
from flakebot.judging.history import History
from flakebot.judging.honest import honest
from flakebot.judging.verdicts import judge
from flakebot.model import Category, Status, TestId
from flakebot.records import CauseEntry, JobEntry, RunRecord, TestEntry
from flakebot.report import KnownIssue, Report
from flakebot.settings import Settings

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TEST = TestId("tests/router/test_router.py::test_route[tcp]")
KEY = "pytest:tests/router/test_router.py::test_route"
PRINT = "v1:assertion:00000001"
REPOSITORY = "octo/repo"
FAILED, PASSED, RERUN = Status.FAILED, Status.PASSED, Status.RERUN


def entry(
    test: str = TEST,
    *outcomes: Status,
    category: Category = Category.ASSERTION,
    fingerprint: str = PRINT,
    cause: int = -1,
    line: int = 10,
) -> TestEntry:
    """A test that failed, unless other outcomes are given."""
    return TestEntry(
        id=TestId(test),
        framework="pytest",
        outcomes=outcomes or (FAILED,),
        category=category,
        fingerprint=fingerprint,
        line=line,
        cause=cause,
    )


def cause(
    category: Category = Category.ASSERTION, fingerprint: str = PRINT, text: str = "assert 1 == 2"
) -> CauseEntry:
    """A cause at line 7."""
    return CauseEntry(
        category=category,
        rule="rule",
        line=7,
        text=text,
        fingerprint=fingerprint,
        excerpt=("E   " + text,),
    )


def job(
    *tests: TestEntry,
    name: str = "test",
    passed: Sequence[str] = (),
    conclusion: str = "",
    **more: Any,  # fields of JobEntry
) -> JobEntry:
    """A job of 50 tests that failed if one of its tests did."""
    bad = any(test.final.bad for test in tests)
    given: dict[str, Any] = {
        "id": 1,
        "ran": 50,
        "url": f"https://github.com/octo/repo/job/{name}",
    } | more
    return JobEntry(
        name=name,
        tests=tests,
        passed=tuple(TestId(test) for test in passed),
        conclusion=conclusion or ("failure" if bad else "success"),
        **given,
    )


def run(
    run_id: int,
    *jobs: JobEntry,
    attempt: int = 1,
    pr: int = 0,
    sha: str = "",
    **more: Any,  # fields of RunRecord
) -> RunRecord:
    """A run of the default branch, or of a pull request; the id is also the hour it was created."""
    failed = any(its.conclusion == "failure" for its in jobs)
    given: dict[str, Any] = {
        "workflow": "CI",
        "event": "pull_request" if pr else "push",
        "branch": f"feature-{pr}" if pr else "main",
        "trunk": not pr,
        "conclusion": "failure" if failed else "success",
        "created_at": NOW - timedelta(hours=1000 - run_id),
    }
    return RunRecord(
        repository=REPOSITORY,
        run_id=run_id,
        attempt=attempt,
        head_sha=sha or f"{run_id:07d}aaaa",
        pull_request=pr,
        jobs=jobs,
        **(given | more),
    )


def failing(run_id: int, *, pr: int = 0, fingerprint: str = PRINT, name: str = "test") -> RunRecord:
    """A run in which the test failed."""
    return run(run_id, job(entry(fingerprint=fingerprint), name=name), pr=pr)


def passing(run_id: int, *, pr: int = 0, name: str = "test") -> RunRecord:
    """A run in which the test passed."""
    return run(run_id, job(passed=[TEST], name=name), pr=pr)


def flaking(run_id: int, *, pr: int = 0) -> RunRecord:
    """A run in which the test failed and then passed in the same session."""
    return run(run_id, job(entry(TEST, FAILED, PASSED)), pr=pr)


def passes(first: int, count: int) -> list[RunRecord]:
    """Runs of the default branch in which the test passed."""
    return [passing(number) for number in range(first, first + count)]


def pull(number: int = 7, base: str = "base") -> PullRequest:
    """An open pull request."""
    return PullRequest(
        number=number, head=Branch(ref="feature", sha="head"), base=Branch(ref="main", sha=base)
    )


def issue(*fingerprints: str, number: int = 12, is_open: bool = True) -> Mapping[str, KnownIssue]:
    """The tracking issue of the test."""
    known = KnownIssue(key=KEY, number=number, open=is_open, fingerprints=frozenset(fingerprints))
    return {KEY: known}


def verdict_on(
    *records: RunRecord,
    before: Sequence[RunRecord] = (),
    known: Mapping[str, KnownIssue] | None = None,
    changed: Sequence[str] = (),
    base: str = "",
    conclusion: str | None = None,
    problems: Sequence[str] = (),
    fixed: Fixes | None = None,
) -> Report:
    """The report on one run, given what is on record before it."""
    last = records[-1]
    return judge(
        run=Run(id=last.run_id, head_sha=last.head_sha, conclusion=conclusion or last.conclusion),
        records=records,
        history=History([*before, *records], fixes=fixed),
        known=known or {},
        changed=[ChangedFile(filename=name) for name in changed],
        pull=pull(last.pull_request, base) if last.pull_request else None,
        settings=Settings(),
        repository=REPOSITORY,
        problems=problems,
        now=NOW,
    )


_LETTERS = {
    ".": lambda n, name: passing(n, name=name),
    "F": lambda n, name: failing(n, name=name),
    "P": lambda n, name: run(n, job(entry(TEST, FAILED, PASSED), name=name)),
    "f": lambda n, name: failing(n, pr=n, name=name),
    "p": lambda n, name: run(n, job(entry(TEST, FAILED, PASSED), name=name), pr=n),
    "-": lambda n, name: passing(n, pr=n, name=name),
}


def story(letters: str, *, first: int = 1, name: str = "test") -> list[RunRecord]:
    """A run an hour for each letter: `F` failed on the default branch, `.` passed there, `P` failed
    and passed; small letters and `-` are pull requests, each its own.
    """
    return [_LETTERS[letter](first + n, name) for n, letter in enumerate(letters)]


def builds(records: Sequence[RunRecord]) -> tuple[Build, ...]:
    """The builds of the test that count."""
    return honest(gather(History(records).executions(KEY)))[0]
