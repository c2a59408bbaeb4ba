"""Iterations counted: by level and variant, by error type, by test. Pure.

An iteration is the unit of everything here: one that fails in three tests is one failing iteration.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flakebot.keys import function_of
from flakebot.model import Category, TestId, value
from flakebot.reproduction import iterations as records
from flakebot.reproduction.inference import Tally
from flakebot.reproduction.iterations import (
    AS_GIVEN,
    Campaign,
    Failure,
    Iteration,
    Level,
    Target,
)


@value
class Group:
    """The iterations of one level and variant, by number."""

    level: Level
    variant: str
    iterations: tuple[Iteration, ...]

    @property
    def name(self) -> str:
        """What tables call it: `serial`, `n16`, `n16 forked`."""
        return f"{self.level.name} {self.variant}".rstrip()

    @property
    def tally(self) -> Tally:
        """Failing iterations among all."""
        return Tally(failed=len(self.failing), iterations=len(self.iterations))

    @property
    def failing(self) -> tuple[Iteration, ...]:
        """The iterations that did not pass."""
        return tuple(each for each in self.iterations if not each.passed)


@value
class ErrorRow:
    """One error type at one level: iterations it was seen in, a message, the tests it hit."""

    category: Category
    count: int
    sample: str
    tests: tuple[TestId, ...]


@value
class TestRow:
    """A test that failed: iterations by group name, and the error types, most frequent first."""

    __test__ = False  # not a pytest class

    test: TestId
    counts: tuple[tuple[str, int], ...]
    categories: tuple[Category, ...]

    @property
    def total(self) -> int:
        """Iterations in which it failed, at all levels."""
        return sum(count for _, count in self.counts)


def groups(campaign: Campaign, iterations: Iterable[Iteration]) -> tuple[Group, ...]:
    """Each level and variant of a campaign, in its order, also where nothing ended yet."""
    found = tuple(iterations)
    return tuple(
        Group(
            level=level,
            variant=variant.name,
            iterations=tuple(records.of(found, level, variant.name)),
        )
        for level in campaign.levels
        for variant in campaign.variants
    )


def as_given(found: Iterable[Group]) -> tuple[Group, ...]:
    """The groups that ran the tests as they are: what levels are compared by."""
    return tuple(group for group in found if group.variant == AS_GIVEN)


def errors(iterations: Iterable[Iteration]) -> tuple[ErrorRow, ...]:
    """Error types, most frequent first; an iteration counts once under each type it shows."""
    seen: dict[Category, list[list[Failure]]] = {}
    for iteration in iterations:
        kinds: dict[Category, list[Failure]] = {}
        for failure in iteration.failures:
            kinds.setdefault(failure.category, []).append(failure)
        for category, failures in kinds.items():
            seen.setdefault(category, []).append(failures)
    rows = [_row(category, found) for category, found in seen.items()]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.category)))


def _row(category: Category, found: Sequence[Sequence[Failure]]) -> ErrorRow:
    failures = [failure for each in found for failure in each]
    tests = dict.fromkeys(test for failure in failures for test in failure.tests)
    return ErrorRow(
        category=category,
        count=len(found),
        sample=failures[0].text,
        tests=tuple(tests),
    )


def failing_tests(found: Iterable[Group]) -> tuple[TestRow, ...]:
    """The tests that failed, most often first."""
    counts: dict[TestId, dict[str, int]] = {}
    kinds: dict[TestId, dict[Category, int]] = {}
    for group in found:
        for iteration in group.failing:
            seen = {(test, f.category) for f in iteration.failures for test in f.tests}
            for test in sorted({test for test, _ in seen}):
                counts.setdefault(test, {}).setdefault(group.name, 0)
                counts[test][group.name] += 1
            for test, category in sorted(seen):
                kinds.setdefault(test, {}).setdefault(category, 0)
                kinds[test][category] += 1
    rows = [
        TestRow(
            test=test,
            counts=tuple(by_group.items()),
            categories=tuple(sorted(kinds[test], key=lambda c: (-kinds[test][c], c))),
        )
        for test, by_group in counts.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.total, row.test)))


# ------------------------------------------------------------------------------------------
# The flake that is looked for


def is_target(test: TestId, target: Target) -> bool:
    """Whether a test is the target; a target without parameters stands for all of its variants."""
    return target.test in {"", test, function_of(test)}


def hits(iteration: Iteration, target: Target) -> bool:
    """Whether an iteration shows the flake that is looked for."""
    if not target.test and not target.fingerprint:
        return not iteration.passed
    return any(
        target.fingerprint in {"", failure.fingerprint}
        and (not target.test or any(is_target(test, target) for test in failure.tests))
        for failure in iteration.failures
    )


def silent(iteration: Iteration, target: Target) -> bool:
    """Whether the target ran to its end in an iteration and did not fail in any way.

    One that did not run, as far as is known, was skipped or failed otherwise, is neither a failure
    nor a silence. Of the variants of a target without parameters one that was not skipped is
    enough.
    """
    if not target.test:
        return iteration.passed
    failed = _test_failed(iteration, target)
    skipped = {*iteration.skipped}
    begun = {test for worker in iteration.workers for test in worker.tests}
    ran = any(is_target(test, target) for test in begun - skipped)
    stopped = any(is_target(test, target) for test in iteration.unreported)
    return ran and not failed and not stopped


def fails_otherwise(iteration: Iteration, target: Target) -> bool:
    """Whether the test of the target failed in an iteration in another way than the target's."""
    return bool(target.test) and _test_failed(iteration, target) and not hits(iteration, target)


def _test_failed(iteration: Iteration, target: Target) -> bool:
    return any(is_target(test, target) for f in iteration.failures for test in f.tests)


def of_target(group: Group, target: Target) -> Tally:
    """How often the flake that is looked for showed, among the iterations that can tell."""
    hit = sum(hits(each, target) for each in group.iterations)
    quiet = sum(silent(each, target) and not hits(each, target) for each in group.iterations)
    return Tally(failed=hit, iterations=hit + quiet)
