"""Whether a fix holds: silence sized from the lower bound of the old rate. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from flakebot.model import value
from flakebot.reproduction import planning, tables
from flakebot.reproduction.inference import Tally
from flakebot.reproduction.iterations import Campaign, Iteration
from flakebot.wording import percent, plural


class Verdict(StrEnum):
    """What iterations say of a flake that may have been fixed."""

    FIXED = "fixed"
    STILL_FAILING = "still-failing"
    NOT_ENOUGH = "not-enough"


@value
class Verification:
    """The verdict on a tracked flake.

    `tally` counts the iterations at its level that can tell; `needed` is how many silent ones would
    mean that it is gone, 0 when its old rate is not known; `confidence` is what their silence is
    worth; `otherwise` are iterations in which the test failed, but not in that way.
    """

    verdict: Verdict
    tally: Tally
    needed: int
    confidence: float
    otherwise: int
    sentence: str


def verify(campaign: Campaign, iterations: Sequence[Iteration]) -> Verification:
    """What the iterations at the target's level say of it, with the confidence that was asked for.

    A rate of the target's is that of CI: where iterations are run otherwise, at another level, with
    another machine under them, silence means less.
    """
    target = campaign.target
    wanted = campaign.until or planning.CONFIDENCE
    at_level = [
        group
        for group in tables.as_given(tables.groups(campaign, iterations))
        if target.level in {"", group.level.name}
    ]
    tallies = [tables.of_target(group, target) for group in at_level]
    tally = Tally(
        failed=sum(t.failed for t in tallies), iterations=sum(t.iterations for t in tallies)
    )
    confidence = planning.silence_means(target.rate_low, tally.iterations)
    otherwise = sum(
        tables.fails_otherwise(each, target) for group in at_level for each in group.iterations
    )
    needed = planning.for_fix(target.rate_low, wanted) if target.rate_low else 0
    if tally.failed:
        verdict, sentence = Verdict.STILL_FAILING, _still_failing(tally)
    elif needed and tally.iterations >= needed:
        verdict, sentence = Verdict.FIXED, _fixed(tally, confidence)
    else:
        verdict, sentence = Verdict.NOT_ENOUGH, _not_enough(tally, needed, confidence)
    return Verification(
        verdict=verdict,
        tally=tally,
        needed=needed,
        confidence=0.0 if tally.failed else confidence,
        otherwise=otherwise,
        sentence=sentence,
    )


def _still_failing(tally: Tally) -> str:
    low, high = tally.interval
    count = plural(tally.iterations, "iteration")
    return (
        f"Still failing: in {tally.failed} of {count}, {percent(tally.rate)} "
        f"({percent(low)} to {percent(high)})."
    )


def _fixed(tally: Tally, confidence: float) -> str:
    count = plural(tally.iterations, "iteration")
    sure = planning.chance_words(confidence)
    return f"Fixed, with {sure} confidence: silent in {count}."


def _not_enough(tally: Tally, needed: int, confidence: float) -> str:
    count = plural(tally.iterations, "iteration")
    if not needed:
        return f"Not enough: silent in {count}, and no old rate is known that could size them."
    return (
        f"Not enough: silent in {count}, which gives {planning.chance_words(confidence)} "
        f"confidence; {needed} are needed."
    )
