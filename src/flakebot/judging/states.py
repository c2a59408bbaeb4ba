"""What a test is at present, and how it came to be that: a fold over its builds. Pure.

A state is entered on more evidence than it is kept on (hysteresis), so that one build more does not
turn it there and back: four failures in a row make a test broken, two passes in a row end that; one
proven failure makes it flaky, and only a silence that means something ends it. What is known after
a build rests on that build and those before it, so later builds add changes and take none back.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from flakebot.judging.builds import Build, Configuration
from flakebot.judging.fixes import Fix
from flakebot.judging.segments import silence_chance
from flakebot.judging.stats import shows_now_and_then, silence_probability, wilson
from flakebot.model import value
from flakebot.settings import Thresholds
from flakebot.wording import plural


class State(StrEnum):
    """What a test function is at present."""

    HEALTHY = "healthy"
    SUSPECT = "suspect"
    FLAKY = "flaky"
    BROKEN = "broken"
    FIXED_WATCHING = "fixed-watching"


MENDED = 2
"""Passes in a row, in each job of the default branch that was broken, that end it."""


@value
class Transition:
    """A change of state: the build that brought it, by its time and commit, and why."""

    at: datetime
    commit: str
    before: State
    after: State
    reason: str


@value
class Life:
    """The state after all builds, and every change on the way, oldest first."""

    state: State
    transitions: tuple[Transition, ...] = ()


def life(builds: Iterable[Build], thresholds: Thresholds, fixes: Iterable[Fix] = ()) -> Life:
    """The state that these builds, and these words of maintainers, lead to; both in the order of
    time.
    """
    fold = _Fold(thresholds)
    waiting = deque(fixes)
    for build in builds:
        while waiting and waiting[0].at <= build.created_at:
            fold.fixed(waiting.popleft())
        fold.add(build)
    for fix in waiting:
        fold.fixed(fix)
    return Life(state=fold.state, transitions=tuple(fold.transitions))


@dataclass
class _Job:
    """One job of the default branch: its builds and failures before the row that is on, the row of
    failures and the row of passes at its end.
    """

    builds: int = 0
    failures: int = 0
    failing: int = 0
    passing: int = 0
    broken: bool = False

    def add(self, build: Build) -> None:
        """Count a build."""
        if build.only_failed:
            self.failing, self.passing = self.failing + 1, 0
            return
        self.builds += self.failing + 1
        self.failures += self.failing + build.failed
        self.failing, self.passing = 0, self.passing + 1

    def by_chance(self, thresholds: Thresholds) -> bool:
        """Whether the row is what its flake does now and then."""
        share = self.failures / max(1, self.builds)
        return shows_now_and_then(share, self.failing, thresholds.streak_chance)


@dataclass
class _Spell:
    """A time of failures: the builds up to its last failure, and the quiet ones since; only jobs
    that failed in it are counted.
    """

    builds: int = 0
    failures: int = 0
    quiet: int = 0
    last: datetime | None = None
    jobs: set[Configuration] = field(default_factory=set)
    returned: bool = False

    def add(self, build: Build) -> None:
        """Count a build."""
        if build.failed:
            self.returned = self.returned or self.quiet > 0 or build.passed
            self.builds += self.quiet + 1
            self.failures, self.quiet, self.last = self.failures + 1, 0, build.created_at
            self.jobs.add(build.configuration)
        elif build.configuration in self.jobs:
            self.quiet += 1

    @property
    def silence(self) -> str:
        """The silence in words."""
        since = f" since {self.last:%Y-%m-%d}" if self.last else ""
        return f"no failure in {plural(self.quiet, 'build')}{since}"

    def over(self, now: datetime, thresholds: Thresholds) -> bool:
        """Whether the silence since is long enough to close an issue for."""
        days = timedelta(days=thresholds.close_quiet_days)
        low, _ = wilson(self.failures, self.builds)
        rare = silence_probability(low, self.quiet) < thresholds.close_probability
        return rare and self.last is not None and now - self.last >= days

    def changed(self, thresholds: Thresholds) -> bool:
        """Whether the silence since is a change of the rate."""
        chance = silence_chance(self.failures, self.builds, self.quiet)
        return self.quiet >= thresholds.min_builds and chance < thresholds.change_chance


class _Fold:
    """The state so far, and what decides the next one."""

    def __init__(self, thresholds: Thresholds) -> None:
        self.state = State.HEALTHY
        self.transitions: list[Transition] = []
        self._thresholds = thresholds
        self._seen = 0
        self._flaky = False
        self._spell = _Spell()
        self._jobs: dict[Configuration, _Job] = defaultdict(_Job)

    def add(self, build: Build) -> None:
        """Go on by one build."""
        self._seen += 1
        if build.trunk:
            self._jobs[build.configuration].add(build)
        if build.failed and self.state in {State.HEALTHY, State.FIXED_WATCHING}:
            self._spell = _Spell()
        self._spell.add(build)
        after, reason = self._next(build)
        if after is not self.state:
            self._move(build.created_at, build.head_sha, after, reason)

    def fixed(self, fix: Fix) -> None:
        """Go on by a maintainer's word: rows of failures before it are over."""
        if self.state is State.HEALTHY:
            return
        self._jobs.clear()
        if self.state is not State.FIXED_WATCHING:
            self._move(fix.at, fix.commit, State.FIXED_WATCHING, "a maintainer says it is fixed")

    def _move(self, at: datetime, commit: str, after: State, reason: str) -> None:
        self.transitions.append(
            Transition(at=at, commit=commit, before=self.state, after=after, reason=reason)
        )
        self.state = after
        self._flaky = after is State.FLAKY or (self._flaky and after is not State.HEALTHY)
        if after is State.FIXED_WATCHING:  # the watch is a silence of its own
            self._spell.quiet, self._spell.last = 0, at

    def _next(self, build: Build) -> tuple[State, str]:
        """The state after a build that is counted already, and why."""
        if broken := self._newly_broken(build):
            return State.BROKEN, broken
        if self.state is State.BROKEN:
            return self._mended()
        if build.failed:
            return self._failing(build)
        return self._quiet(build.created_at)

    def _newly_broken(self, build: Build) -> str:
        job = self._jobs[build.configuration]
        if job.broken or not build.trunk or job.failing < self._thresholds.broken_streak:
            return ""
        if job.by_chance(self._thresholds):
            return ""
        job.broken = True
        row = plural(job.failing, "build")
        return f"failed in {row} in a row of job {build.job} on the default branch"

    def _mended(self) -> tuple[State, str]:
        """A single pass ends no regression: a test that hardly ever passes is broken as well."""
        for job in self._jobs.values():
            job.broken = job.broken and job.passing < MENDED
        if any(job.broken for job in self._jobs.values()):
            return State.BROKEN, ""
        passes = f"passed {MENDED} times in a row on the default branch"
        if self._flaky:
            return State.FLAKY, f"{passes}; it was flaky before it broke"
        return State.FIXED_WATCHING, passes

    def _failing(self, build: Build) -> tuple[State, str]:
        where = f"job {build.job} of {_change(build)}"
        if self.state is State.FLAKY:
            return State.FLAKY, ""
        if build.proven:
            return State.FLAKY, f"failed and passed in {where}"
        if self._flaky:
            return State.FLAKY, f"failed again in {where}"
        if self._spell.returned and self._seen >= self._thresholds.min_builds:
            return State.FLAKY, f"failed again in {where}, with passes in between"
        return State.SUSPECT, f"failed in {where}"

    def _quiet(self, now: datetime) -> tuple[State, str]:
        spell = self._spell
        over = spell.over(now, self._thresholds)
        if self.state is State.FLAKY and (over or spell.changed(self._thresholds)):
            return State.FIXED_WATCHING, spell.silence
        if over and self.state in {State.SUSPECT, State.FIXED_WATCHING}:
            return State.HEALTHY, spell.silence
        return self.state, ""


def _change(build: Build) -> str:
    if build.trunk:
        return "the default branch"
    return f"pull request {build.pull_request}" if build.pull_request else "a branch"
