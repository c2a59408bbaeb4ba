"""Which tracked test may be another one under a new name. Pure.

A proposal and never a decision: what is known of a test does not move with its name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from flakebot.judging.builds import Execution
from flakebot.judging.history import History
from flakebot.model import Category, value
from flakebot.settings import Thresholds

_PAIR = 2


@value
class Rename:
    """Two tests by their tracking keys, and when the old one was last on record."""

    old: str
    new: str
    last: datetime


def renames(
    history: History, keys: Iterable[str], now: datetime, thresholds: Thresholds
) -> tuple[Rename, ...]:
    """The tests among these that may be others of them renamed; one that may be several, or that
    several may be, is left out, since to name one of them would be a guess.
    """
    pairs = sorted(set(_alike(history, keys, now)))
    quiet = timedelta(days=thresholds.close_quiet_days)
    found = [each for pair in pairs if (each := _renamed(pair, history, now - quiet))]
    times = Counter(key for each in found for key in (each.old, each.new))
    return tuple(each for each in found if times[each.old] == times[each.new] == 1)


def _alike(history: History, keys: Iterable[str], now: datetime) -> Iterator[tuple[str, str]]:
    """Two tests of one file that fail in one way, in which no third test has failed: what more
    have in common tells nothing of any of them.
    """
    ways: dict[str, list[str]] = defaultdict(list)
    for key in sorted(keys):
        for row in history.summary(key, now).by_fingerprint:
            if row.fingerprint and row.category is not Category.UNKNOWN:
                ways[row.fingerprint].append(key)
    for fingerprint, alike in ways.items():
        if len(alike) == _PAIR and history.failing_with(fingerprint) == frozenset(alike):
            first, second = alike
            if (file := _file(first)) and file == _file(second):
                yield first, second


def _file(key: str) -> str:
    """Framework and file of a test, empty when its id names no file."""
    place = key.partition("::")[0]
    return place if PurePosixPath(place).suffix else ""


def _renamed(pair: tuple[str, str], history: History, begin: datetime) -> Rename | None:
    """The pair as old and new, unless both are there or the silence of the old one means nothing.

    Args:
        pair: their keys.
        history: what is on record.
        begin: the old one was not seen since.
    """
    lives = [(history.executions(key), key) for key in pair]
    (old, old_key), (new, new_key) = sorted(lives, key=lambda life: _at(life[0][-1]))
    last = _at(old[-1])
    if last > begin or _at(new[0]) <= _at(old[0]) or _commits(old) & _commits(new):
        return None
    since = {_job(each) for each in new if _at(each) > last}
    if not since & {_job(each) for each in old if each.passed}:
        return None  # no job since would have named the old one, had it passed
    return Rename(old=old_key, new=new_key, last=last)


def _at(execution: Execution) -> datetime:
    return execution.record.created_at


def _commits(executions: Iterable[Execution]) -> frozenset[str]:
    """A commit that holds two tests proves that they are two."""
    return frozenset(each.record.head_sha for each in executions)


def _job(execution: Execution) -> tuple[str, str]:
    return execution.record.workflow, execution.job.name
