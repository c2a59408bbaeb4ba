"""What a person is told of a campaign first: what fails, how often, where, what to do next. Pure.

A saying alternates between words of flakebot's own and names from elsewhere, which a view shows as
code: `("Fails at ", "n16", " only.")`.
"""

from __future__ import annotations

from collections.abc import Iterator

from flakebot.model import Category
from flakebot.reproduction import inference, planning
from flakebot.reproduction.comparing import REFERENCE, Comparison
from flakebot.reproduction.findings import Findings, Row
from flakebot.reproduction.inference import ALPHA, Tally
from flakebot.reproduction.suspects import Suspect
from flakebot.views.remedies import REMEDIES
from flakebot.wording import percent, plural

Saying = tuple[str, ...]

_LEAST_P = 0.0001
"""Below it a p value is only said to be below."""

_FORKED = "--forked"


def headline(found: Findings) -> Saying:
    """What fails and how often."""
    if found.verification is not None:
        return (found.verification.sentence,)
    tally = found.together
    count = plural(tally.iterations, "iteration")
    if not tally.iterations:
        return ("No iteration has ended yet.",)
    if not tally.failed:
        high = max(row.high for row in found.levels)
        return (f"No failure in {count}; a rate of up to {percent(high)} is still possible.",)
    return (f"Fails in {tally.failed} of {count}: {_by_level(found)}.",)


def points(found: Findings) -> tuple[Saying, ...]:
    """What follows from the numbers, strongest first."""
    told = (_main_error(found), _levels(found), _shift(found), *_variants(found), _suspect(found))
    return tuple(saying for saying in told if saying)


def steps(found: Findings) -> tuple[Saying, ...]:
    """What to do next."""
    return tuple(_steps(found))


def p_words(p: float) -> str:
    """A p value as `p = 0.012` or `p < 0.0001`."""
    return f"p < {_LEAST_P:.4f}" if p < _LEAST_P else f"p = {p:.2g}"


def remedy(found: Findings) -> str:
    """What is known to help against the most frequent error type, as Markdown; often nothing."""
    return REMEDIES.get(found.given[0].category, "") if found.given else ""


# ------------------------------------------------------------------------------------------
# What follows


def _by_level(found: Findings) -> str:
    rows = (row for row in found.levels if row.tally.iterations)
    return ", ".join(f"{row.group.name} {_share(row.tally)}" for row in rows)


def _share(tally: Tally) -> str:
    return f"{tally.failed} of {tally.iterations} ({percent(tally.rate)})"


def _runs(tally: Tally) -> str:
    return f"{tally.failed} of {plural(tally.iterations, 'run')} ({percent(tally.rate)})"


def _main_error(found: Findings) -> Saying:
    if not found.given:
        return ()
    kind = found.given[0]
    words = f" in {plural(kind.count, 'iteration')}"
    if len(kind.tests) == 1:
        return ("Most often ", kind.category.value, words + ", always in ", kind.tests[0], ".")
    hit = f"{words}, in {len(kind.tests)} tests." if kind.tests else f"{words}."
    return ("Most often ", kind.category.value, hit)


def _levels(found: Findings) -> Saying:
    """Whether the level matters; where it was not seen to, what could have been seen."""
    certain = [each for each in found.comparisons if each.certain]
    if certain:
        most = max(certain, key=lambda each: abs(each.difference))
        return _differing(most, found)
    if not found.comparisons or not found.together.failed:
        return ()
    if found.campaign.until:
        return ("Whether the levels differ is not known yet, however often one has looked.",)
    least = min(found.comparisons, key=lambda each: each.power or 0.0)
    seen = f"0 % against {percent(REFERENCE)} is seen {percent(least.power or 0.0)} of the time"
    return (f"Whether the levels differ is not known: with so many iterations {seen}.",)


def _differing(most: Comparison, found: Findings) -> Saying:
    more, less = most.second, most.first
    difference, low, high = most.difference, most.low, most.high
    if difference < 0:
        more, less, difference, low, high = less, more, -difference, -high, -low
    tail = f" by {_points(difference, low, high)}, {p_words(most.adjusted)}"
    trend = found.across.trend
    if trend is not None and trend <= ALPHA:
        tail += f"; the trend with the number of processes: {p_words(trend)}"
    return ("The level matters: ", more, " fails more often than ", less, tail + ".")


def _points(difference: float, low: float, high: float) -> str:
    return f"{100 * difference:.0f} points ({100 * low:.0f} to {100 * high:.0f})"


def _shift(found: Findings) -> Saying:
    shift = found.across.shift
    if shift is None or shift > ALPHA:
        return ()
    return (f"It fails in other ways at other levels: the error types shift, {p_words(shift)}.",)


def _variants(found: Findings) -> Iterator[Saying]:
    """What each variant changes at the level where that is most certain."""
    for name in dict.fromkeys(row.group.variant for row in found.variants):
        names = {row.group.name for row in found.variants if row.group.variant == name}
        mine = [each for each in found.helping if each.first in names]
        if mine:
            yield _variant(name, min(mine, key=lambda each: (each.adjusted, -each.difference)))


def _variant(name: str, best: Comparison) -> Saying:
    points = _points(best.difference, best.low, best.high)
    if best.certain and best.difference > 0:
        tail = f": {points} fewer failing iterations, {p_words(best.adjusted)}."
        return ("", name, " helps at ", best.second, tail)
    if best.high < 0:
        worse = _points(-best.difference, -best.high, -best.low)
        return ("", name, " makes it worse at ", best.second, f": by {worse}.")
    words = f": {points} fewer failing iterations, {p_words(best.adjusted)}"
    if best.power is not None:
        words += f"; 0 % against {percent(REFERENCE)} is seen {percent(best.power)} of the time"
    return ("Whether ", name, " helps is not known, at ", best.second, f"{words}.")


def _suspect(found: Findings) -> Saying:
    if not found.suspects:
        return ()
    first = found.suspects[0]
    sure = "" if first.certain else ", which may be chance"
    return (
        "",
        first.victim,
        f" failed in {_runs(first.after)} after ",
        first.polluter,
        f" in the same process, in {_runs(first.without)} without{sure}.",
    )


# ------------------------------------------------------------------------------------------
# What to do


def _steps(found: Findings) -> Iterator[Saying]:
    if found.verification is None and not found.together.failed:
        yield from _look_longer(found)
        return
    worst = found.worst
    if worst is not None:
        command = worst.group.failing[0].command
        yield ("Repeat a failing iteration: ", command, "")
    if found.suspects:
        yield from _confirm(found.suspects[0])
    if _isolation_untried(found):
        needs = " (pytest-forked, with pytest 9.1 or older)."
        yield (
            "Try process isolation: the same command with ",
            f"--variant forked={_FORKED}",
            needs,
        )
    if not any(each.certain for each in found.comparisons) and worst is not None:
        yield from _compare_longer(found, worst)


def _confirm(first: Suspect) -> Iterator[Saying]:
    yield (
        "Run ",
        first.polluter,
        " and its victim alone: the same command with ",
        "--confirm",
        ".",
    )


def _look_longer(found: Findings) -> Iterator[Saying]:
    rate = found.campaign.expected or planning.EXPECTED
    needed = planning.to_see(rate)
    if any(0 < row.tally.iterations < needed for row in found.levels):
        chance = percent(planning.CONFIDENCE)
        words = f"A flake of {percent(rate)} shows with {chance} confidence in {needed} iterations"
        yield (f"{words} a level.",)


def _isolation_untried(found: Findings) -> bool:
    crashed = {kind.category for kind in found.given} & _CRASHES
    tried = any(_FORKED in variant.arguments for variant in found.campaign.variants)
    return bool(crashed) and not tried and _FORKED not in found.campaign.setup.arguments


def _compare_longer(found: Findings, worst: Row) -> Iterator[Saying]:
    """How many iterations would show the difference that was seen, were it the true one."""
    others = [row.tally.rate for row in found.levels if row is not worst]
    if not others or found.campaign.until or min(others) >= worst.tally.rate:
        return
    ran = max(row.tally.iterations for row in found.levels)
    needed = planning.to_compare(worst.tally.rate, min(others))
    if ran < needed < planning.MOST:
        rates = f"{percent(min(others))} against {percent(worst.tally.rate)}"
        often = percent(inference.WANTED_POWER)
        yield (f"{needed} iterations a level would show {rates} {often} of the time.",)


_CRASHES = frozenset(
    {
        Category.CRASH_SIGABRT,
        Category.CRASH_SIGSEGV,
        Category.CRASH_OTHER_SIGNAL,
        Category.WORKER_CRASH,
    }
)
