"""Small reports, records and histories for the tests of the views."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flakebot.github_objects import Branch, PullRequest, Repository, Run
from flakebot.judging.history import History
from flakebot.judging.stats import rate
from flakebot.keys import tracking_key
from flakebot.model import Category, Status, TestId
from flakebot.records import CauseEntry, Fetch, JobEntry, RunRecord, TestEntry
from flakebot.report import (
    Event,
    Finding,
    Kind,
    Level,
    Occurrence,
    Overall,
    Rate,
    Report,
    Unread,
    Verdict,
)
from flakebot.settings import Settings
from flakebot.sinks import Context

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
SITE = "https://github.com/org/repo"
REPOSITORY = Repository(full_name="org/repo", html_url=SITE)
HEAD = "5f0c3de1aa0b4c2d9e8f7a6b5c4d3e2f1a0b9c8d"
RUN_ID = 900
ROUTER = TestId("tests/router/test_router.py::test_bindings[True-tcp]")
ABORT = "Fatal Python error: Aborted"
ABORT_LOG = (
    "tests/router/test_router.py::test_bindings[True-tcp] ",
    ABORT,
    "",
    "Thread 0x00007f1 (most recent call first):",
    '  File "/workspace/tests/router/common.py", line 118 in _wait_for_workers',
    "[gw6] node down: Not properly terminated",
)


def seen(
    test: str = ROUTER,
    *,
    job: str = "test (amd64)",
    job_id: int = 11,
    outcomes: tuple[Status, ...] = (Status.CRASHED, Status.PASSED),
    category: Category = Category.CRASH_SIGABRT,
    text: str = ABORT,
    excerpt: tuple[str, ...] = ABORT_LOG,
    line: int = 1201,
) -> Occurrence:
    """One occurrence in the run under test."""
    del test
    return Occurrence(
        run_id=RUN_ID,
        attempt=1,
        job_id=job_id,
        job=job,
        url=f"{SITE}/actions/runs/{RUN_ID}/job/{job_id}",
        line=line,
        outcomes=outcomes,
        category=category,
        fingerprint=fingerprint(category),
        text=text,
        excerpt=excerpt,
        workers=16,
        worker="gw6",
    )


def fingerprint(category: Category) -> str:
    """A fingerprint as the real ones look."""
    return f"v1:{category}:2f6c0a91"


def finding(
    kind: Kind = Kind.FLAKY,
    test: str = ROUTER,
    *,
    at: Occurrence | None = None,
    level: Level | None = None,
    reasons: tuple[str, ...] = ("failed and passed in the same job of one commit",),
    rated: Rate | None = None,
    issue: int = 0,
    counted: bool | None = None,
) -> Finding:
    """One finding; a flaky one is proven and counted unless told otherwise."""
    at = at or seen(test)
    flaky = kind is Kind.FLAKY
    return Finding(
        test=TestId(test),
        function=tracking_key("pytest", test) if test else "",
        framework="pytest",
        verdict=Verdict(
            kind=kind,
            confidence=0.9,
            reasons=reasons,
            level=level if level is not None else (Level.PROVEN if flaky else Level.NONE),
        ),
        occurrences=(at,),
        rate=rated,
        issue=issue,
        counted=flaky if counted is None else counted,
    )


def outage(*, recovered: bool = True, category: Category = Category.HF_FETCH) -> Event:
    """One event of Hugging Face."""
    fetch = Fetch(
        address="https://huggingface.co/Qwen/Qwen3-0.6B/resolve/main/config.json",
        result="recovered" if recovered else "failing",
        tries=3,
        seconds=12.0,
    )
    return Event(
        category=category,
        fingerprint=fingerprint(category),
        text="ReadTimeoutError: HTTPSConnectionPool(host='huggingface.co', port=443)",
        url=f"{SITE}/actions/runs/{RUN_ID}/job/12",
        line=88,
        excerpt=("E   ReadTimeoutError: HTTPSConnectionPool(host='huggingface.co', port=443)",),
        jobs=("test (arm64)",),
        tests=(
            TestId("tests/models/test_load.py::test_a"),
            TestId("tests/models/test_load.py::test_b"),
        ),
        kind=Kind.EXTERNAL,
        reasons=("hit 2 tests in 1 job; no test is blamed",),
        fetches=(fetch,),
        result="recovered after 12 s" if recovered else "still failing after 3 tries",
    )


def job(
    name: str = "test (amd64)",
    job_id: int = 11,
    *,
    conclusion: str = "failure",
    tests: tuple[TestEntry, ...] = (),
    causes: tuple[CauseEntry, ...] = (),
    passed: tuple[str, ...] = (),
    run_id: int = RUN_ID,
    workers: int = 16,
) -> JobEntry:
    """One job of a record."""
    return JobEntry(
        id=job_id,
        name=name,
        conclusion=conclusion,
        url=f"{SITE}/actions/runs/{run_id}/job/{job_id}",
        failed_step="Run tests" if conclusion == "failure" else "",
        workers=workers,
        ran=40,
        causes=causes,
        tests=tests,
        passed=tuple(TestId(test) for test in passed),
    )


def failing_job(
    test: str = ROUTER,
    *,
    category: Category = Category.CRASH_SIGABRT,
    outcomes: tuple[Status, ...] = (Status.CRASHED, Status.PASSED),
    text: str = ABORT,
    name: str = "test (amd64)",
    conclusion: str = "failure",
    workers: int = 16,
    job_id: int = 11,
) -> JobEntry:
    """A job with one test that did not simply pass."""
    cause = CauseEntry(
        category=category,
        rule="r",
        line=1201,
        text=text,
        fingerprint=fingerprint(category),
        excerpt=ABORT_LOG if text == ABORT else (text,),
        affected=1,
    )
    entry = TestEntry(
        id=TestId(test),
        framework="pytest",
        outcomes=outcomes,
        category=category,
        fingerprint=fingerprint(category),
        line=1190,
        cause=0,
        worker="gw6",
    )
    return job(
        name, job_id, conclusion=conclusion, tests=(entry,), causes=(cause,), workers=workers
    )


def record(
    run_id: int = RUN_ID,
    *jobs: JobEntry,
    attempt: int = 1,
    sha: str = HEAD,
    at: datetime = NOW,
    trunk: bool = False,
    pull: int = 7,
    fetches: tuple[Fetch, ...] = (),
) -> RunRecord:
    """One analysed attempt."""
    return RunRecord(
        repository="org/repo",
        run_id=run_id,
        attempt=attempt,
        workflow="CI",
        event="pull_request",
        branch="main" if trunk else "feature",
        head_sha=sha,
        created_at=at,
        conclusion="failure",
        trunk=trunk,
        pull_request=0 if trunk else pull,
        url=f"{SITE}/actions/runs/{run_id}",
        jobs=jobs or (failing_job(),),
        fetches=fetches,
    )


def past(*, passes: int = 38, test: str = ROUTER) -> tuple[RunRecord, ...]:
    """Green builds of other commits before the run under test, and two that failed."""
    green = [
        record(
            i,
            job(conclusion="success", passed=(test,), run_id=i),
            sha=f"{i:040x}"[::-1],
            at=NOW - timedelta(hours=6 * i),
            trunk=True,
        )
        for i in range(1, passes + 1)
    ]
    red = [
        record(
            500 + i,
            failing_job(test),
            sha=f"{500 + i:040x}"[::-1],
            at=NOW - timedelta(days=3 * i),
            pull=40 + i,
        )
        for i in (1, 2)
    ]
    return (*green, *red)


def run(attempt: int = 1, *, status: str = "completed", conclusion: str = "failure") -> Run:
    """The run under test."""
    return Run(
        id=RUN_ID,
        head_sha=HEAD,
        name="CI",
        path=".github/workflows/ci.yml",
        head_branch="feature",
        event="pull_request",
        status=status,
        conclusion=conclusion,
        run_attempt=attempt,
        html_url=f"{SITE}/actions/runs/{RUN_ID}",
        created_at=NOW,
    )


def pull(sha: str = HEAD) -> PullRequest:
    """The pull request of the run."""
    return PullRequest(
        number=7, head=Branch(ref="feature", sha=sha), base=Branch(ref="main", sha="b" * 40)
    )


def report(
    *findings: Finding,
    events: tuple[Event, ...] = (),
    records: tuple[RunRecord, ...] = (),
    overall: Overall = Overall.FLAKY,
    unread: tuple[Unread, ...] = (),
    problems: tuple[str, ...] = (),
    subject: Run | None = None,
    pull_request: int = 7,
    superseded: bool = False,
) -> Report:
    """A report of the run under test."""
    return Report(
        run=subject or run(),
        repository="org/repo",
        records=records or (record(),),
        findings=findings,
        events=events,
        unread=unread,
        problems=problems,
        overall=overall,
        now=NOW,
        pull_request=pull_request,
        head_sha=HEAD,
        superseded=superseded,
    )


def context(
    subject: Report,
    *,
    history: tuple[RunRecord, ...] | None = None,
    settings: Settings | None = None,
    repository: Repository = REPOSITORY,
) -> Context:
    """What a sink is given."""
    before = past() if history is None else history
    return Context(
        report=subject,
        history=History([*before, *subject.records]),
        settings=settings or Settings(),
        repository=repository,
        now=NOW,
    )


def rated(failures: int, builds: int) -> Rate:
    """A rate with its interval."""
    return rate(failures, builds)
