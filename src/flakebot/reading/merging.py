"""One cause per fingerprint, and what to read first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flakebot.model import Category, Cause, Owner, Severity, TestId

_UNKNOWN = 3
"""The group of causes that nobody knows."""


def merged(found: Sequence[Cause], recovered: frozenset[TestId]) -> list[Cause]:
    """One cause per fingerprint, with all its tests; what to read first stands first."""
    first: dict[str, Cause] = {}
    tests: dict[str, dict[TestId, None]] = {}  # in the log's order, each once
    for cause in found:
        first.setdefault(cause.fingerprint, cause)
        tests.setdefault(cause.fingerprint, {}).update(dict.fromkeys(cause.tests))
    causes = (replace(cause, tests=tuple(tests[name])) for name, cause in first.items())
    return sorted(causes, key=lambda cause: _urgency(cause, recovered))


def _urgency(cause: Cause, recovered: frozenset[TestId]) -> tuple[bool, bool, int, int, int]:
    """What nobody knows comes last, and before it what passed in the end; otherwise faults of the
    machine and of the whole job, crashes, the others; many tests before few; what the log says
    first.

    An outer cause of some tests is theirs and no more: it does not stand before the assertion that
    a person reads first.
    """
    owner = cause.category.owner
    if owner is Owner.INFRA or (owner is Owner.EXTERNAL and not cause.tests):
        group = 0
    elif cause.category is Category.UNKNOWN:
        group = _UNKNOWN
    else:
        group = 1 if cause.category.severity is Severity.HIGH else 2
    passed = bool(cause.tests) and recovered.issuperset(cause.tests)
    return group == _UNKNOWN, passed, group, -len(cause.tests), cause.line
