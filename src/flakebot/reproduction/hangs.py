"""Iterations that had to be ended: what ran, how long it was silent, where it stood. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from flakebot.model import TestId, value
from flakebot.reproduction.iterations import Ending, Iteration, Stall
from flakebot.reproduction.tables import Group


@value
class Hang:
    """The iterations that were ended while the same tests ran.

    `where` names each by group and number; `silence` is the longest in seconds; `stacks` are those
    of the first iteration that had any; `never_ran` are tests that had not begun in all of them;
    `unkillable` counts those whose processes could not be ended.
    """

    tests: tuple[TestId, ...]
    where: tuple[tuple[str, int], ...]
    silence: float
    stacks: tuple[str, ...]
    never_ran: tuple[TestId, ...]
    unkillable: int


def hangs(found: Iterable[Group]) -> tuple[Hang, ...]:
    """The hangs of a campaign, most frequent first."""
    together: dict[tuple[TestId, ...], list[tuple[str, Iteration, Stall]]] = {}
    for group in found:
        for each in group.iterations:
            if each.stall is not None:
                key = tuple(sorted(each.stall.running))
                together.setdefault(key, []).append((group.name, each, each.stall))
    rows = [_hang(tests, stalled) for tests, stalled in together.items()]
    return tuple(sorted(rows, key=lambda row: (-len(row.where), row.tests)))


def _hang(tests: tuple[TestId, ...], stalled: list[tuple[str, Iteration, Stall]]) -> Hang:
    never = [set(each.unreported) - set(stall.running) for _, each, stall in stalled]
    order = stalled[0][1].unreported
    common = set.intersection(*never)
    return Hang(
        tests=tests,
        where=tuple((name, each.number) for name, each, _ in stalled),
        silence=max(stall.silence for _, _, stall in stalled),
        stacks=next((stall.stacks for _, _, stall in stalled if stall.stacks), ()),
        never_ran=tuple(test for test in order if test in common),
        unkillable=sum(each.ending is Ending.UNKILLABLE for _, each, _ in stalled),
    )
