"""What maintainers say is fixed: a new window for the rate, and failures without the fix. Pure.

A failure after the word whose commit is not known to contain the fix says nothing of the test as
it is now: it is left out, of the new window and of the old one. Ancestry decides, not time; it is
asked for elsewhere, and a commit that was not asked about counts as lacking the fix.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from flakebot.feedback import Feedback, Word
from flakebot.judging.builds import Build, Failure, flaked, order
from flakebot.keys import tracking_key
from flakebot.model import value
from flakebot.records import RunRecord


@value
class Fix:
    """A maintainer's word that a test is fixed; `lacking` are commits that failed since, each with
    the base it was tested with, and are not known to contain `commit`, which is empty when nobody
    knows what the default branch was then.
    """

    word: Feedback
    commit: str
    lacking: frozenset[tuple[str, str]] = frozenset()

    @property
    def at(self) -> datetime:
        """When it was said."""
        return self.word.created_at

    def excuses(self, failure: Failure) -> bool:
        """Whether a failure is one that the fix had no part in preventing."""
        record = failure.execution.record
        late = record.created_at >= self.at and (record.head_sha, record.base_sha) in self.lacking
        return late and self.word.covers(failure.entry.fingerprint)


@value
class Doubt:
    """A commit that failed after a fix: does it, or the base that it was tested with, contain that?

    All three are hashes; `base` is empty when it is not known.
    """

    fix: str
    head: str
    base: str = ""


Fixes = Mapping[str, tuple[Fix, ...]]
"""By tracking key, the oldest first."""


def fixes(words: Iterable[Feedback], records: Sequence[RunRecord], keys: Collection[str]) -> Fixes:
    """What is said to be fixed, of these tests; nothing is lacking yet.

    A word that names no commit means the default branch as it was then: the newest commit of it
    that is on record. Records are in the order of time.
    """
    found: dict[str, tuple[Fix, ...]] = {}
    for word in sorted(words, key=lambda each: (each.created_at, each.comment_id)):
        if word.word is Word.FIXED and word.function in keys:
            fix = Fix(word=word, commit=word.commit or _newest(records, word.created_at))
            found[word.function] = (*found.get(word.function, ()), fix)
    return found


def doubts(known: Fixes, records: Iterable[RunRecord]) -> tuple[Doubt, ...]:
    """The commits to ask about, each once: the tests in turn, of each the newest that is left.

    So a test that fails often leaves none of the others without an answer.
    """
    begin = min((fix.at for group in known.values() for fix in group), default=None)
    if begin is None:
        return ()
    late = sorted((r for r in records if r.created_at >= begin), key=order, reverse=True)
    waiting: dict[str, dict[Doubt, None]] = {}
    for key, doubt in (each for record in late for each in _doubts(known, record)):
        waiting.setdefault(key, {})[doubt] = None
    turns = zip_longest(*waiting.values())
    return tuple(dict.fromkeys(doubt for turn in turns for doubt in turn if doubt))


def settled(known: Fixes, records: Iterable[RunRecord], contained: Collection[Doubt]) -> Fixes:
    """The same fixes with the commits that lack them: all that are not known to contain them."""
    lacking = [doubt for doubt in doubts(known, records) if doubt not in contained]
    return {
        key: tuple(
            replace(
                fix, lacking=frozenset((d.head, d.base) for d in lacking if d.fix == fix.commit)
            )
            for fix in group
        )
        for key, group in known.items()
    }


def excused(builds: Iterable[Build], group: Sequence[Fix]) -> tuple[tuple[Build, ...], int]:
    """The builds without failures on commits that lack a fix, and how many that leaves out."""
    kept: list[Build] = []
    left_out = 0
    for build in builds:
        failures = tuple(f for f in build.failures if not any(fix.excuses(f) for fix in group))
        if failures or not build.failed:
            kept.append(build.with_failures(failures))
        else:
            left_out += 1
    return tuple(kept), left_out


def _newest(records: Iterable[RunRecord], at: datetime) -> str:
    before = [r for r in records if r.trunk and r.created_at <= at]
    return max(before, key=order).head_sha if before else ""


def _doubts(known: Fixes, record: RunRecord) -> Iterator[tuple[str, Doubt]]:
    """The tests of a record that failed after their fix, by tracking key."""
    for job in record.jobs:
        for test in job.tests:
            if not (test.final.bad or flaked(test)):
                continue
            key = tracking_key(test.framework, test.id)
            for fix in known.get(key, ()):
                if fix.commit and record.created_at >= fix.at:
                    yield key, Doubt(fix=fix.commit, head=record.head_sha, base=record.base_sha)
