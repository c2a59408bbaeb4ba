"""Settle a suspicion: polluter and victim in one process, then the victim alone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flakebot.model import TestId, value
from flakebot.reproduction import inference, planning
from flakebot.reproduction.inference import ALPHA, Tally
from flakebot.reproduction.iterations import Campaign, Iteration, Level, Shard, Target, Variant
from flakebot.reproduction.suspects import Suspect, victims_of
from flakebot.wording import percent

_LEAST, _MOST = 5, 60
"""Iterations of each half of a confirmation: fewer prove nothing, more are a campaign."""


@value
class Confirmation:
    """Two campaigns that settle a suspicion: polluter and victim in one process, victim alone."""

    together: Campaign
    alone: Campaign


def confirmation(campaign: Campaign, suspect: Suspect) -> Confirmation:
    """The two runs that settle a suspicion, in one process each, in the order suspected.

    Under xdist where the victim failed under xdist, with a single process; so many iterations that
    the victim, were the suspicion right, would fail with 95 % confidence.
    """
    rate = suspect.after.interval[0]
    least = planning.to_see(rate) if rate > 0 else _MOST
    level = Level(processes=min(1, suspect.level.processes), load=suspect.level.load)
    base = replace(
        campaign,
        levels=(level,),
        variants=(Variant(),),
        iterations=min(_MOST, max(_LEAST, least)),
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
    failed = [victim in victims_of(each) for each in iterations]
    return Tally(failed=sum(failed), iterations=len(failed))


def _of_all(tally: Tally) -> str:
    return f"{tally.failed} of {tally.iterations}"
