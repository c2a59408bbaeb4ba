from __future__ import annotations

from tests.unit.reproduction_values import (
    BINDINGS,
    N16,
    ROUTING,
    SERIAL,
    abort,
    campaign,
    iteration,
)

from flakebot.model import TestId
from flakebot.reproduction import tables
from flakebot.reproduction.hangs import Hang, hangs
from flakebot.reproduction.iterations import Ending, Stall

LATER, LAST = TestId("tests/a.py::later"), TestId("tests/a.py::last")


def test_hangs_of_the_same_tests_stand_together() -> None:
    """With the longest silence, the first stacks, and what ran in none of them."""
    stacks = ("Thread 0x1 (most recent call first):",)
    iterations = [
        iteration(
            1,
            abort(),
            level=N16,
            ending=Ending.KILLED,
            stall=Stall(silence=40.0, running=(ROUTING, BINDINGS)),
            unreported=[BINDINGS, ROUTING, LATER, LAST],
        ),
        iteration(
            2,
            abort(),
            level=N16,
            ending=Ending.UNKILLABLE,
            stall=Stall(silence=90.0, running=(BINDINGS, ROUTING), stacks=stacks),
            unreported=[ROUTING, BINDINGS, LAST],
        ),
        iteration(1, abort(), ending=Ending.TERMINATED, stall=Stall(silence=5.0)),
        iteration(2, abort()),
    ]
    found = hangs(tables.groups(campaign(SERIAL, N16), iterations))
    assert found == (
        Hang(
            tests=tuple(sorted((BINDINGS, ROUTING))),
            where=(("n16", 1), ("n16", 2)),
            silence=90.0,
            stacks=stacks,
            never_ran=(LAST,),
            unkillable=1,
        ),
        Hang(tests=(), where=(("serial", 1),), silence=5.0, stacks=(), never_ran=(), unkillable=0),
    )
