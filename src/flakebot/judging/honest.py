"""Which failures count: not those that are their author's own. Pure.

A failure that was seen in one pull request only, was never proven a flake and whose fingerprint was
never seen elsewhere is its author's own: not counted, but listed apart. Of one about which the log
says nothing nobody knows whether it was seen elsewhere, so that only a proof tells it apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from flakebot.judging.builds import Build, Failure, compares
from flakebot.judging.origins import TRUNK, UNTOLD


def honest(builds: Sequence[Build]) -> tuple[tuple[Build, ...], tuple[Failure, ...]]:
    """The builds whose failures count, and the failures that are their authors' own.

    A build that holds nothing but its author's own failures says nothing of the test.
    """
    own = _authors_own(builds)
    kept, apart = [], []
    for build in builds:
        counted = tuple(f for f in build.failures if _way(f) not in own)
        apart += [f for f in build.failures if _way(f) in own]
        if counted or not build.failed:
            kept.append(build if counted == build.failures else build.with_failures(counted))
    return tuple(kept), tuple(apart)


def _authors_own(builds: Iterable[Build]) -> frozenset[tuple[str, str]]:
    """Ways of failing that were seen in one pull request and never proven."""
    changes = defaultdict(set)
    proven = set()
    for failure in (f for build in builds for f in build.failures):
        changes[_way(failure)].add(failure.change)
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
