"""What settles a suspicion."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from tests.unit.reproduction_values import (
    BINDINGS,
    FORKED,
    N16,
    SERIAL,
    abort,
    campaign,
    iteration,
    worker,
)

from flakebot.model import TestId
from flakebot.reproduction import confirming
from flakebot.reproduction.inference import Tally
from flakebot.reproduction.iterations import Iteration, Level, Shard, Target, Variant
from flakebot.reproduction.suspects import Suspect

POLLUTER = TestId("tests/a.py::pollutes")


def suspect(failed: int = 40, ran: int = 50, level: Level = N16) -> Suspect:
    return Suspect(
        polluter=POLLUTER,
        victim=BINDINGS,
        after=Tally(failed=failed, iterations=ran),
        without=Tally(failed=0, iterations=50),
        lift=math.inf,
        low=9.0,
        high=math.inf,
        p=1e-9,
        adjusted=1e-8,
        level=level,
    )


def test_a_confirmation_runs_both_in_one_process_and_then_the_victim_alone() -> None:
    """One process of xdist where it failed under xdist, nothing of the levels and variants."""
    asked = replace(
        campaign(SERIAL, N16, variants=[FORKED], until=0.95, expected=0.1),
        shard=Shard(index=2, count=3),
        target=Target(test=TestId("tests/x.py::test_other"), rate=0.1, rate_low=0.05),
    )
    found = confirming.confirmation(asked, suspect())
    assert found.together.setup.tests == (POLLUTER, BINDINGS)
    assert found.alone.setup.tests == (BINDINGS,)
    assert found.together == replace(
        found.alone, setup=replace(asked.setup, tests=(POLLUTER, BINDINGS))
    )
    assert (found.alone.levels, found.alone.variants) == ((Level(processes=1),), (Variant(),))
    assert (found.alone.iterations, found.alone.until, found.alone.expected) == (5, 0.0, 0.0)
    assert (found.alone.shard, found.alone.target) == (Shard(), Target())


@pytest.mark.parametrize(
    ("failed", "ran", "iterations"), [(50, 50, 5), (10, 50, 26), (1, 50, 60), (0, 50, 60)]
)
def test_a_confirmation_is_sized_by_how_often_the_victim_failed(
    failed: int, ran: int, iterations: int
) -> None:
    """From the lower bound of its rate after the polluter, within bounds."""
    found = confirming.confirmation(campaign(SERIAL), suspect(failed, ran, SERIAL))
    assert found.alone.iterations == iterations
    assert found.alone.levels == (SERIAL,)


def failing(count: int, total: int) -> list[Iteration]:
    crashed = [worker("gw0", BINDINGS, crashed=BINDINGS)]
    made = [iteration(n, abort(), workers=crashed) for n in range(1, count + 1)]
    return made + [iteration(n) for n in range(count + 1, total + 1)]


@pytest.mark.parametrize(
    ("together", "alone", "begin"),
    [
        ((10, 10), (0, 10), f"Confirmed: {BINDINGS} failed in 10 of 10 after {POLLUTER}"),
        ((5, 10), (5, 10), f"Not confirmed: {BINDINGS} fails alone too: 5 of 10 after"),
        ((1, 5), (0, 5), f"Not confirmed: {BINDINGS} failed in 1 of 5 after {POLLUTER}"),
    ],
)
def test_the_verdict_of_a_confirmation(
    together: tuple[int, int], alone: tuple[int, int], begin: str
) -> None:
    """Confirmed, refuted, or too few, with what would have been seen."""
    said = confirming.confirmed(suspect(), failing(*together), failing(*alone))
    assert said.startswith(begin)
    assert ("of the time" in said) == (alone[0] == 0 and together[0] == 1)
