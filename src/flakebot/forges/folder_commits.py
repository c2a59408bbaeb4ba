"""Ancestry in a folder's `commits.json`. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable
from datetime import UTC, datetime

from flakebot.model import value


@value
class Commit:
    """A commit as the contract has it (§8)."""

    sha: str
    date: datetime
    parents: tuple[str, ...] = ()


def contains(commits: Iterable[Commit], commit: str, ancestor: str) -> bool | None:
    """Whether `commit` is `ancestor` or comes after it; None when a commit on the way is unknown.

    Breadth-first; every commit is visited once.
    """
    if commit == ancestor:
        return True
    parents = {known.sha: known.parents for known in commits}
    if commit not in parents or ancestor not in parents:
        return None
    queue, seen, cut = deque([commit]), {commit}, False
    while queue:
        for parent in parents[queue.popleft()]:
            if parent == ancestor:
                return True
            cut = cut or parent not in parents
            if parent in parents and parent not in seen:
                seen.add(parent)
                queue.append(parent)
    return None if cut else False


def newest(commits: Iterable[Commit], at: datetime, heads: Container[str]) -> str | None:
    """The newest commit at a time that is no pull request's head, None when there is none."""
    candidates = [c for c in commits if _utc(c.date) <= _utc(at) and c.sha not in heads]
    return max(candidates, key=lambda c: _utc(c.date)).sha if candidates else None


def _utc(time: datetime) -> datetime:
    """A time without a zone is UTC, as GitHub's are."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)
