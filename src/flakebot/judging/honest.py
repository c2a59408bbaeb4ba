"""Which failures count: not those that are their author's own, or a broken commit's. Pure.

A failure that was seen in one pull request only, was never proven a flake and whose fingerprint was
never seen elsewhere is its author's own: not counted, but listed apart. A commit of another pull
request that failed in all its builds is not elsewhere, since two authors can break a test in the
same way; the default branch always is. Of a failure about which the log says nothing nobody knows
whether it was seen elsewhere, so that only a proof tells it apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from flakebot.judging.builds import Build, Failure, compares, steady
from flakebot.judging.origins import TRUNK, UNTOLD


def honest(builds: Sequence[Build]) -> tuple[tuple[Build, ...], tuple[Failure, ...]]:
    """The builds whose failures count, and the failures that are their authors' own.

    A build that holds nothing but its author's own failures, or a broken commit's, says nothing of
    the test.
    """
    judged = list(_judged(builds))
    own = _authors_own(judged)
    kept, apart = [], []
    for build in judged:
        counted = tuple(f for f in build.failures if _way(f) not in own)
        apart += [f for f in build.failures if _way(f) in own]
        if counted or not build.failed:
            kept.append(build if counted == build.failures else build.with_failures(counted))
    return tuple(kept), tuple(apart)


def _judged(builds: Iterable[Build]) -> Iterator[Build]:
    """The builds without what broke with a whole commit: no test is blamed for that."""
    for build in builds:
        left = tuple(f for f in build.failures if not f.of_commit)
        if left or not build.failed:
            yield build if left == build.failures else build.with_failures(left)


def _authors_own(builds: Sequence[Build]) -> frozenset[tuple[str, str]]:
    """Ways of failing that may be a flake's in one pull request at most, and were never proven."""
    changes: dict[tuple[str, str], set[str]] = defaultdict(set)
    proven = set()
    broken = steady(builds)
    for build in builds:
        for failure in build.failures:
            seen = changes[_way(failure)]
            if failure.change == TRUNK or (build.head_sha, failure.entry.fingerprint) not in broken:
                seen.add(failure.change)
            if failure.proven:
                proven.add(_way(failure))
    return frozenset(
        way
        for way, seen in changes.items()
        if way not in proven and len(seen - {UNTOLD}) <= 1 and TRUNK not in seen
    )


def _way(failure: Failure) -> tuple[str, str]:
    """How a test failed: by its fingerprint, in whatever change, or not known, in this one."""
    return failure.entry.fingerprint, "" if compares(failure.entry) else failure.change
