"""The life of a repository with known truth: what failed in every run, and why it really did.

200 tests, two jobs (serial and `-n 16`), trunk and pull requests, and every night the same jobs in
a workflow of their own. Nothing here knows of flakebot.

* Flaky tests fail by chance: at rates from 0.1 % to 50 %, some in bursts, some only under load, in
  one to three ways.
* Authors break tests in their pull requests and mend them at a later push; now and then in the very
  way in which another pull request did, or a test that is flaky besides.
* Merges break the default branch until somebody mends or reverts them; whoever is based on it fails
  too. What the nightly workflow installs breaks tests there alone, for days.
* A pull request comes from a branch, which may be pushed and tested before it is opened, or from a
  fork, by a bot that mirrors it as `pull-request/N`. Mended, it is tested once more in the merge
  queue.
* Hugging Face is away for hours, and one host makes tests fail by itself for a week.
* People re-run the failed jobs of some red runs.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

FIRST_DAY = datetime(2026, 3, 2, tzinfo=UTC)
TESTS = 200
FLAKY = 24
MODEL_TESTS = 30
JOBS = ("unit serial", "unit -n 16")
RUNS_A_DAY = 20
"""Of two jobs each: 40 builds a day. The last of a day is the nightly one."""

CI, NIGHTLY = "CI", "Nightly"
MAIN = "main"
TRUNK_SHARE, FORK_SHARE, EARLY_SHARE, QUEUE_SHARE = 0.3, 0.4, 0.3, 0.5
LOWEST_RATE, HIGHEST_RATE = 0.001, 0.5
BURST_DAYS, BURST_SHARE = 3, 0.2
LOAD_ONLY_SHARE = 0.25
OPEN_SHARE, OWN_SHARE, ALIKE_SHARE = 0.4, 0.25, 0.15
REGRESSION_EVERY_DAYS, NIGHTLY_EVERY_DAYS = 3.0, 12.0
LASTS, NIGHTLY_LASTS = (0.2, 0.5, 1.0, 2.0), (2.0, 6.0, 9.0)
RERUN_SHARE = 0.35
OUTAGES, OUTAGE_SHARE = 4, 0.7
BAD_HOST, BAD_DAYS, BAD_SHARE, BAD_TESTS = "gpu-07", (25, 32), 0.15, 3


class Truth(StrEnum):
    """Why a test failed."""

    FLAKE = "flake"
    OWN = "author's own"
    REGRESSION = "regression"
    OUTAGE = "outage"
    HOST = "bad host"


@dataclass(frozen=True, slots=True)
class Failure:
    """One test that failed in one job: the truth, and the line it prints."""

    truth: Truth
    says: str


@dataclass(frozen=True, slots=True)
class Flake:
    """How a test is flaky; `rate` is per build while it is active."""

    rate: float
    says: tuple[str, ...]
    load_only: bool
    bursts: tuple[tuple[float, float], ...]

    def active(self, job: str, day: float) -> bool:
        """Whether it may fail in a job at a time."""
        there = job == JOBS[1] or not self.load_only
        return there and (not self.bursts or any(begin <= day < end for begin, end in self.bursts))

    def fails(self, chance: random.Random, job: str, day: float) -> bool:
        """Whether it fails this time."""
        return self.active(job, day) and chance.random() < self.rate


@dataclass(frozen=True, slots=True)
class Regression:
    """A merge that broke a test of the default branch, from one day to another, or what broke it in
    the nightly workflow alone.
    """

    test: str
    says: str
    begin: float
    end: float
    nightly: bool

    def breaks(self, workflow: str, day: float) -> bool:
        """Whether it makes its test fail."""
        return self.begin <= day < self.end and (workflow == NIGHTLY or not self.nightly)


@dataclass(frozen=True, slots=True)
class Job:
    """One job of one attempt: where it ran and what failed in it."""

    name: str
    runner: str
    failures: Mapping[str, Failure]


@dataclass(frozen=True, slots=True)
class Place:
    """What started a run, and where."""

    event: str
    branch: str
    workflow: str = CI


@dataclass(frozen=True, slots=True)
class Run:
    """One workflow run; `pull` is 0 on the default branch, and where no pull request is open."""

    number: int
    day: float
    sha: str
    base: str
    place: Place
    pull: int
    attempts: tuple[tuple[Job, ...], ...]

    def truths(self, attempt: int) -> dict[str, frozenset[Truth]]:
        """Everything that is true of each test that failed up to an attempt: one job may see a
        flake where another sees an outage.
        """
        found: dict[str, frozenset[Truth]] = defaultdict(frozenset)
        for jobs in self.attempts[:attempt]:
            for job in jobs:
                for test, failure in job.failures.items():
                    found[test] |= {failure.truth}
        return found


@dataclass(slots=True)
class _Pull:
    number: int
    pushes: int
    forked: bool
    early: bool
    """Whether its next push is tested before it is opened."""

    queued: bool
    own: dict[str, str] = field(default_factory=dict)

    def place(self) -> Place:
        """Where its next push is tested."""
        if self.forked:
            return Place("push", f"pull-request/{self.number}")
        return Place("push" if self.early else "pull_request", f"topic-{self.number}")


def test_name(number: int) -> str:
    """The id of a test."""
    return f"tests/test_part_{number // 10:02}.py::test_case_{number:03}"


def sha(word: object) -> str:
    """Forty hexadecimal digits for a word."""
    return sha256(str(word).encode()).hexdigest()[:40]


class World:
    """Everything that happens in a repository, decided by a seed."""

    def __init__(self, seed: int, days: int) -> None:
        self.days = days
        self._chance = random.Random(seed)  # noqa: S311 -- a simulation, repeatable
        self.tests = tuple(test_name(n) for n in range(TESTS))
        self.flakes = self._flakes()
        self.regressions = self._regressions()
        self._outages = tuple(
            (begin, begin + self._chance.uniform(2, 8) / 24)
            for begin in sorted(self._chance.uniform(3, days - 1) for _ in range(OUTAGES))
        )
        self._model_tests = tuple(self._chance.sample(self.tests, MODEL_TESTS))

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """All runs in the order of time."""
        return tuple(self._runs())

    def _flakes(self) -> dict[str, Flake]:
        chance = self._chance
        found: dict[str, Flake] = {}
        for test in chance.sample(self.tests, FLAKY):
            rate = LOWEST_RATE * (HIGHEST_RATE / LOWEST_RATE) ** chance.random()
            ways = chance.choice((1, 1, 2, 3))
            bursts = self._bursts() if chance.random() < BURST_SHARE else ()
            found[test] = Flake(
                rate=rate,
                says=tuple(_flaky_line(chance) for _ in range(ways)),
                load_only=chance.random() < LOAD_ONLY_SHARE,
                bursts=bursts,
            )
        return found

    def _bursts(self) -> tuple[tuple[float, float], ...]:
        begins = sorted(self._chance.uniform(0, self.days) for _ in range(4))
        return tuple((begin, begin + BURST_DAYS) for begin in begins)

    def _regressions(self) -> tuple[Regression, ...]:
        merged = self._broken(REGRESSION_EVERY_DAYS, LASTS, "after merge", nightly=False)
        installed = self._broken(NIGHTLY_EVERY_DAYS, NIGHTLY_LASTS, "as installed", nightly=True)
        return (*merged, *installed)

    def _broken(
        self, every: float, lasting: Sequence[float], why: str, *, nightly: bool
    ) -> Iterator[Regression]:
        chance = self._chance
        day, count = 2.0, 0
        while (day := day + chance.expovariate(1 / every)) < self.days - 1:
            lasts = chance.choice(lasting)
            for test in chance.sample(self.tests, chance.choice((1, 1, 2))):
                says = f"AssertionError: assert result_{count} == expected {why}"
                yield Regression(test, says, begin=day, end=day + lasts, nightly=nightly)
                count += 1

    def _runs(self) -> Iterator[Run]:
        chance = self._chance
        total = self.days * RUNS_A_DAY
        pulls: list[_Pull] = []
        waiting: list[_Pull] = []
        opened, trunk, before = 0, sha("first"), sha("none")
        for number in range(1, total + 1):
            day = number / RUNS_A_DAY
            if number % RUNS_A_DAY == 0:
                yield self._run(number, day, trunk, before, Place("schedule", MAIN, NIGHTLY))
                continue
            if waiting:
                pull = waiting.pop()
                place = Place("merge_group", f"gh-readonly-queue/{MAIN}/pr-{pull.number}-{trunk}")
                yield self._run(number, day, sha(f"queue-{number}"), trunk, place)
                continue
            if chance.random() < TRUNK_SHARE:
                trunk, before = sha(f"trunk-{number}"), trunk
                yield self._run(number, day, trunk, before, Place("push", MAIN))
                continue
            if not pulls or chance.random() < OPEN_SHARE:
                opened += 1
                pulls.append(self._open(1000 + opened))
            pull = chance.choice(pulls)
            pull.pushes -= 1
            if pull.pushes == 0:
                pull.own = {}  # mended at last
                pulls.remove(pull)
                waiting += [pull] if pull.queued else []
            yield self._run(number, day, sha(f"push-{number}"), trunk, pull.place(), pull)
            pull.early = False

    def _open(self, number: int) -> _Pull:
        chance = self._chance
        forked = chance.random() < FORK_SHARE
        pull = _Pull(
            number=number,
            pushes=chance.choice((1, 2, 2, 3, 4)),
            forked=forked,
            early=not forked and chance.random() < EARLY_SHARE,
            queued=chance.random() < QUEUE_SHARE,
        )
        if chance.random() < OWN_SHARE:
            pull.pushes += 1
            for test in chance.sample(self.tests, chance.choice((1, 1, 1, 2, 3))):
                alike = chance.random() < ALIKE_SHARE
                what = "the usual value" if alike else f"value_of_{number}"
                pull.own[test] = f"AssertionError: {test.rpartition('::')[2]} did not return {what}"
        return pull

    def _run(
        self,
        number: int,
        day: float,
        head: str,
        base: str,
        place: Place,
        pull: _Pull | None = None,
    ) -> Run:
        own = pull.own if pull else {}
        first = tuple(self._job(name, place.workflow, day, own) for name in JOBS)
        attempts = [first]
        red = [job.name for job in first if job.failures]
        if red and self._chance.random() < RERUN_SHARE:
            again = {name: self._job(name, place.workflow, day, own) for name in red}
            attempts.append(tuple(again[name] for name in JOBS if name in again))
        return Run(
            number=number,
            day=day,
            sha=head,
            base=base,
            place=place,
            pull=pull.number if pull and not pull.early else 0,
            attempts=tuple(attempts),
        )

    def _job(self, name: str, workflow: str, day: float, own: Mapping[str, str]) -> Job:
        """A later cause hides an earlier one: a test that is broken is not flaky at that moment."""
        chance = self._chance
        runner = f"gpu-{chance.randrange(1, 7):02}"
        if BAD_DAYS[0] <= day < BAD_DAYS[1] and chance.random() < BAD_SHARE:
            runner = BAD_HOST
        failures = {
            test: Failure(Truth.FLAKE, chance.choice(flake.says))
            for test, flake in self.flakes.items()
            if flake.fails(chance, name, day)
        }
        if runner == BAD_HOST:
            failures |= dict.fromkeys(chance.sample(self.tests, BAD_TESTS), BAD_FAILURE)
        if any(begin <= day < end for begin, end in self._outages):
            hit = [test for test in self._model_tests if chance.random() < OUTAGE_SHARE]
            failures |= dict.fromkeys(hit, OUTAGE_FAILURE)
        failures |= {
            each.test: Failure(Truth.REGRESSION, each.says)
            for each in self.regressions
            if each.breaks(workflow, day)
        }
        failures |= {test: Failure(Truth.OWN, says) for test, says in own.items()}
        return Job(name=name, runner=runner, failures=failures)


BAD_FAILURE = Failure(Truth.HOST, "AssertionError: Tensor-likes are not close!")
OUTAGE_FAILURE = Failure(
    Truth.OUTAGE,
    "huggingface_hub.errors.HfHubHTTPError: 503 Server Error: Service Unavailable for url: "
    "https://huggingface.co/Qwen/Qwen3-0.6B/resolve/main/config.json",
)

_FLAKY_LINES = (
    "AssertionError: assert {0} == {1}",
    "TimeoutError: worker {0} did not answer within 10 s",
    "AssertionError: Expected all responses to have the same decode_worker_id {0}",
    "KeyError: 'instance-{0}'",
    "RuntimeError: event loop {0} is closed",
)


def _flaky_line(chance: random.Random) -> str:
    words = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta")
    return chance.choice(_FLAKY_LINES).format(chance.choice(words), chance.choice(words))


def moment(day: float, minutes: float = 0) -> datetime:
    """The time so many days after the first."""
    return FIRST_DAY + timedelta(days=day, minutes=minutes)
