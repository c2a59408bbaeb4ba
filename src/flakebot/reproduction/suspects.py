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

_CONFIRM_LEAST, _CONFIRM_MOST = 5, 60
"""Iterations of each half of a confirmation: fewer prove nothing, more are a campaign."""


@value
class Suspect:
    """A test after which another fails more often in the same process.

    `after` counts executions of the victim with the polluter before it in its process, `without`
    those without. `lift` is the ratio of the two rates with its 95 % interval, infinite where the
    victim never failed without. `p` is Fisher's, `adjusted` the same among all pairs that ran in
    that order anywhere (Holm), so that looking at many tests does not find one by chance. `level`
    is where the victim failed after it most often.
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
    before: frozenset[TestId]
    failed: bool
    level: Level


def rank(iterations: Iterable[Iteration]) -> tuple[Suspect, ...]:
    """The suspects of all victims, those that chance explains least first.

    Only the tests as given are looked at: a variant may give each test a process of its own.
    """
    found = [each for each in iterations if each.variant == AS_GIVEN]
    victims = {test for each in found for test in _victims(each)}
    executions = [e for each in found for e in _executions(each, victims)]
    pairs = [pair for victim in sorted(victims) for pair in _pairs(victim, executions)]
    adjusted = inference.holm([pair.p for pair in pairs])
    suspects = [replace(pair, adjusted=p) for pair, p in zip(pairs, adjusted, strict=True)]
    likelier = [suspect for suspect in suspects if suspect.low > 1]
    return tuple(sorted(likelier, key=_order))


def failures(iterations: Iterable[Iteration]) -> dict[TestId, Tally]:
    """How often each victim failed, among its executions that ended; only those are told of that
    had something run before them.
    """
    found = [each for each in iterations if each.variant == AS_GIVEN]
    victims = {test for each in found for test in _victims(each)}
    executions = [e for each in found for e in _executions(each, victims)]
    ran = Counter(e.victim for e in executions)
    failed = Counter(e.victim for e in executions if e.failed)
    followed = {e.victim for e in executions if e.before}
    return {test: Tally(failed=failed[test], iterations=ran[test]) for test in sorted(followed)}


def _order(suspect: Suspect) -> tuple[float, float, TestId, TestId]:
    """By p, which one lucky run cannot lead; by the lower end of the lift where that is equal."""
    return suspect.p, -suspect.low, suspect.victim, suspect.polluter


def _victims(iteration: Iteration) -> set[TestId]:
    """The tests that killed their process, or failed for a reason that lies in the tests."""
    crashed = {worker.crashed for worker in iteration.workers if worker.crashed is not None}
    own = (f for f in iteration.failures if f.category.owner is Owner.TEST)
    return crashed.union(*(failure.tests for failure in own))


def _executions(iteration: Iteration, victims: set[TestId]) -> Iterator[_Execution]:
    """Each execution of a victim; one that was cut off tells nothing."""
    failed, cut = _victims(iteration), set(iteration.unreported)
    for worker in iteration.workers:
        for position, test in enumerate(worker.tests):
            if test in victims and (test in failed or test not in cut):
                yield _Execution(
                    victim=test,
                    before=frozenset(worker.tests[:position]) - {test},
                    failed=test in failed,
                    level=iteration.level,
                )


def _pairs(victim: TestId, executions: Sequence[_Execution]) -> Iterator[Suspect]:
    mine = [execution for execution in executions if execution.victim == victim]
    failing = [execution for execution in mine if execution.failed]
    ran = Counter(test for execution in mine for test in execution.before)
    failed = Counter(test for execution in failing for test in execution.before)
    seen: dict[tuple[int, int], float] = {}
    for polluter in sorted(ran):
        after = Tally(failed=failed[polluter], iterations=ran[polluter])
        without = Tally(
            failed=len(failing) - failed[polluter], iterations=len(mine) - ran[polluter]
        )
        key = (after.failed, after.iterations)
        p = seen.setdefault(key, -1.0)
        if p < 0:
            p = seen[key] = inference.fisher(without, after)
        lift, low, high = inference.ratio(without, after)
        yield Suspect(
            polluter=polluter,
            victim=victim,
            after=after,
            without=without,
            lift=lift,
            low=low,
            high=high,
            p=p,
            adjusted=p,
            level=_level(polluter, failing),
        )


def _level(polluter: TestId, failing: Sequence[_Execution]) -> Level:
    """Where the victim failed after the polluter most often."""
    levels = Counter(e.level for e in failing if polluter in e.before)
    return max(levels, key=lambda level: (levels[level], level.processes), default=Level())


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
