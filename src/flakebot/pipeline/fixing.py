"""Which failing commits contain what maintainers say is the fix, as far as that can be asked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flakebot.feedback import Feedback
from flakebot.judging import fixes
from flakebot.judging.fixes import Doubt, Fixes
from flakebot.pipeline.tools import attempted
from flakebot.ports import Forge
from flakebot.records import RunRecord

MOST_ASKED = 30
"""Commits that one run or sweep asks about, in two requests each at most."""


def known(
    words: Sequence[Feedback],
    records: Sequence[RunRecord],
    keys: Collection[str],
    forge: Forge,
    problems: list[str],
) -> Fixes:
    """What is said to be fixed of these tests, with the failing commits that lack the fix.

    Nothing is asked where nobody said so, or where nothing failed since. Without answers no failure
    is taken for one that has the fix.
    """
    said = fixes.fixes(words, records, keys)
    asked = fixes.doubts(said, records)[:MOST_ASKED]
    nothing: list[Doubt] = []
    contained = attempted(lambda: [e for e in asked if _contains(e, forge)], nothing, problems)
    return fixes.settled(said, records, contained)


def _contains(doubt: Doubt, forge: Forge) -> bool:
    """Whether a commit, or the base that GitHub merged it with for the test, contains the fix."""
    commits = dict.fromkeys(filter(None, (doubt.head, doubt.base)))
    return any(forge.contains(commit, doubt.fix) is True for commit in commits)
