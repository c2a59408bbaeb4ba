from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.reproduction_values import (
    ABORT,
    BINDINGS,
    FORKED,
    N16,
    SERIAL,
    abort,
    campaign,
    several,
    worker,
)

from flakebot.reproduction import stopping
from flakebot.reproduction.iterations import Campaign, Iteration, Level, Target, Variant

UNTIL = campaign(SERIAL, N16, until=0.95)
ONE = campaign(SERIAL, until=0.95, expected=0.2)


def run(level: Level, total: int, failing: int, variant: str = "") -> list[Iteration]:
    ran = [worker("gw0", BINDINGS)]
    return several(level, total, [[abort()]] * failing, variant, ran)


@pytest.mark.parametrize(
    ("asked", "iterations", "answer"),
    [
        (campaign(SERIAL, N16), [*run(SERIAL, 90, 0), *run(N16, 90, 90)], ""),
        (UNTIL, [], ""),
        (UNTIL, [*run(SERIAL, 10, 0), *run(N16, 10, 2)], ""),
        (
            UNTIL,
            [*run(SERIAL, 40, 0), *run(N16, 40, 20)],
            "The levels differ, with 95 % confidence.",
        ),
        (
            UNTIL,
            [*run(SERIAL, 200, 0), *run(N16, 200, 0)],
            "Against 5.0 %, with 95 % confidence: serial fails less often, n16 fails less often.",
        ),
        (ONE, run(SERIAL, 10, 2), ""),
        (ONE, run(SERIAL, 30, 20), "Against 20 %, with 95 % confidence: serial fails more often."),
        (ONE, run(SERIAL, 40, 0), "Against 20 %, with 95 % confidence: serial fails less often."),
        (
            campaign(N16, variants=[FORKED], until=0.95),
            [*run(N16, 40, 20), *run(N16, 40, 0, "forked")],
            "The variants differ, with 95 % confidence.",
        ),
        (
            campaign(SERIAL, N16, variants=[FORKED], until=0.95),
            [
                *(each for level in (SERIAL, N16) for each in run(level, 40, 20)),
                *(each for level in (SERIAL, N16) for each in run(level, 40, 0, "forked")),
            ],
            "The levels or variants differ, with 95 % confidence.",
        ),
    ],
)
def test_a_campaign_stops_when_its_question_is_answered(
    asked: Campaign, iterations: list[Iteration], answer: str
) -> None:
    """Levels or variants differ, or each lies on one side of the expected rate."""
    assert stopping.answer(asked, iterations) == answer


TARGET = Target(test=BINDINGS, fingerprint=ABORT, rate=0.4, rate_low=0.2)


@pytest.mark.parametrize(
    ("iterations", "begin"),
    [
        (run(SERIAL, 13, 0), ""),
        (run(SERIAL, 14, 0), "Fixed, with 96 % confidence"),
        (run(SERIAL, 3, 1), "Still failing"),
    ],
)
def test_a_tracked_flake_is_gone_or_not(iterations: list[Iteration], begin: str) -> None:
    """One failure ends it, and so does the silence that was planned."""
    asked = replace(campaign(SERIAL, until=0.95), target=TARGET, variants=(Variant(),))
    answer = stopping.answer(asked, iterations)
    assert answer.startswith(begin)
    assert bool(answer) == bool(begin)
