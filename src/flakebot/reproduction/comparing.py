"""Levels and variants compared: by how much, how certainly, and what could have been seen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

from flakebot.model import Category, value
from flakebot.reproduction import inference, sequential, tables
from flakebot.reproduction.inference import ALPHA, Tally
from flakebot.reproduction.iterations import AS_GIVEN, Campaign
from flakebot.reproduction.tables import Group

REFERENCE = 0.2
"""The difference whose power is always told: 0 % against 20 % (the policy's own example)."""


@value
class Comparison:
    """How much more often `second` fails than `first`.

    `difference` and its 95 % interval are of rates; `p` is one-sided, that `second` fails more
    often, and `adjusted` the same among all comparisons of its kind (Holm). `power` is how often
    0 % against 20 % is seen in so many iterations, `detectable` the rate of `second` seen 80 % of
    the time. Where iterations stopped at the answer, p and interval hold at any time, p is
    two-sided, and there is no power to tell: None.
    """

    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    adjusted: float
    power: float | None
    detectable: float | None

    @property
    def certain(self) -> bool:
        """Whether a difference is seen at 5 %, all comparisons of its kind together."""
        return self.adjusted <= ALPHA


@value
class Across:
    """What all levels together show: p of a trend with the number of processes, p of a shift of
    error types; None where there is nothing to compare.
    """

    trend: float | None
    shift: float | None


def between_levels(campaign: Campaign, found: Sequence[Group]) -> tuple[Comparison, ...]:
    """Each two levels at which something ran, the one pressed less hard first."""
    ran = [group for group in tables.as_given(found) if group.iterations]
    ran.sort(key=_pressure)
    pairs = [_compare(campaign, a, b) for a, b in combinations(ran, 2)]
    return _adjusted(pairs)


def of_variants(campaign: Campaign, found: Sequence[Group]) -> tuple[Comparison, ...]:
    """Each variant against the tests as they are, at each level: a variant that helps is `first`
    of a positive difference.
    """
    ran = [group for group in found if group.iterations]
    pairs = [
        _compare(campaign, variant, given)
        for given in tables.as_given(ran)
        for variant in ran
        if variant.level == given.level and variant.variant != AS_GIVEN
    ]
    return _adjusted(pairs)


def across_levels(campaign: Campaign, found: Sequence[Group]) -> Across:
    """Trend and shift over all levels.

    Both are made for numbers fixed beforehand, so of a campaign that stopped at its answer neither
    is told.
    """
    ran = [group for group in tables.as_given(found) if group.iterations]
    if campaign.until:
        return Across(trend=None, shift=None)
    plain = [g for g in ran if not g.level.load and not g.level.random_order]
    kinds = sorted({f.category for g in ran for each in g.failing for f in each.failures[:1]})
    failing = [group for group in ran if group.failing]
    comparable = len(kinds) > 1 and len(failing) > 1
    return Across(
        trend=_trend(plain) if len(plain) > 2 else None,  # noqa: PLR2004  # two are a comparison
        shift=inference.shift([_firsts(g, kinds) for g in failing]) if comparable else None,
    )


def _trend(found: Sequence[Group]) -> float:
    """Against the number of processes that run tests: serially it is one."""
    scores = [max(1, group.level.processes) for group in found]
    return inference.trend([group.tally for group in found], scores)


def _firsts(group: Group, kinds: Sequence[Category]) -> list[int]:
    """Failing iterations by what a person reads first of each, so that each counts once."""
    first = [each.failures[0].category for each in group.failing if each.failures]
    return [first.count(kind) for kind in kinds]


def _pressure(group: Group) -> tuple[int, int, bool]:
    level = group.level
    return level.processes, level.load, level.random_order


def _compare(campaign: Campaign, first: Group, second: Group) -> Comparison:
    how: Callable[[Tally, Tally], Comparison] = _at_any_time if campaign.until else _fixed
    one, two = (tables.of_target(group, campaign.target) for group in (first, second))
    return replace(how(one, two), first=first.name, second=second.name)


def _fixed(one: Tally, two: Tally) -> Comparison:
    low, high = inference.difference(one, two)
    p = inference.fisher(one, two)
    return Comparison(
        first="",
        second="",
        difference=two.rate - one.rate,
        low=low,
        high=high,
        p=p,
        adjusted=p,
        power=inference.power(0.0, REFERENCE, one.iterations, two.iterations),
        detectable=inference.detectable(one, two.iterations),
    )


def _at_any_time(one: Tally, two: Tally) -> Comparison:
    """From two intervals that hold at any time with half the error each."""
    low1, high1 = sequential.interval(one, ALPHA / 2)
    low2, high2 = sequential.interval(two, ALPHA / 2)
    p = sequential.p_value([one, two])
    return Comparison(
        first="",
        second="",
        difference=two.rate - one.rate,
        low=low2 - high1,
        high=high2 - low1,
        p=p,
        adjusted=p,
        power=None,
        detectable=None,
    )


def _adjusted(pairs: Sequence[Comparison]) -> tuple[Comparison, ...]:
    adjusted = inference.holm([pair.p for pair in pairs])
    return tuple(replace(pair, adjusted=p) for pair, p in zip(pairs, adjusted, strict=True))
