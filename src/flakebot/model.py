"""A log before and after it is understood, as frozen values. Pure; imports nothing of flakebot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, TypeVar, dataclass_transform

TestId = NewType("TestId", str)
"""A test's id exactly as its framework prints it."""


_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def value(cls: type[_T]) -> type[_T]:
    """Make a class a value: frozen, slotted, keyword-only; msgspec encodes and decodes it."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


# ------------------------------------------------------------------------------------------
# Categories


class Owner(StrEnum):
    """Who should act on a cause."""

    EXTERNAL = "external"
    INFRA = "infra"
    TEST = "test"
    CODE = "code"
    NONE = "none"


class Severity(StrEnum):
    """How bad."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Category(StrEnum):
    """The closed list of causes shown to users."""

    HF_FETCH = "hf-fetch"
    HF_ACCESS = "hf-access"
    NETWORK_TIMEOUT = "network-timeout"
    NETWORK_CONNECTION = "network-connection"
    NETWORK_DNS = "network-dns"
    NETWORK_TLS = "network-tls"
    NETWORK_HTTP_5XX = "network-http-5xx"
    NETWORK_RATE_LIMIT = "network-rate-limit"
    GIT_FETCH = "git-fetch"
    DOCKER_PULL = "docker-pull"
    DEPENDENCY_INSTALL = "dependency-install"
    ARTIFACT_TRANSFER = "artifact-transfer"
    RUNNER_LOST = "runner-lost"
    CANCELLED = "cancelled"
    JOB_TIMEOUT = "job-timeout"
    HANG = "hang"
    DISK_FULL = "disk-full"
    OOM_KILL = "oom-kill"
    CUDA_OOM = "cuda-oom"
    GPU_ERROR = "gpu-error"
    PORT_CONFLICT = "port-conflict"
    PROCESS_KILLED = "process-killed"
    ASSERTION = "assertion"
    EXCEPTION = "exception"
    TEST_TIMEOUT = "test-timeout"
    CRASH_SIGABRT = "crash-sigabrt"
    CRASH_SIGSEGV = "crash-sigsegv"
    CRASH_OTHER_SIGNAL = "crash-other-signal"
    WORKER_CRASH = "worker-crash"
    COLLECTION_ERROR = "collection-error"
    SNAPSHOT_MISMATCH = "snapshot-mismatch"
    PANIC = "panic"
    BUILD_ERROR = "build-error"
    IMPORT_ERROR = "import-error"
    LINT = "lint"
    TYPE_CHECK = "type-check"
    CONFIGURATION = "configuration"
    UNKNOWN = "unknown"

    @property
    def owner(self) -> Owner:
        """Who should act."""
        return _OWNERS[self]

    @property
    def severity(self) -> Severity:
        """External is low, crash and hang are high, the rest is medium."""
        if self in _HIGH:
            return Severity.HIGH
        return Severity.LOW if self.owner is Owner.EXTERNAL else Severity.MEDIUM


_HIGH = frozenset(
    {
        Category.HANG,
        Category.CRASH_SIGABRT,
        Category.CRASH_SIGSEGV,
        Category.CRASH_OTHER_SIGNAL,
        Category.WORKER_CRASH,
        Category.PANIC,
    }
)


def _owners() -> dict[Category, Owner]:
    """Categories stand in the enum one owner's after the other's."""
    firsts = {
        Category.HF_FETCH: Owner.EXTERNAL,
        Category.RUNNER_LOST: Owner.INFRA,
        Category.ASSERTION: Owner.TEST,
        Category.BUILD_ERROR: Owner.CODE,
        Category.UNKNOWN: Owner.NONE,
    }
    owner, owners = Owner.NONE, {}
    for category in Category:
        owner = firsts.get(category, owner)
        owners[category] = owner
    return owners


_OWNERS = _owners()


# ------------------------------------------------------------------------------------------
# Logs and artifacts, before they are understood


@value
class LogText:
    """A job's log as chunks of bytes of any size, readable once, until the next log is asked
    for.
    """

    chunks: Iterable[bytes]


@value
class MissingLog:
    """A log that could not be read, and why; never taken for a pass.

    `passing` says that the reason is an outage, so that the log may be readable later.
    """

    reason: str
    passing: bool = False


JobLog = LogText | MissingLog


@value
class JUnitFile:
    """One XML file of an artifact, as it was uploaded."""

    artifact: str
    name: str
    content: bytes


@value
class MissingJUnit:
    """An artifact that could not be read, and why; `passing` as of a log."""

    artifact: str
    reason: str
    passing: bool = False


# ------------------------------------------------------------------------------------------
# What a log says


class Status(StrEnum):
    """One outcome of one test in one job."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    RERUN = "rerun"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    UNFINISHED = "unfinished"

    @property
    def bad(self) -> bool:
        """Whether a test whose last status is this one failed."""
        return self not in {Status.PASSED, Status.SKIPPED, Status.RERUN}


@value
class TestResult:
    """A test that did not simply pass once in a job.

    `line` counts from 1 in the raw log; `cause` is an index into the causes of the same log, -1
    when none explains it.
    """

    __test__ = False  # not a pytest class

    id: TestId
    framework: str
    outcomes: tuple[Status, ...]
    line: int
    category: Category = Category.UNKNOWN
    fingerprint: str = ""
    cause: int = -1
    worker: str = ""

    @property
    def final(self) -> Status:
        """The last status in the log, whatever a summary list says."""
        return self.outcomes[-1]


@value
class Cause:
    """One thing that went wrong; `text` is the cleaned line, `excerpt` what a person would quote
    around it.
    """

    category: Category
    rule: str
    line: int
    text: str
    fingerprint: str = ""
    excerpt: tuple[str, ...] = ()
    tests: tuple[TestId, ...] = ()


@value
class Hang:
    """A long silence that a cancel or time-out ended: seconds, the test that was running, the
    percentage reached.
    """

    seconds: int
    line: int
    test: TestId | None = None
    percent: int | None = None


@value
class Problem:
    """An input that could not be read, or that contradicts another, and why.

    `before` is known of a broken line of the ledger alone: what it held happened before that.
    """

    source: str
    reason: str
    before: datetime | None = None


@value
class StepStart:
    """A line that may begin a step: its number in the log, GitHub's time stamp, and the title of
    its group, empty when it has none.
    """

    line: int
    time: str
    title: str = ""


@value
class Place:
    """Where GitHub's view of a job shows a line: the step's number, and the line's number in that
    step from 1; zeros where it is not known.
    """

    step: int = 0
    line: int = 0

    def within(self, url: str) -> str:
        """The address of the line, or that of the job."""
        return f"{url}#step:{self.step}:{self.line}" if self.step and url else url


@value
class LogReading:
    """Everything flakebot understood of one log.

    `counts` counts outcomes by status; `passed` holds the ids that simply passed once, for honest
    denominators; `workers` is the number of xdist workers, 0 when sequential or unknown; `starts`
    are the lines that may begin a step, none when there are too many.
    """

    source: str
    frameworks: tuple[str, ...] = ()
    counts: dict[Status, int] = field(default_factory=dict)
    tests: tuple[TestResult, ...] = ()
    causes: tuple[Cause, ...] = ()
    passed: frozenset[TestId] = frozenset()
    workers: int = 0
    lines: int = 0
    hang: Hang | None = None
    starts: tuple[StepStart, ...] = ()
    problems: tuple[Problem, ...] = ()
