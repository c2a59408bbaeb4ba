"""When a campaign with `--until` has its answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flakebot.reproduction import sequential, tables, verification
from flakebot.reproduction.inference import Tally
from flakebot.reproduction.iterations import Campaign, Iteration
from flakebot.reproduction.planning import EXPECTED, chance_words
from flakebot.reproduction.verification import Verdict
from flakebot.wording import percent


def answer(campaign: Campaign, iterations: Sequence[Iteration]) -> str:
    """Why a campaign with `until` may stop now, as a sentence; empty while it may not.

    Of a tracked flake the question is whether it is gone: one failure says no, and the silence that
    says yes was fixed beforehand, so looking costs nothing. Otherwise the question has two parts.
    Do levels or variants differ? Does each fail more often, or less often, than the expected rate?
    Either answer ends it. Half of the error is spent on each part, and the second half is shared
    among the groups; within each, `sequential` pays for all looks.
    """
    if not campaign.until:
        return ""
    if campaign.target.rate_low:
        found = verification.verify(campaign, iterations)
        return "" if found.verdict is Verdict.NOT_ENOUGH else found.sentence
    return _difference(campaign, iterations) or _settled(campaign, iterations)


def _difference(campaign: Campaign, iterations: Sequence[Iteration]) -> str:
    tallies = _tallies(campaign, iterations)
    alpha = (1 - campaign.until) / 2
    if len(tallies) == 1 or sequential.p_value(tallies) > alpha:
        return ""
    what = " or ".join(
        name
        for name, compared in (("levels", campaign.levels), ("variants", campaign.variants))
        if len(compared) > 1
    )
    return f"The {what} differ, with {chance_words(campaign.until)} confidence."


def _settled(campaign: Campaign, iterations: Sequence[Iteration]) -> str:
    tallies = _tallies(campaign, iterations)
    rate = campaign.expected or EXPECTED
    alpha = (1 - campaign.until) / 2 / len(tallies)
    sides = [_side(tally, rate, alpha) for tally in tallies]
    if not all(sides):
        return ""
    groups = tables.groups(campaign, iterations)
    told = ", ".join(f"{g.name} {side}" for g, side in zip(groups, sides, strict=True))
    return f"Against {percent(rate)}, with {chance_words(campaign.until)} confidence: {told}."


def _tallies(campaign: Campaign, iterations: Sequence[Iteration]) -> list[Tally]:
    groups = tables.groups(campaign, iterations)
    return [tables.of_target(group, campaign.target) for group in groups]


def _side(tally: Tally, rate: float, alpha: float) -> str:
    """On which side of a rate a group surely is, empty while it may be on either."""
    low, high = sequential.interval(tally, alpha)
    if low > rate:
        return "fails more often"
    return "fails less often" if high < rate else ""
