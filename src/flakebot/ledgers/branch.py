"""The ledger on a branch of its own.

Read in one archive download. Written as one commit on top of the commit that was read, with an
update of the branch that GitHub refuses when somebody else was faster; then everything is read
again, so concurrent runs lose nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus

from flakebot.errors import (
    DoubtfulWriteError,
    FlakebotError,
    GitHubError,
    LedgerError,
    NotFoundError,
)
from flakebot.feedback import Feedback, FeedbackKey
from flakebot.github_api import Api
from flakebot.ledgers import lines, openings
from flakebot.ledgers.branch_git import GitBranch
from flakebot.ledgers.branch_snapshot import File, Snapshot
from flakebot.model import Problem
from flakebot.records import RunKey, RunRecord
from flakebot.retrying import TryAgainError

TRIES = 40
"""Of one append against concurrent ones; each loses only to one that was written."""

APPEND_SECONDS = 600.0
"""Of waiting for concurrent appends, beside all other waiting: a write takes two or three seconds,
and what is not recorded is lost until somebody analyses the run again."""

_OVERTAKEN = ("fast forward", "fast-forward", "already exists", "does not exist", "not found")
"""What GitHub says when the branch is no longer what was read."""


class BranchLedger:
    """Records in files of a branch; see `ports.Ledger`.

    Args:
        api: the connection; the caller closes it.
        repository: `owner/name`.
        branch: its name; it is made, without history, when the first record comes.
    """

    def __init__(self, api: Api, repository: str, branch: str) -> None:
        self._api = api
        self._git = GitBranch(api, repository, branch)
        self._branch = branch
        self._known: Snapshot | None = None
        self._is_contested = False
        self.problems: Sequence[Problem] = ()
        """Lines that the last read had to leave out, with the reason why."""

    def read(self, since: datetime) -> Sequence[RunRecord]:
        """All records created since, in one download."""
        parsed = [
            lines.decode(path, file.content)
            for path, file in sorted(self._read().files.items())
            if lines.is_wanted(path, since)
        ]
        self.problems = tuple(problem for part in parsed for problem in part.skipped)
        return lines.select((record for part in parsed for record in part.records), since)

    def feedback(self) -> Sequence[Feedback]:
        """Everything maintainers have said, out of the same download."""
        weeks = ((path, file) for path, file in self._read().files.items() if lines.is_week(path))
        return lines.select_feedback(
            each for _, file in sorted(weeks) for each in lines.feedback_in(file.content)
        )

    def append(
        self, entries: Sequence[RunRecord] | Sequence[Feedback]
    ) -> Sequence[RunKey | FeedbackKey]:
        """Add what is not there yet, as one commit."""
        doubtful: set[RunKey | FeedbackKey] = set()
        patience = self._api.patience.beside(APPEND_SECONDS)
        try:
            return patience.call(lambda: self._append(entries, doubtful), tries=TRIES)
        except FlakebotError as error:
            raise LedgerError(
                f"The ledger on `{self._branch}` cannot be written: {error}"
            ) from error

    def moved(self) -> bool:
        """Whether the branch points to another commit than it did; one request."""
        known = self._known.commit if self._known else ""
        try:
            moved = self._git.tip() != known
        except NotFoundError:
            moved = bool(known)
        except FlakebotError as error:
            raise LedgerError(f"The ledger on `{self._branch}` cannot be read: {error}") from error
        if moved:
            self._known, self._is_contested = None, True
        return moved

    def _read(self) -> Snapshot:
        try:
            return self._snapshot()
        except FlakebotError as error:
            raise LedgerError(f"The ledger on `{self._branch}` cannot be read: {error}") from error

    def _append(
        self, entries: Sequence[RunRecord | Feedback], doubtful: set[RunKey | FeedbackKey]
    ) -> Sequence[RunKey | FeedbackKey]:
        """Try once; `doubtful` holds keys of an earlier try that may have been written."""
        snapshot = self._snapshot()
        files = (file.content for path, file in snapshot.files.items() if lines.is_week(path))
        missing = openings.yielding(_missing(snapshot, entries), files)
        keys = [entry.key for entry in missing]
        written = [e.key for e in entries if e.key in doubtful and e.key not in keys]
        if missing:
            self._known = None
            try:
                grown, message = _grow(snapshot, missing), _message(missing)
                self._known = self._git.write(snapshot, grown, message)
            except GitHubError as error:
                if isinstance(error, DoubtfulWriteError):
                    doubtful.update(keys)
                elif not _is_overtaken(error):
                    raise
                self._is_contested = True
                raise TryAgainError(error) from error
        return [*written, *keys]

    def _snapshot(self) -> Snapshot:
        """The branch as it is: read once, in step with our writes, read again when one fails."""
        if self._known is None:
            self._known = self._git.read(contested=self._is_contested)
        return self._known


def _grow(snapshot: Snapshot, entries: Sequence[RunRecord | Feedback]) -> Mapping[str, File]:
    """The files that entries go into, with them."""
    touched: dict[str, list[RunRecord | Feedback]] = {}
    for entry in entries:
        touched.setdefault(lines.path_of(entry.created_at), []).append(entry)
    files = {path: snapshot.files.get(path, File()) for path in touched}
    return {
        path: File(mode=file.mode, content=lines.extend(file.content, touched[path]))
        for path, file in files.items()
    }


def _missing(
    snapshot: Snapshot, entries: Sequence[RunRecord | Feedback]
) -> Sequence[RunRecord | Feedback]:
    """Those entries whose key is not in the file where it belongs."""
    held: dict[str, lines.Lines] = {}
    for entry in entries:
        path = lines.path_of(entry.created_at)
        if path not in held:
            held[path] = lines.decode(path, snapshot.files.get(path, File()).content)
    every = lines.Lines(
        records=tuple(each for part in held.values() for each in part.records),
        feedback=tuple(each for part in held.values() for each in part.feedback),
    )
    return lines.missing(every, entries)


def _message(entries: Sequence[RunRecord | Feedback]) -> str:
    """What the branch's history says of a write."""
    match entries:
        case [RunRecord() as record]:
            return f"Record run {record.run_id}, attempt {record.attempt}"
        case [Feedback() as said]:
            return f"Record what comment {said.comment_id} says of a test"
        case _:
            return f"Record {len(entries)} run attempts"


def _is_overtaken(error: GitHubError) -> bool:
    """Whether somebody else was faster, which another try on top of theirs heals."""
    said = str(error).casefold()
    return error.status == HTTPStatus.CONFLICT or (
        error.status == HTTPStatus.UNPROCESSABLE_ENTITY
        and any(words in said for words in _OVERTAKEN)
    )
