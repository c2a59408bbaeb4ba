"""What flakebot says of a run: verdicts, findings and the report that every view is rendered from.
Pure values.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flakebot.github_objects import Run
from flakebot.model import Category, Place, Status, TestId, value
from flakebot.records import Fetch, RunRecord


class Kind(StrEnum):
    """The verdicts of the policy's ladder, strongest evidence first."""

    EXTERNAL = "external"
    INFRA = "infra"
    FLAKY = "flaky"
    BROKEN = "broken"
    NEW = "new"
    UNCLASSIFIED = "unclassified"


class Level(StrEnum):
    """How a flaky verdict was reached; NONE for the other kinds."""

    NONE = ""
    PROVEN = "proven"
    KNOWN = "known"
    LIKELY = "likely"


class Overall(StrEnum):
    """The verdict of the whole run, the `verdict` output."""

    CLEAN = "clean"
    FLAKY = "flaky"
    EXTERNAL = "external"
    INFRA = "infra"
    NEW_FAILURES = "new-failures"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@value
class Verdict:
    """Kind, level, confidence between 0 and 1, and the reasons as sentences, strongest first."""

    kind: Kind
    confidence: float
    reasons: tuple[str, ...]
    level: Level = Level.NONE


@value
class Occurrence:
    """One test in one job of one attempt in which it did not simply pass; `text` and `excerpt` are
    its cause's, and so are `line` and its `place` in GitHub's view, to which `url` leads.
    """

    run_id: int
    attempt: int
    job_id: int
    job: str
    url: str
    line: int
    outcomes: tuple[Status, ...]
    category: Category
    fingerprint: str
    text: str = ""
    excerpt: tuple[str, ...] = ()
    workers: int = 0
    worker: str = ""
    place: Place = Place()


@value
class Rate:
    """Failing builds among builds in which the test ran, with the 95 % Wilson interval."""

    failures: int
    builds: int
    low: float
    high: float


@value
class Finding:
    """What is said of one failing test (or, with an empty `test`, of a job that failed with no
    failing test).

    `verdict` is the worst of its occurrences' verdicts; `function` is the tracking key without
    parameters; `issue` is the number of its open tracking issue, 0 for none.
    """

    test: TestId
    function: str
    framework: str
    verdict: Verdict
    occurrences: tuple[Occurrence, ...]
    rate: Rate | None = None
    issue: int = 0
    counted: bool = False

    @property
    def first(self) -> Occurrence:
        """The occurrence a person should look at first."""
        return self.occurrences[0]


@value
class Event:
    """One cause that is no test's fault, or that explains many tests at once: told once, counted
    once.

    `tests` and `jobs` are what it hit; `result` says what became of it (`recovered after 12 s`),
    empty when nothing; `rule` told it, and `model` is the repository of Hugging Face that it names;
    `issue` is the number of the open issue that counts it, 0 for none.
    """

    category: Category
    fingerprint: str
    text: str
    url: str
    line: int
    excerpt: tuple[str, ...]
    jobs: tuple[str, ...]
    tests: tuple[TestId, ...]
    kind: Kind
    reasons: tuple[str, ...] = ()
    fetches: tuple[Fetch, ...] = ()
    result: str = ""
    rule: str = ""
    model: str = ""
    issue: int = 0
    place: Place = Place()


@value
class KnownIssue:
    """A tracking issue as the judge needs it: its key, whether it is open, the fingerprints it
    lists.

    `testifies` is false for an issue that the judged run itself opened, and `fingerprints` leaves
    out what that run added: a second look must not take the first one's word as evidence.
    """

    key: str
    number: int
    open: bool
    fingerprints: frozenset[str] = frozenset()
    testifies: bool = True


@value
class Unread:
    """A job whose log could not be read, and why."""

    job: str
    url: str
    reason: str


@value
class Report:
    """Everything said of one run over all its attempts; every view is rendered from it and the
    ledger.

    `records` are this run's, one per attempt, oldest first; `findings` are ordered for a person:
    what to look at first comes first.
    """

    run: Run
    repository: str
    records: tuple[RunRecord, ...]
    findings: tuple[Finding, ...]
    events: tuple[Event, ...]
    unread: tuple[Unread, ...]
    problems: tuple[str, ...]
    overall: Overall
    now: datetime
    pull_request: int = 0
    head_sha: str = ""
    superseded: bool = False

    def of(self, kind: Kind) -> tuple[Finding, ...]:
        """The findings of one kind, in the report's order."""
        return tuple(f for f in self.findings if f.verdict.kind is kind)
