"""Which test, and which of its ways of failing, a maintainer's word speaks of. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from flakebot.commands import Asked, Command, Name
from flakebot.errors import InputError
from flakebot.feedback import Feedback, Word
from flakebot.judging.builds import COUNTED, flaked, order, proves_nothing
from flakebot.keys import HUGGING_FACE, function_of, tracking_key
from flakebot.records import RunRecord, TestEntry
from flakebot.views.markers import IssueState
from flakebot.views.tracking import Tracked
from flakebot.wording import listing

WORDS: Mapping[Name, Word] = {
    Name.FLAKY: Word.FLAKY,
    Name.NOT_A_FLAKE: Word.NOT_A_FLAKE,
    Name.FIXED: Word.FIXED,
}
"""The commands that say something of a test."""


def on_issue(
    asked: Asked, command: Command, tracked: Tracked, repository: str, commit: str
) -> Feedback | None:
    """The word on a tracking issue: on its test, which may be named with parameters, in the ways of
    failing that the issue lists.

    Raises:
        InputError: the issue tracks no test, or another one; None where that does not matter.

    """
    is_test = ":" in tracked.key and tracked.key != HUGGING_FACE
    if not is_test and command.name is Name.FIXED:
        return None
    if not is_test or function_of(command.test) not in tracked.key:
        whose = "another test" if is_test else "no test"
        raise InputError(f"Issue {tracked.number} tracks {whose}.")
    known = tracked.state or IssueState()
    return _feedback(asked, command, repository, tracked.key, known.fingerprints, commit)


def on_pull_request(
    asked: Asked, command: Command, records: Iterable[RunRecord], repository: str
) -> Feedback:
    """The word on a pull request: on the test that is named, or on the only one that failed, in the
    ways in which it failed on the newest commit where it did.

    Raises:
        InputError: no test, or more than one, may be meant.

    """
    failed = list(_failures(records, asked.number))
    if not failed:
        raise InputError("No failing test of this pull request is on record.")
    meant = _named(command.test, failed) if command.test else failed
    newest = [entry for record, entry in meant if record.head_sha == meant[0][0].head_sha]
    keys = {tracking_key(entry.framework, entry.id) for entry in newest}
    if len(keys) > 1:
        several = listing(list(dict.fromkeys(entry.id for entry in newest)))
        raise InputError(f"It may be {several}: name the test, or more of its id.")
    ways = {entry.fingerprint for entry in newest if entry.fingerprint}
    return _feedback(asked, command, repository, keys.pop(), tuple(sorted(ways)))


def _feedback(
    asked: Asked,
    command: Command,
    repository: str,
    function: str,
    fingerprints: tuple[str, ...],
    commit: str = "",
) -> Feedback:
    return Feedback(
        repository=repository,
        comment_id=asked.comment_id,
        created_at=asked.created_at,
        login=asked.author,
        word=WORDS[command.name],
        function=function,
        fingerprints=fingerprints,
        number=asked.number,
        commit=commit,
    )


def _failures(records: Iterable[RunRecord], number: int) -> Iterator[tuple[RunRecord, TestEntry]]:
    """The failures that can be held against a test, the newest run's first."""
    own = (record for record in records if record.pull_request == number)
    for record in sorted(own, key=order, reverse=True):
        for job in record.jobs:
            if proves_nothing(record, job):
                continue
            for entry in job.tests:
                if entry.category.owner in COUNTED and (entry.final.bad or flaked(entry)):
                    yield record, entry


def _named(
    name: str, failed: Sequence[tuple[RunRecord, TestEntry]]
) -> Sequence[tuple[RunRecord, TestEntry]]:
    """The failures of the test of that id, else of those whose id holds the name; a command's words
    are parted by one space each.
    """
    ids = {entry.id: " ".join(entry.id.split()) for _, entry in failed}
    close = [test for test, said in ids.items() if said == name]
    close = close or [test for test, said in ids.items() if name in said]
    if not close:
        raise InputError(f"No test {name} failed here; there are {listing(list(ids))}.")
    return [(record, entry) for record, entry in failed if entry.id in close]
