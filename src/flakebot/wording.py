"""Numbers and commits as reasons say them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flakebot.report import Rate


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: `1 build`, `2 builds`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def percent(fraction: float) -> str:
    """A fraction as `2.9 %`, from 10 % on without decimals; `100 %` is the whole and not what is
    near it.
    """
    number = fraction * 100
    if 99.5 <= number < 100:  # noqa: PLR2004  # would be rounded to the whole
        return f"{min(number, 99.9):.1f} %"
    return f"{number:.0f} %" if number >= 9.95 else f"{number:.1f} %"  # noqa: PLR2004  # rounding


def rate_words(rate: Rate) -> str:
    """A rate as `4 of 52 builds (2.9 % to 18 %)`."""
    of = f"{rate.failures} of {plural(rate.builds, 'build')}"
    return f"{of} ({percent(rate.low)} to {percent(rate.high)})"


def short(sha: str) -> str:
    """A commit as GitHub abbreviates it."""
    return sha[:7]


def listing(names: Sequence[str], most: int = 3) -> str:
    """Names in a sentence: `a, b, c and 4 more`."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question after an unknown word, or nothing when no known one is close."""
    import difflib  # only here: a step should start as fast as it can

    close = difflib.get_close_matches(word.replace("_", "-"), known, n=1)
    close = close or difflib.get_close_matches(word.replace("-", "_"), known, n=1)
    return f"did you mean `{close[0]}`?" if close else ""
