"""Which test that ran before in the same process makes another one fail. Pure.

The field calls the one a polluter and the other its victim (Shi, Lam, Oei, Xie and Marinov 2019,
https://doi.org/10.1145/3338906.3338925). Over all iterations, each execution of a victim is one
observation: which tests its process had run before, and whether it failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from flakebot.model import Owner, TestId, value
from flakebot.reproduction import inference, planning
from flakebot.reproduction.inference import ALPHA, Tally
from flakebot.reproduction.iterations import (
    AS_GIVEN,
    Campaign,
    Iteration,
    Level,
    Shard,
    Target,
    Variant,
)
from flakebot.wording import percent

SHOWN = 10
"""Suspects that a report names; the rest is noise below them."""

_VICTIMS = 20
"""Failing tests that are looked at, those that failed most often: when a broken fixture fails a
thousand, they are one event, and a thousand times a thousand pairs would take hours."""

_CONFIRM_LEAST, _CONFIRM_MOST = 5, 60
"""Iterations of each half of a confirmation: fewer prove nothing, more are a campaign."""


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
class Confirmation:
    """Two campaigns that settle a suspicion: polluter and victim in one process, victim alone."""

    together: Campaign
    alone: Campaign


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


def _victims(iteration: Iteration) -> set[TestId]:
    """The tests that killed their process, or failed for a reason that lies in the tests."""
    crashed = {worker.crashed for worker in iteration.workers if worker.crashed is not None}
    own = (f for f in iteration.failures if f.category.owner is Owner.TEST)
    return crashed.union(*(failure.tests for failure in own))


def _executions(iterations: Iterable[Iteration]) -> dict[TestId, list[_Execution]]:
    """Each execution of each victim; one that was cut off tells nothing."""
    found = [(each, _victims(each)) for each in iterations if each.variant == AS_GIVEN]
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


# ------------------------------------------------------------------------------------------
# Confirming


def confirmation(campaign: Campaign, suspect: Suspect) -> Confirmation:
    """The two runs that settle a suspicion, in one process each, in the order suspected.

    Under xdist where the victim failed under xdist, with a single process; so many iterations that
    the victim, were the suspicion right, would fail with 95 % confidence.
    """
    rate = suspect.after.interval[0]
    least = planning.to_see(rate) if rate > 0 else _CONFIRM_MOST
    level = Level(processes=min(1, suspect.level.processes), load=suspect.level.load)
    base = replace(
        campaign,
        levels=(level,),
        variants=(Variant(),),
        iterations=min(_CONFIRM_MOST, max(_CONFIRM_LEAST, least)),
        until=0.0,
        expected=0.0,
        shard=Shard(),  # this machine settles it alone
        target=Target(),  # the victim, which need not be the flake that is looked for
    )
    return Confirmation(
        together=_of(base, suspect.polluter, suspect.victim), alone=_of(base, suspect.victim)
    )


def _of(base: Campaign, *tests: TestId) -> Campaign:
    return replace(base, setup=replace(base.setup, tests=tests))


def confirmed(suspect: Suspect, together: Sequence[Iteration], alone: Sequence[Iteration]) -> str:
    """What the two runs of a confirmation say, as a sentence."""
    pair, single = (_failing(suspect.victim, each) for each in (together, alone))
    counts = (
        f"{_of_all(pair)} after {suspect.polluter} in the same process, {_of_all(single)} alone"
    )
    p = inference.fisher(single, pair)
    if p <= ALPHA:
        return f"Confirmed: {suspect.victim} failed in {counts} (p = {p:.2g})."
    if single.failed:
        return f"Not confirmed: {suspect.victim} fails alone too: {counts}."
    seen = inference.power(0.0, suspect.after.rate, single.iterations, pair.iterations)
    return (
        f"Not confirmed: {suspect.victim} failed in {counts}; a polluter that makes it fail as "
        f"often as before would have been seen {percent(seen)} of the time."
    )


def _failing(victim: TestId, iterations: Sequence[Iteration]) -> Tally:
    failed = [victim in _victims(each) for each in iterations]
    return Tally(failed=sum(failed), iterations=len(failed))


def _of_all(tally: Tally) -> str:
    return f"{tally.failed} of {tally.iterations}"
