from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from tests.unit.reproduction_values import (
    BINDINGS,
    N16,
    ROUTING,
    SERIAL,
    abort,
    iteration,
    outage,
    routing,
    worker,
)

from flakebot.model import TestId
from flakebot.reproduction import suspects
from flakebot.reproduction.inference import Tally
from flakebot.reproduction.iterations import Iteration

POLLUTER, INNOCENT = TestId("tests/a.py::pollutes"), TestId("tests/a.py::innocent")


def planted(count: int, *, chance: float = 0.5, seed: int = 1) -> list[Iteration]:
    """Iterations in which the victim aborts by chance once the polluter ran before it."""
    draw = random.Random(seed)  # noqa: S311  # a simulation
    others = [TestId(f"tests/b.py::test_{n}") for n in range(30)]
    made = []
    for number in range(1, count + 1):
        before = draw.sample([POLLUTER, INNOCENT, *others], 12)
        crashed = POLLUTER in before and draw.random() < chance
        process = worker("gw3", *before, BINDINGS, crashed=BINDINGS if crashed else "")
        rest = worker("gw4", *draw.sample(others, 5))
        failures = [abort()] if crashed else []
        made.append(iteration(number, *failures, level=N16, workers=[process, rest]))
    return made


@pytest.mark.parametrize("seed", range(5))
def test_the_planted_polluter_ranks_first_and_is_certain(seed: int) -> None:
    """Among 32 tests that ran before in some of 100 iterations."""
    found = suspects.rank(planted(100, seed=seed))
    assert (found[0].polluter, found[0].victim, found[0].level) == (POLLUTER, BINDINGS, N16)
    assert found[0].certain
    assert (found[0].lift, found[0].without.failed) == (math.inf, 0)


def test_tests_that_run_at_random_are_hardly_ever_certain() -> None:
    """Crashes without a polluter: of 40 campaigns with 32 candidates each, two at most accuse."""
    accused = 0
    for seed in range(40):
        innocent = planted(60, chance=0.0, seed=seed)
        crashing = [
            replace(
                each,
                exit_code=1,
                failures=(abort(),),
                workers=(replace(each.workers[0], crashed=BINDINGS), each.workers[1]),
            )
            if each.number % 4 == 0
            else each
            for each in innocent
        ]
        accused += any(each.certain for each in suspects.rank(crashing))
    assert accused <= 2


def test_counts_are_executions_of_the_victim() -> None:
    """After the polluter, and without it."""
    after = worker("gw0", POLLUTER, BINDINGS, crashed=BINDINGS)
    fine = worker("gw0", INNOCENT, BINDINGS)
    iterations = [iteration(n, abort(), level=N16, workers=[after]) for n in range(1, 9)]
    iterations += [iteration(n, level=N16, workers=[fine]) for n in range(9, 21)]
    (found,) = suspects.rank(iterations)
    assert (found.after, found.without) == (
        Tally(failed=8, iterations=8),
        Tally(failed=0, iterations=12),
    )
    assert suspects.failures(iterations) == {BINDINGS: Tally(failed=8, iterations=20)}


def test_one_lucky_run_does_not_lead() -> None:
    """Failed in the only run after it, against six of eight after another: the six come first."""
    lucky, other = TestId("tests/a.py::lucky"), TestId("tests/a.py::other_victim")
    rows = [
        *([(BINDINGS, (POLLUTER,), True)] * 6),
        *([(BINDINGS, (POLLUTER,), False)] * 2),
        *([(BINDINGS, (), False)] * 8),
        (other, (lucky,), True),
        *([(other, (), False)] * 15),
    ]
    iterations = [
        iteration(
            number,
            *([abort(victim)] if crashed else []),
            workers=[worker("", *before, victim, crashed=victim if crashed else "")],
        )
        for number, (victim, before, crashed) in enumerate(rows, start=1)
    ]
    assert [each.polluter for each in suspects.rank(iterations)] == [POLLUTER, lucky]


def test_an_assertion_may_have_a_polluter_too() -> None:
    """Not only crashes: the process lived on, and the test failed for a reason of the tests."""
    iterations = [
        iteration(n, routing(), workers=[worker("", POLLUTER, ROUTING)]) for n in range(1, 9)
    ]
    iterations += [iteration(n, workers=[worker("", ROUTING, POLLUTER)]) for n in range(9, 17)]
    (found,) = suspects.rank(iterations)
    assert (found.polluter, found.victim, found.level) == (POLLUTER, ROUTING, SERIAL)


def test_outages_variants_and_tests_that_were_cut_off_tell_nothing() -> None:
    """Nobody pollutes a network; a variant may isolate; a test without an end has no result."""
    ran = [worker("gw0", POLLUTER, ROUTING)]
    assert suspects.rank([iteration(1, outage(), workers=ran)]) == ()
    assert suspects.rank([iteration(1, routing(), workers=ran, variant="forked")]) == ()
    cut = iteration(1, abort(), workers=[worker("gw0", POLLUTER, ROUTING)], unreported=[ROUTING])
    other = iteration(2, routing(), workers=ran)
    assert suspects.failures([cut, other])[ROUTING] == Tally(failed=1, iterations=1)


def test_of_many_victims_those_that_failed_most_often_are_looked_at() -> None:
    """A broken fixture fails a whole suite, and every test ran before every other."""
    many = [TestId(f"tests/c.py::test_{n:02}") for n in range(50)]
    broken = replace(routing(), tests=tuple(many))
    iterations = [iteration(n, workers=[worker("", *many, POLLUTER)]) for n in range(1, 9)]
    iterations += [
        iteration(n, replace(routing(), tests=(many[40],)), workers=[worker("", POLLUTER, *many)])
        for n in range(9, 15)
    ]
    iterations.append(iteration(15, broken, workers=[worker("", *many, POLLUTER)]))
    looked_at = suspects.failures(iterations)
    assert looked_at[many[40]] == Tally(failed=7, iterations=15)
    assert len(looked_at) == 20
    (found,) = suspects.rank(iterations)
    assert (found.polluter, found.victim) == (POLLUTER, many[40])


def test_a_fixed_order_accuses_nobody() -> None:
    """When the same test always ran before, nothing tells whether it matters."""
    process = worker("", POLLUTER, BINDINGS, crashed=BINDINGS)
    assert suspects.rank([iteration(n, abort(), workers=[process]) for n in range(1, 20)]) == ()
