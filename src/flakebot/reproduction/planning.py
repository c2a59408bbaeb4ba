"""How many iterations a question needs. Pure."""

from __future__ import annotations

from flakebot.judging.stats import runs_needed, silence_probability
from flakebot.reproduction import inference
from flakebot.reproduction.inference import WANTED_POWER
from flakebot.reproduction.iterations import Campaign
from flakebot.wording import percent, plural

CONFIDENCE = 0.95
"""Of a plan that nobody gave another."""

EXPECTED = 0.05
"""The failure rate `--until` asks about when none is named: what a maintainer of a suite that runs
twenty times a day meets every day."""

MOST = 1_000
"""Iterations a level beyond which a comparison is not planned: days, for a suite of minutes."""

_ALL_BUT_CERTAIN = 0.995
"""From here on a chance would be rounded to 100 %."""


def to_see(rate: float, confidence: float = CONFIDENCE) -> int:
    """Iterations that show a flake of this rate at least once: 14 for 20 %, 29 for 10 %.

    Raises:
        ValueError: rate or confidence does not lie between 0 and 1.

    """
    return runs_needed(rate, 1 - confidence)


def to_compare(rate: float, other: float = 0.0) -> int:
    """Iterations a level by which this rate against a lower one is seen 80 % of the time, at most
    `MOST`.
    """
    low, high = 1, 2
    while high < MOST and inference.power(other, rate, high, high) < WANTED_POWER:
        low, high = high, min(MOST, 2 * high)
    while high - low > 1:
        middle = (low + high) // 2
        enough = inference.power(other, rate, middle, middle) >= WANTED_POWER
        low, high = (low, middle) if enough else (middle, high)
    return high


def for_fix(rate_low: float, confidence: float = CONFIDENCE) -> int:
    """Iterations whose silence means that a flake is gone, from the lower bound of its old rate.

    Raises:
        ValueError: no rate is known, so no silence means anything.

    """
    return runs_needed(rate_low, 1 - confidence)


def silence_means(rate_low: float, iterations: int) -> float:
    """The confidence that a flake is gone which so many silent iterations give."""
    return 1 - silence_probability(rate_low, iterations)


def chance_words(chance: float) -> str:
    """A chance as `95 %`; never `100 %`, which no number of iterations makes it."""
    return percent(chance) if chance < _ALL_BUT_CERTAIN else f"more than {percent(0.99)}"


def forecast(campaign: Campaign) -> tuple[str, ...]:
    """What a campaign will be able to show, for a person who has not started it yet."""
    rate = campaign.expected or campaign.target.rate_low or EXPECTED
    chance = silence_means(rate, campaign.iterations)
    count = plural(campaign.iterations, "iteration")
    shown = f"In {count} a flake of {percent(rate)} shows with {chance_words(chance)} confidence"
    told = [f"{shown}; {percent(CONFIDENCE)} needs {to_see(rate)}."]
    if len(campaign.levels) * len(campaign.variants) > 1:
        seen = inference.power(0.0, rate, campaign.iterations, campaign.iterations)
        needed = to_compare(rate)
        enough = inference.power(0.0, rate, needed, needed) >= WANTED_POWER
        told.append(
            f"0 % against {percent(rate)} between two levels is seen {chance_words(seen)} of the "
            f"time; {percent(WANTED_POWER)} needs {'' if enough else 'more than '}{needed} "
            "iterations a level."
        )
    return tuple(told)
