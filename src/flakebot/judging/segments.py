"""Where the rate of a test changed: its builds cut into segments of one rate each. Pure.

Only the order of failures and passes is looked at. While a rate holds, every order of the same
builds is equally probable, so that each test holds for any number of builds and any rate, as
Fisher's does: how many of the failures come first is hypergeometric, and since the spacings between
them are exchangeable, so is how fast some of them follow each other, and how long a silence between
two of them is has a quotient of binomial coefficients. Three kinds of change are looked for:

* failures crowd at the front, or at the end: a rate that fell, or rose;
* failures crowd in between: a rate that rose for a while;
* a silence between two failures.

Each is held against the number of its own kind (Bonferroni), so that a steady rate is split with at
most the given chance, whatever the rate. The clearest change is cut first, then the parts are
looked at (binary segmentation, Scott and Knott 1974), and neighbours that turn out alike are joined
again. A look costs little more than to read its builds; there are at most three times `MOST`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from flakebot.judging.builds import Build
from flakebot.judging.fixes import Fix
from flakebot.judging.stats import log_choose, rate, tail_bound
from flakebot.model import value
from flakebot.report import Rate
from flakebot.settings import Thresholds

MOST = 12
"""Segments of one history; a test that changes more often than once a week has no rate."""

_KINDS = 3
"""Kinds of change that share the chance of a false split."""


@value
class Segment:
    """Builds of one rate: when the first and the last of them ran, and the first one's commit.

    Of the failing builds `proven` also hold a pass, `trunk` are of the default branch, and
    `pull_requests` counts the pull requests that the others are of.
    """

    since: datetime
    until: datetime
    commit: str
    rate: Rate
    proven: int = 0
    trunk: int = 0
    pull_requests: int = 0


@value
class _Cut:
    """Where to cut, and how probable so clear a change is at a steady rate."""

    chance: float
    at: tuple[int, ...]


def segments(
    builds: Sequence[Build], thresholds: Thresholds, fixes: Sequence[Fix] = ()
) -> tuple[Segment, ...]:
    """The builds of a test, in the order of time, as segments; none of no builds.

    A fix that a maintainer has told begins a segment, with or without builds.
    """
    found: list[Segment] = []
    rest = list(builds)
    for fix in fixes:
        before = [build for build in rest if build.created_at < fix.at]
        found += _changing(before, thresholds)
        rest = rest[len(before) :]
    found += _changing(rest, thresholds)
    if found and fixes and not rest:
        at = fixes[-1].at
        found.append(Segment(since=at, until=at, commit=fixes[-1].commit, rate=rate(0, 0)))
    return tuple(found)


def gone(builds: Sequence[Build], fingerprint: str, thresholds: Thresholds) -> int:
    """In how many builds a test has not failed in one way since that ended; 0 when it has not."""
    bounds = _bounds(builds, [build.failed_with(fingerprint) for build in builds], thresholds)
    newest = builds[bounds[-2] :] if len(bounds) > 2 else ()  # noqa: PLR2004  # more than one
    return 0 if any(build.failed_with(fingerprint) for build in newest) else len(newest)


def _changing(builds: Sequence[Build], thresholds: Thresholds) -> list[Segment]:
    """The segments that changes of the rate make."""
    bounds = _bounds(builds, [build.failed for build in builds], thresholds)
    return [_segment(builds[begin:end]) for begin, end in pairwise(bounds)]


def _bounds(
    builds: Sequence[Build], failed: Sequence[bool], thresholds: Thresholds
) -> Sequence[int]:
    """Where segments begin and end; nothing of no builds.

    Only the jobs in which the test ever failed are asked for changes: that another job runs more
    often is no silence. The newest segment has enough builds for a rate, or is none yet.
    """
    failing = {build.configuration for build, bad in zip(builds, failed, strict=True) if bad}
    able = [number for number, build in enumerate(builds) if build.configuration in failing]
    found = changes([failed[number] for number in able], thresholds.change_chance)
    starts = [able[at] for at in found if len(builds) - able[at] >= thresholds.min_builds]
    return [0, *starts, len(builds)] if builds else []


def _segment(builds: Sequence[Build]) -> Segment:
    failing = [build for build in builds if build.failed]
    return Segment(
        since=builds[0].created_at,
        until=builds[-1].created_at,
        commit=builds[0].head_sha,
        rate=rate(len(failing), len(builds)),
        proven=sum(build.proven for build in failing),
        trunk=sum(build.trunk for build in failing),
        pull_requests=len({build.pull_request for build in failing} - {0}),
    )


def changes(failed: Sequence[bool], chance: float) -> tuple[int, ...]:
    """Where the rate of failures changed: the index of the first build of each new rate.

    Args:
        failed: whether each build failed, oldest first.
        chance: of a split where the rate is steady.
    """
    starts: list[int] = []
    waiting = [(0, len(failed))]
    while waiting and len(starts) < MOST - 1:
        begin, end = waiting.pop()  # the newest part first: its rate is the one that is used
        found = _clearest(failed[begin:end])
        if found.chance >= chance:
            continue
        inner = [begin + at for at in found.at]
        starts += inner
        waiting += pairwise([begin, *inner, end])
    return _joined(failed, sorted(starts), chance)


def silence_chance(failures: int, until_last: int, quiet: int) -> float:
    """How probable it is that so many quiet builds follow all failures while the rate is steady.

    Held against everything else that a history of as many failures could show, as a split is.

    Args:
        failures: how often it failed.
        until_last: builds up to the last failure.
        quiet: builds after it.
    """
    return min(1.0, _KINDS * (failures + 1) * _gap_chance(quiet, failures, until_last + quiet))


# ------------------------------------------------------------------------------------------
# The kinds of change


def _clearest(failed: Sequence[bool]) -> _Cut:
    """The change that a steady rate would show most rarely."""
    failures = [number for number, bad in enumerate(failed) if bad]
    total = len(failed)
    if not 0 < len(failures) < total:
        return _Cut(chance=1.0, at=())
    found = (*_crowds(failures, total), *_bursts(failures, total), _silence(failures, total))
    return min(found, key=lambda cut: (cut.chance, cut.at))


def _crowds(failures: Sequence[int], total: int) -> Iterator[_Cut]:
    """The first failures that came early, and the last ones that came late.

    When the n-th failure comes is asked for each n, from both ends.
    """
    marked = len(failures)
    for hits, last in enumerate(failures, 1):
        yield _crowd(hits, last + 1, marked, total, cut=last + 1)
    for hits, first in enumerate(reversed(failures), 1):
        yield _crowd(hits, total - first, marked, total, cut=first)


def _crowd(hits: int, drawn: int, marked: int, total: int, *, cut: int) -> _Cut:
    chance = tail_bound(hits, drawn=drawn, marked=marked, total=total)
    return _Cut(chance=min(1.0, _KINDS * 2 * marked * chance), at=(cut,))


def _bursts(failures: Sequence[int], total: int) -> Iterator[_Cut]:
    """Of 2, 4, 8 and so on failures that follow each other those that came fastest.

    How many builds lie between two given failures has the distribution of when the first of as many
    comes.
    """
    marked = len(failures)
    sizes = [1 << power for power in range(1, marked.bit_length())]
    compared = sum(marked - size + 1 for size in sizes)
    for size in sizes:
        spans = zip(failures, failures[size - 1 :], strict=False)
        length, begin = min((last - first + 1, first) for first, last in spans)
        chance = tail_bound(size - 1, drawn=length - 1, marked=marked, total=total)
        at = tuple(cut for cut in (begin, begin + length) if 0 < cut < total)
        yield _Cut(chance=min(1.0, _KINDS * compared * chance), at=at)


def _silence(failures: Sequence[int], total: int) -> _Cut:
    """The longest stretch between two failures."""
    inner = ((after - before - 1, before + 1, after) for before, after in pairwise(failures))
    gap, begin, end = max(inner, default=(0, 0, 0))
    chance = _gap_chance(gap, len(failures), total)
    return _Cut(chance=min(1.0, _KINDS * (len(failures) + 1) * chance), at=(begin, end))


def _gap_chance(gap: int, marked: int, total: int) -> float:
    """How probable it is that one given gap between so many failures is at least so long."""
    return math.exp(log_choose(total - gap, marked) - log_choose(total, marked))


def _joined(failed: Sequence[bool], starts: Sequence[int], chance: float) -> tuple[int, ...]:
    """The cuts without those whose two sides are alike, the least clear one first."""
    kept = list(starts)
    while kept:
        bounds = [0, *kept, len(failed)]
        alike = [
            (_difference(failed[a:b], failed[b:c]), b)
            for a, b, c in zip(bounds, kept, bounds[2:], strict=False)
        ]
        worst, cut = max(alike)
        if worst < chance:
            break
        kept.remove(cut)
    return tuple(kept)


def _difference(before: Sequence[bool], after: Sequence[bool]) -> float:
    """How probable it is that the one side fails so much more than the other by chance."""
    one, other = sum(before), sum(after)
    denser = one * len(after) > other * len(before)
    hits, drawn = (one, len(before)) if denser else (other, len(after))
    total = len(before) + len(after)
    return tail_bound(hits, drawn=drawn, marked=one + other, total=total)
