from __future__ import annotations

import pytest
from tests.unit.reproduction_values import (
    ABORT,
    BINDINGS,
    FORKED,
    N16,
    ROUTING,
    SERIAL,
    abort,
    campaign,
    iteration,
    outage,
    routing,
    several,
    worker,
)

from flakebot.model import Category, TestId
from flakebot.reproduction import tables
from flakebot.reproduction.inference import Tally
from flakebot.reproduction.iterations import Iteration, Target

FUNCTION = TestId(BINDINGS.partition("[")[0])


def test_groups_come_in_the_order_they_were_asked_for() -> None:
    """Every level and variant has a place, also before anything ended there."""
    found = tables.groups(
        campaign(SERIAL, N16, variants=[FORKED]), [iteration(2, level=N16), iteration(1, level=N16)]
    )
    assert [group.name for group in found] == ["serial", "serial forked", "n16", "n16 forked"]
    assert [[each.number for each in group.iterations] for group in found] == [[], [], [1, 2], []]
    assert [group.name for group in tables.as_given(found)] == ["serial", "n16"]


def test_an_iteration_counts_once_under_each_error_type() -> None:
    """Two aborts and an assertion in one iteration are one of each."""
    rows = tables.errors(
        [iteration(1, abort(), abort(ROUTING), routing()), iteration(2, routing())]
    )
    assert [(row.category, row.count, row.tests) for row in rows] == [
        (Category.ASSERTION, 2, (ROUTING,)),
        (Category.CRASH_SIGABRT, 1, (BINDINGS, ROUTING)),
    ]
    assert rows[1].sample == "Fatal Python error: Aborted"


def test_failing_tests_are_counted_in_iterations() -> None:
    """By level, most often first, with the types most frequent first."""
    iterations = [
        *several(SERIAL, 3, [[outage()]]),
        *several(N16, 3, [[routing(), routing()], [routing()], [abort()]]),
    ]
    rows = tables.failing_tests(tables.groups(campaign(SERIAL, N16), iterations))
    assert [(row.test, row.counts, row.categories) for row in rows] == [
        (ROUTING, (("serial", 1), ("n16", 2)), (Category.ASSERTION, Category.HF_FETCH)),
        (BINDINGS, (("n16", 1),), (Category.CRASH_SIGABRT,)),
    ]
    assert [row.total for row in rows] == [3, 1]


RAN = [worker("gw0", BINDINGS)]
OTHER = f"{FUNCTION}[False-tcp]"


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (iteration(1, workers=RAN), "silent"),
        (iteration(1), ""),
        (iteration(1, abort(), workers=RAN), "hit"),
        (iteration(1, routing(), workers=RAN), "silent"),
        (iteration(1, routing()), ""),
        (iteration(1, routing(), workers=RAN, unreported=[BINDINGS]), ""),
        (iteration(1, workers=RAN, skipped=[BINDINGS]), ""),
        (iteration(1, workers=RAN, skipped=[ROUTING]), "silent"),
        (iteration(1, workers=[worker("", BINDINGS, OTHER)], skipped=[BINDINGS]), "silent"),
    ],
)
def test_what_an_iteration_says_of_the_flake_looked_for(each: Iteration, said: str) -> None:
    """A failure, a silence, or nothing: the test did not run to its end."""
    target = Target(test=FUNCTION, fingerprint=ABORT)
    assert tables.hits(each, target) == (said == "hit")
    assert tables.silent(each, target) == (said == "silent")
    assert not tables.fails_otherwise(each, target)


def test_another_way_of_failing_is_neither_failure_nor_silence() -> None:
    """The test failed, but not as in its issue."""
    each = iteration(1, abort(), workers=RAN)
    target = Target(test=FUNCTION, fingerprint="v1:assertion:00000000")
    assert not tables.hits(each, target)
    assert not tables.silent(each, target)
    assert tables.fails_otherwise(each, target)


@pytest.mark.parametrize(
    ("target", "failed"),
    [
        (Target(), 2),
        (Target(fingerprint=ABORT), 1),
        (Target(test=ROUTING), 1),
        (Target(test=BINDINGS), 1),
        (Target(test=FUNCTION), 1),
        (Target(test=TestId(f"{FUNCTION}[False-tcp]")), 0),
    ],
)
def test_a_target_may_leave_the_test_or_the_fingerprint_open(target: Target, failed: int) -> None:
    """Without either, every failing iteration is one; a function stands for its variants."""
    iterations = [iteration(1, abort()), iteration(2, routing()), iteration(3)]
    (group,) = tables.groups(campaign(SERIAL), iterations)
    assert tables.of_target(group, target).failed == failed


def test_of_no_target_every_iteration_counts() -> None:
    """The tally is then the plain one."""
    (group,) = tables.groups(campaign(SERIAL), several(SERIAL, 5, [[abort()]]))
    assert tables.of_target(group, Target()) == group.tally == Tally(failed=1, iterations=5)
