"""Which test that ran before in the same process makes another one fail. Pure.

The field calls the one a polluter and the other its victim (Shi, Lam, Oei, Xie and Marinov 2019,
https://doi.org/10.1145/3338906.3338925). Over all iterations, each execution of a victim is one
observation: which tests its process had run before, and whether it failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from flakebot.model import Owner, TestId, value
from flakebot.reproduction import inference
from flakebot.reproduction.inference import ALPHA, Tally
from flakebot.reproduction.iterations import (
    AS_GIVEN,
    Iteration,
    Level,
)

SHOWN = 10
"""Suspects that a report names; the rest is noise below them."""

_VICTIMS = 20
"""Failing tests that are looked at, those that failed most often: when a broken fixture fails a
thousand, they are one event, and a thousand times a thousand pairs would take hours."""


@value
class Suspect:
    """A test after which another fails more often in the same process.

    `after` counts executions of the victim with the polluter before it in its process, `without`
    those without. `lift` is the ratio of the two rates with its 95 % interval, infinite where the
    victim never failed without. `p` is Fisher's, `adjusted` the same among all pairs that were
    looked at (Holm), so that looking at many tests does not find one by chance. `level` is where
    the victim failed after it most often.
    """

    polluter: TestId
    victim: TestId
    after: Tally
    without: Tally
    lift: float
    low: float
    high: float
    p: float
    adjusted: float
    level: Level

    @property
    def certain(self) -> bool:
        """Whether chance is excluded at 5 %, all pairs together."""
        return self.adjusted <= ALPHA


@value
class _Execution:
    """One execution of a victim that came to an end."""

    victim: TestId
    process: tuple[TestId, ...]
    position: int
    failed: bool
    level: Level

    @property
    def before(self) -> set[TestId]:
        """What its process had run by then; not kept, because of a large suite there is much."""
        return {*self.process[: self.position]} - {self.victim}


@value
class _Pair:
    """A victim and a test that ran before it, counted."""

    polluter: TestId
    victim: TestId
    after: Tally
    without: Tally
    p: float


def rank(iterations: Iterable[Iteration]) -> tuple[Suspect, ...]:
    """The suspects of the victims that failed most often, those that chance explains least first.

    Only the tests as given are looked at: a variant may give each test a process of its own.
    """
    executions = _executions(iterations)
    pairs = [pair for victim in sorted(executions) for pair in _pairs(victim, executions[victim])]
    adjusted = inference.holm([pair.p for pair in pairs])
    found = (
        _suspect(pair, p, executions[pair.victim])
        for pair, p in zip(pairs, adjusted, strict=True)
        if inference.ratio(pair.without, pair.after)[1] > 1
    )
    return tuple(sorted(found, key=_order))


def failures(iterations: Iterable[Iteration]) -> dict[TestId, Tally]:
    """How often each of the same victims failed, among its executions that ended; only those are
    told of that had something run before them.
    """
    return {
        victim: Tally(failed=sum(each.failed for each in mine), iterations=len(mine))
        for victim, mine in sorted(_executions(iterations).items())
        if any(each.before for each in mine)
    }


def _order(suspect: Suspect) -> tuple[float, float, TestId, TestId]:
    """By p, which one lucky run cannot lead; by the lower end of the lift where that is equal."""
    return suspect.p, -suspect.low, suspect.victim, suspect.polluter


def victims_of(iteration: Iteration) -> set[TestId]:
    """The tests that killed their process, or failed for a reason that lies in the tests."""
    crashed = {worker.crashed for worker in iteration.workers if worker.crashed is not None}
    own = (f for f in iteration.failures if f.category.owner is Owner.TEST)
    return crashed.union(*(failure.tests for failure in own))


def _executions(iterations: Iterable[Iteration]) -> dict[TestId, list[_Execution]]:
    """Each execution of each victim; one that was cut off tells nothing."""
    found = [(each, victims_of(each)) for each in iterations if each.variant == AS_GIVEN]
    failed = Counter(test for _, victims in found for test in sorted(victims))
    executions: dict[TestId, list[_Execution]] = {
        test: [] for test, _ in failed.most_common(_VICTIMS)
    }
    for iteration, victims in found:
        cut = {*iteration.unreported} - victims
        for worker in iteration.workers:
            for position, test in enumerate(worker.tests):
                if test in executions and test not in cut:
                    execution = _Execution(
                        victim=test,
                        process=worker.tests,
                        position=position,
                        failed=test in victims,
                        level=iteration.level,
                    )
                    executions[test].append(execution)
    return executions


def _pairs(victim: TestId, executions: Sequence[_Execution]) -> Iterator[_Pair]:
    failing = [execution for execution in executions if execution.failed]
    ran = Counter(test for execution in executions for test in execution.before)
    failed = Counter(test for execution in failing for test in execution.before)
    for polluter in sorted(ran):
        after = Tally(failed=failed[polluter], iterations=ran[polluter])
        without = Tally(
            failed=len(failing) - after.failed, iterations=len(executions) - after.iterations
        )
        p = inference.fisher(without, after)
        yield _Pair(polluter=polluter, victim=victim, after=after, without=without, p=p)


def _suspect(pair: _Pair, adjusted: float, executions: Sequence[_Execution]) -> Suspect:
    lift, low, high = inference.ratio(pair.without, pair.after)
    return Suspect(
        polluter=pair.polluter,
        victim=pair.victim,
        after=pair.after,
        without=pair.without,
        lift=lift,
        low=low,
        high=high,
        p=pair.p,
        adjusted=adjusted,
        level=_level(pair.polluter, executions),
    )


def _level(polluter: TestId, executions: Sequence[_Execution]) -> Level:
    """Where the victim failed after the polluter most often."""
    levels = Counter(
        e.level for e in executions if e.failed and polluter in e.process[: e.position]
    )
    return max(levels, key=lambda level: (levels[level], level.processes))
