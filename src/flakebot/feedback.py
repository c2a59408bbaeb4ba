"""What maintainers say of a test, as the ledger keeps it. Pure.

A line of its own kind beside the records of runs, append-only as they are and keyed by the comment
that holds the word, so that an event which GitHub delivers twice is one word.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from flakebot.model import value

SCHEMA = 2
"""That of the first lines that are no record of a run: a reader of schema 1 leaves them out with
the reason that a newer flakebot wrote them, and closes nothing meanwhile."""


class Word(StrEnum):
    """What a maintainer can say of a test's failures."""

    FLAKY = "flaky"
    NOT_A_FLAKE = "not-a-flake"
    FIXED = "fixed"


class FeedbackKey(NamedTuple):
    """The ledger's key: one comment says one thing."""

    repository: str
    comment_id: int


@value
class Feedback:
    """One word of one maintainer.

    `created_at` is the comment's time and `number` the issue or pull request that it stands on;
    `function` is the test's tracking key and `fingerprints` are the ways of failing that it speaks
    of, all when there is none; `commit` is the one that `fixed` names.
    """

    repository: str
    comment_id: int
    created_at: datetime
    login: str
    word: Word
    function: str
    fingerprints: tuple[str, ...] = ()
    number: int = 0
    commit: str = ""
    schema: int = SCHEMA

    @property
    def key(self) -> FeedbackKey:
        """What the ledger knows it by."""
        return FeedbackKey(self.repository, self.comment_id)

    def covers(self, fingerprint: str) -> bool:
        """Whether it speaks of this way of failing."""
        return not self.fingerprints or fingerprint in self.fingerprints
