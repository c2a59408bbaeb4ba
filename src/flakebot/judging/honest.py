"""Which failures count: not those that are their author's own. Pure.

A failure that was seen in one pull request only, was never proven a flake and whose fingerprint was
never seen elsewhere is its author's own: not counted, but listed apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from flakebot.judging.builds import Build, Failure
from flakebot.judging.origins import TRUNK, UNTOLD


def honest(builds: Sequence[Build]) -> tuple[tuple[Build, ...], tuple[Failure, ...]]:
    """The builds whose failures count, and the failures that are their authors' own.

    A build that holds nothing but its author's own failures says nothing of the test.
    """
    own = _authors_own(builds)
    kept, apart = [], []
    for build in builds:
        counted = tuple(f for f in build.failures if _identity(f) not in own)
        apart += [f for f in build.failures if _identity(f) in own]
        if counted or not build.failed:
            kept.append(build if counted == build.failures else build.with_failures(counted))
    return tuple(kept), tuple(apart)


def _authors_own(builds: Iterable[Build]) -> frozenset[tuple[str, str]]:
    """Change and fingerprint of failures that were seen in one pull request and never proven."""
    changes = defaultdict(set)
    proven = set()
    for failure in (f for build in builds for f in build.failures):
        changes[failure.entry.fingerprint].add(failure.change)
        if failure.proven:
            proven.add(failure.entry.fingerprint)
    return frozenset(
        (change, fingerprint)
        for fingerprint, seen in changes.items()
        if fingerprint not in proven and len(seen - {UNTOLD}) <= 1 and TRUNK not in seen
        for change in seen
    )


def _identity(failure: Failure) -> tuple[str, str]:
    return failure.change, failure.entry.fingerprint
