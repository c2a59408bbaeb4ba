"""One failure and everything that is known about its test: what the ladder judges. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from flakebot.feedback import Feedback
from flakebot.github_objects import ChangedFile
from flakebot.judging.builds import Build, Execution, Failure, compares, gather, of_test
from flakebot.judging.fixes import Fix, excused
from flakebot.judging.honest import honest
from flakebot.judging.origins import change
from flakebot.judging.segments import Segment, segments
from flakebot.judging.stats import rate
from flakebot.model import TestId, value
from flakebot.records import RunRecord, TestEntry
from flakebot.report import Kind, KnownIssue, Level, Rate, Verdict
from flakebot.settings import Thresholds

CONFIDENCE: Mapping[tuple[Kind, Level], float] = {
    (Kind.FLAKY, Level.PROVEN): 0.97,
    (Kind.FLAKY, Level.KNOWN): 0.9,
    (Kind.FLAKY, Level.LIKELY): 0.75,
    (Kind.BROKEN, Level.NONE): 0.9,
    (Kind.EXTERNAL, Level.NONE): 0.9,
    (Kind.INFRA, Level.NONE): 0.8,
    (Kind.NEW, Level.NONE): 0.7,
    (Kind.UNCLASSIFIED, Level.NONE): 0.3,
}
"""Expected share of verdicts of a kind that hold, until feedback measures it.

They order kinds by the strength of their evidence and are no measurements. A failure and a pass of
one commit leave little doubt, though not none (peers 9.8); an outage is read off one line of a log;
and of what is seen for the first time a good part turns out to be a flake nobody knew.
"""


def verdict(kind: Kind, reasons: Iterable[str], level: Level = Level.NONE) -> Verdict:
    """A verdict with the confidence of its kind; empty reasons are left out."""
    said = tuple(reason for reason in reasons if reason)
    return Verdict(kind=kind, confidence=CONFIDENCE[kind, level], reasons=said, level=level)


@value
class Unmet:
    """Why a rung of the ladder does not apply, and what would make it apply: empty when nothing
    foreseeable would.
    """

    reason: str
    wanting: str = ""


@value
class Past:
    """All that is on record of one test function, this run included.

    `counted` are the builds whose failures count, see `honest`, and `segments` what
    changes of the rate, and the `fixes` that maintainers told, cut them into; `without_fix` are the
    builds that failed since on a commit without the fix and do not count; `own_commits` are those
    the change under judgement was tested at; `gathered` keeps the builds of variants once made.
    """

    executions: tuple[Execution, ...]
    builds: tuple[Build, ...]
    counted: tuple[Build, ...]
    segments: tuple[Segment, ...] = ()
    fixes: tuple[Fix, ...] = ()
    without_fix: int = 0
    own_commits: frozenset[str] = frozenset()
    gathered: dict[TestId, tuple[Build, ...]] = field(default_factory=dict, compare=False)

    def of(self, test: TestId) -> tuple[Build, ...]:
        """The builds of one variant of the function."""
        if test not in self.gathered:
            self.gathered[test] = gather(of_test(self.executions, test))
        return self.gathered[test]

    @property
    def rate(self) -> Rate:
        """Failing builds among builds since the rate last changed."""
        return self.segments[-1].rate if self.segments else rate(0, 0)


def past(
    executions: Iterable[Execution], own: str, thresholds: Thresholds, fixes: Sequence[Fix] = ()
) -> Past:
    """What is on record of one test function, seen from one change; `fixes` are what maintainers
    say of it, oldest first.
    """
    known = tuple(executions)
    builds = gather(known)
    counted, without_fix = excused(honest(builds)[0], fixes)
    records = (execution.record for execution in known)
    return Past(
        executions=known,
        builds=builds,
        counted=counted,
        segments=segments(counted, thresholds, fixes),
        fixes=tuple(fixes),
        without_fix=without_fix,
        own_commits=frozenset(r.head_sha for r in records if change(r) == own),
    )


@value
class Case:
    """One failure to be judged, and everything that is known about its test.

    `key` is the test's tracking key; `pull_request` is 0 and `base_sha` empty when there is none;
    `words` are what maintainers said of the test, and `confidence` is that of each kind of verdict.
    """

    key: str
    execution: Execution
    entry: TestEntry
    past: Past
    thresholds: Thresholds
    issue: KnownIssue | None = None
    pull_request: int = 0
    base_sha: str = ""
    changed: tuple[ChangedFile, ...] = ()
    words: tuple[Feedback, ...] = ()
    confidence: Mapping[tuple[Kind, Level], float] = field(default_factory=lambda: CONFIDENCE)

    @property
    def change(self) -> str:
        """Whose change this run tests."""
        return f"#{self.pull_request}" if self.pull_request else change(self.execution.record)

    @property
    def fingerprint(self) -> str:
        """How the test failed; empty when no cause was read."""
        return self.entry.fingerprint

    @property
    def on_trunk(self) -> bool:
        """Whether the run tests the default branch itself."""
        return self.execution.record.trunk

    def same(self, build: Build) -> bool:
        """Whether a build failed in the way this one did."""
        return build.failed_with(self.fingerprint)

    def is_this_run(self, failure: Failure) -> bool:
        """Whether a failure is of the run that is judged."""
        return failure.execution.record.run_id == self.execution.record.run_id

    def is_own(self, tested: RunRecord | Build) -> bool:
        """Whether it says nothing beyond this change: its own earlier commits, also those that
        reached the default branch and were reverted there.
        """
        landed = self.pull_request != 0 and tested.pull_request == self.pull_request
        return landed or (tested.head_sha in self.past.own_commits and not self.on_trunk)

    @property
    def compares(self) -> bool:
        """Whether it can be told where else the test failed in this way."""
        return compares(self.entry)

    def is_elsewhere(self, failure: Failure) -> bool:
        """Whether a failure is outside this run and this change."""
        return (
            not self.is_this_run(failure)
            and not self.is_own(failure.execution.record)
            and (self.on_trunk or failure.change != self.change)
        )

    @property
    def elsewhere(self) -> tuple[Failure, ...]:
        """Failures of the same kind outside this run and this change."""
        failures = (failure for build in self.past.builds for failure in build.failures)
        return tuple(
            failure
            for failure in failures
            if failure.entry.fingerprint == self.fingerprint and self.is_elsewhere(failure)
        )

    @property
    def covered(self) -> bool:
        """Whether an open issue tracks this way of failing."""
        if self.issue is None or not self.issue.open or not self.issue.testifies:
            return False
        return self.compares and self.fingerprint in self.issue.fingerprints
