from __future__ import annotations

import pytest

from flakebot.judging.stats import rate
from flakebot.wording import listing, percent, plural, rate_words, short


@pytest.mark.parametrize(
    ("fraction", "words"),
    [
        (0, "0.0 %"),
        (0.0294, "2.9 %"),
        (0.0994, "9.9 %"),
        (0.182, "18 %"),
        (0.9949, "99 %"),
        (299 / 300, "99.7 %"),
        (2999 / 3000, "99.9 %"),
        (1, "100 %"),
    ],
)
def test_percent(fraction: float, words: str) -> None:
    """Small rates keep a decimal, large ones do not, and only the whole is 100 %."""
    assert words == percent(fraction)


@pytest.mark.parametrize(("count", "words"), [(0, "0 builds"), (1, "1 build"), (2, "2 builds")])
def test_plural(count: int, words: str) -> None:
    """One has no plural."""
    assert words == plural(count, "build")


def test_irregular_plural() -> None:
    """A noun that needs more than an s brings its plural."""
    assert plural(3, "try", "tries") == "3 tries"


def test_rate_words() -> None:
    """A rate is read with its interval."""
    assert rate_words(rate(4, 52)) == "4 of 52 builds (3.0 % to 18 %)"


def test_short() -> None:
    """Commits are abbreviated as GitHub does."""
    assert short("0123456789") == "0123456"


@pytest.mark.parametrize(
    ("names", "words"),
    [([], ""), (["a", "b", "c"], "a, b, c"), (["a", "b", "c", "d"], "a, b, c and 1 more")],
)
def test_listing(names: list[str], words: str) -> None:
    """A long list names its first and counts the rest."""
    assert words == listing(names)
