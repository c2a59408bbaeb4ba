"""What a tracking issue is about, as something to reproduce. Pure.

The issue's hidden marker names the test; everything else is computed from the ledger, as the issue
itself is, so that an edited text changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from flakebot.errors import InputError, NotFoundError
from flakebot.github_objects import Issue
from flakebot.judging.builds import Build, gather
from flakebot.judging.history import History
from flakebot.judging.honest import honest
from flakebot.judging.stats import wilson
from flakebot.keys import function_of
from flakebot.model import TestId, value
from flakebot.reproduction import planning
from flakebot.reproduction.iterations import Campaign, Level, Target, Variant
from flakebot.views import tracking
from flakebot.views.source_path import source_path

_PYTEST = "pytest"


@value
class Tracked:
    """What to run: the file of the test, at the level where it failed, and what to look for."""

    tests: tuple[str, ...]
    level: Level
    target: Target


def key_of(issues: Iterable[Issue], logins: Iterable[str], number: int) -> str:
    """What one of our issues tracks; anybody can write a marker, so only our own authors count.

    Raises:
        NotFoundError: it is none of our tracking issues.
    """
    found = tuple(issues)
    for login in logins:
        for each in tracking.ours(found, login):
            if each.number == number:
                return each.key
    raise NotFoundError(f"Issue #{number} is no tracking issue of flakebot's.")


def tracked(key: str, history: History, issue: str) -> Tracked:
    """The way of failing that was seen most often, and the level at which it surely fails most.

    The rate is that of builds in which the test failed in this way at this level, among all builds
    in which it ran there until it failed so for the last time: the silence after that may be the
    fix's, and would make the old rate look smaller than it was.

    Raises:
        NotFoundError: the ledger knows no failure of it.
        InputError: it cannot be run by its id: it is no pytest test, or its file has no plain name.
    """
    path, function = file_of(key), key.partition(":")[2]
    builds, _ = honest(gather(history.executions(key)))
    failing = [build for build in builds if build.failed]
    if not failing:
        raise NotFoundError(f"The ledger holds no failure of {function}.")
    fingerprint = _most_frequent(failing)
    last = max(n for n, build in enumerate(builds) if build.failed_with(fingerprint))
    rates = _rates(builds[: last + 1], fingerprint)
    workers, low, rate = max(rates, key=lambda each: (each[1], each[0]))
    level = Level(processes=workers)
    return Tracked(
        tests=(path,),
        level=level,
        target=Target(
            test=TestId(function_of(function)),
            fingerprint=fingerprint,
            level=level.name,
            rate=rate,
            rate_low=low,
            issue=issue,
        ),
    )


def file_of(key: str) -> str:
    """The file of a tracked test, which pytest is given.

    Raises:
        InputError: it is no pytest test, or its file has no plain name.
    """
    framework, _, function = key.partition(":")
    if framework != _PYTEST:
        raise InputError(f"Only tests of pytest can be reproduced, and {key} is none.")
    path = source_path(function)
    if not path or path.startswith("-"):
        raise InputError(f"{function} names no file that can be run.")
    return path


def campaign(base: Campaign, found: Tracked, *, iterations: int | None, levels: bool) -> Campaign:
    """A campaign that verifies a fix: as many iterations as make silence mean something.

    Args:
        base: what the command line asked; tests that it names are kept.
        found: what the issue says.
        iterations: as the command line has them, None to plan them.
        levels: whether the command line named levels.
    """
    confidence = base.until or planning.CONFIDENCE
    asked = base.levels[0]
    same = replace(found.level, load=asked.load, random_order=asked.random_order)
    chosen = base.levels if levels else (same,)
    level = found.target.level if found.level in chosen else ""
    return replace(
        base,
        setup=replace(base.setup, tests=base.setup.tests or found.tests),
        levels=chosen,
        variants=base.variants or (Variant(),),
        iterations=iterations or planning.for_fix(found.target.rate_low, confidence),
        target=replace(found.target, level=level),
    )


def _most_frequent(failing: Sequence[Build]) -> str:
    """The fingerprint of most failing builds, of two the one seen last."""
    counts = Counter(
        fingerprint
        for build in reversed(failing)
        for fingerprint in dict.fromkeys(f.entry.fingerprint for f in build.failures)
    )
    return counts.most_common(1)[0][0]


def _rates(builds: Sequence[Build], fingerprint: str) -> list[tuple[int, float, float]]:
    """For each level: its processes, the lower bound of the rate of this failure, the rate."""
    found = []
    for workers in {build.workers for build in builds}:
        here = [build for build in builds if build.workers == workers]
        failed = sum(build.failed_with(fingerprint) for build in here)
        found.append((workers, wilson(failed, len(here))[0], failed / len(here)))
    return found
