"""The life of a repository with known truth: what failed in every run, and why it really did.

200 tests, two jobs (serial and `-n 16`), trunk and pull requests. Nothing here knows of flakebot.

* Flaky tests fail by chance: at rates from 0.1 % to 50 %, some in bursts, some only under load, in
  one to three ways.
* Authors break tests in their pull requests and mend them at a later push; now and then in the very
  way in which another pull request did, or a test that is flaky besides.
* Merges break the default branch until somebody mends or reverts them; whoever is based on it fails
  too.
* Hugging Face is away for hours, and one host makes tests fail by itself for a week.
* People re-run the failed jobs of some red runs.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
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
"""Of two jobs each: 40 builds a day."""

TRUNK_SHARE = 0.3
LOWEST_RATE, HIGHEST_RATE = 0.001, 0.5
BURST_DAYS, BURST_SHARE = 3, 0.2
LOAD_ONLY_SHARE = 0.25
OPEN_SHARE, OWN_SHARE, ALIKE_SHARE = 0.4, 0.25, 0.15
REGRESSION_EVERY_DAYS = 3.0
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
    """A merge that broke a test of the default branch, from one day to another."""

    test: str
    says: str
    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Job:
    """One job of one attempt: where it ran and what failed in it."""

    name: str
    runner: str
    failures: Mapping[str, Failure]


@dataclass(frozen=True, slots=True)
class Run:
    """One workflow run; `pull` is 0 on the default branch."""

    number: int
    day: float
    sha: str
    base: str
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
    own: dict[str, str] = field(default_factory=dict)


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
        chance = self._chance
        found: list[Regression] = []
        day = 2.0
        while (day := day + chance.expovariate(1 / REGRESSION_EVERY_DAYS)) < self.days - 1:
            lasts = chance.choice((0.2, 0.5, 1.0, 2.0))
            for test in chance.sample(self.tests, chance.choice((1, 1, 2))):
                says = f"AssertionError: assert result_{len(found)} == expected after merge"
                found.append(Regression(test=test, says=says, begin=day, end=day + lasts))
        return tuple(found)

    def _runs(self) -> Iterator[Run]:
        chance = self._chance
        total = self.days * RUNS_A_DAY
        pulls: list[_Pull] = []
        opened, trunk = 0, sha("first")
        for number in range(1, total + 1):
            day = number / RUNS_A_DAY
            if chance.random() < TRUNK_SHARE:
                trunk, before = sha(f"trunk-{number}"), trunk
                yield self._run(number, day, trunk, before, None)
                continue
            if not pulls or chance.random() < OPEN_SHARE:
                opened += 1
                pulls.append(self._open(1000 + opened))
            pull = chance.choice(pulls)
            pull.pushes -= 1
            if pull.pushes == 0:
                pull.own = {}  # mended at last
                pulls.remove(pull)
            yield self._run(number, day, sha(f"push-{number}"), trunk, pull)

    def _open(self, number: int) -> _Pull:
        chance = self._chance
        pull = _Pull(number=number, pushes=chance.choice((1, 2, 2, 3, 4)))
        if chance.random() < OWN_SHARE:
            pull.pushes += 1
            for test in chance.sample(self.tests, chance.choice((1, 1, 1, 2, 3))):
                alike = chance.random() < ALIKE_SHARE
                what = "the usual value" if alike else f"value_of_{number}"
                pull.own[test] = f"AssertionError: {test.rpartition('::')[2]} did not return {what}"
        return pull

    def _run(self, number: int, day: float, head: str, base: str, pull: _Pull | None) -> Run:
        first = tuple(self._job(name, day, pull) for name in JOBS)
        attempts = [first]
        red = [job.name for job in first if job.failures]
        if red and self._chance.random() < RERUN_SHARE:
            again = {name: self._job(name, day, pull) for name in red}
            attempts.append(tuple(again[name] for name in JOBS if name in again))
        return Run(
            number=number,
            day=day,
            sha=head,
            base=base,
            pull=pull.number if pull else 0,
            attempts=tuple(attempts),
        )

    def _job(self, name: str, day: float, pull: _Pull | None) -> Job:
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
            if each.begin <= day < each.end
        }
        own = pull.own if pull else {}
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
