"""The ledger on a branch of its own, written through the Git data API.

Read in one archive download. Written as one commit on top of the commit that was read, with an
update of the branch that GitHub refuses when somebody else was faster; then everything is read
again, so concurrent runs lose nothing. https://docs.github.com/en/rest/git
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flakebot.errors import (
    DoubtfulWriteError,
    FlakebotError,
    GitHubError,
    LedgerError,
    NotFoundError,
)
from flakebot.feedback import Feedback, FeedbackKey
from flakebot.github_api import Api, Task
from flakebot.ledgers import lines, openings
from flakebot.ledgers.branch_snapshot import EMPTY, File, Snapshot, read_archive
from flakebot.model import Problem, value
from flakebot.records import RunKey, RunRecord
from flakebot.retrying import TryAgainError

TRIES = 40
"""Of one append against concurrent ones; each loses only to one that was written."""

APPEND_SECONDS = 600.0
"""Of waiting for concurrent appends, beside all other waiting: a write takes two or three seconds,
and what is not recorded is lost until somebody analyses the run again."""

_READ = Task(doing="read the ledger's branch", permission="contents: read")
_WRITE = Task(doing="write the ledger's branch", permission="contents: write")
_OVERTAKEN = ("fast forward", "fast-forward", "already exists", "does not exist", "not found")
"""What GitHub says when the branch is no longer what was read."""


@value
class _Sha:
    sha: str


@value
class _Reference:
    object: _Sha


@value
class _Commit:
    tree: _Sha


class BranchLedger:
    """Records in files of a branch; see `ports.Ledger`.

    Args:
        api: the connection; the caller closes it.
        repository: `owner/name`.
        branch: its name; it is made, without history, when the first record comes.
    """

    def __init__(self, api: Api, repository: str, branch: str) -> None:
        self._api = api
        self._base = f"/repos/{repository}"
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
            moved = self._ask_commit() != known
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
                self._known = self._write(snapshot, missing)
            except GitHubError as error:
                if isinstance(error, DoubtfulWriteError):
                    doubtful.update(keys)
                elif not _is_overtaken(error):
                    raise
                self._is_contested = True
                raise TryAgainError(error) from error
        return [*written, *keys]

    def _write(self, snapshot: Snapshot, entries: Sequence[RunRecord | Feedback]) -> Snapshot:
        """One tree, one commit, one update of the branch, swiftly, as others may be at it too; the
        branch as it is then.
        """
        with self._api.swiftly():
            return self._commit(snapshot, entries)

    def _commit(self, snapshot: Snapshot, entries: Sequence[RunRecord | Feedback]) -> Snapshot:
        grown = _grow(snapshot, entries)
        tree: dict[str, Any] = {"tree": self._entries(snapshot, grown)}
        if snapshot.is_partial:
            commit = self._api.get(f"{self._base}/git/commits/{snapshot.commit}", _Commit, _READ)
            tree["base_tree"] = commit.tree.sha
        new_tree = self._api.send("POST", f"{self._base}/git/trees", _Sha, _WRITE, tree)
        commit_fields = {
            "message": _message(entries),
            "tree": new_tree.sha,
            "parents": [snapshot.commit] if snapshot.commit else [],
        }
        commit_sha = self._api.send(
            "POST", f"{self._base}/git/commits", _Sha, _WRITE, commit_fields
        ).sha
        self._move(snapshot, commit_sha)
        return Snapshot(commit=commit_sha, files={**snapshot.files, **grown})

    def _move(self, snapshot: Snapshot, commit: str) -> None:
        """Let the branch point to the commit, only if it still points to its parent."""
        if snapshot.commit:
            path = f"{self._base}/git/refs/heads/{quote(self._branch)}"
            body = {"sha": commit, "force": False}
            self._api.create(path, _Reference, _WRITE, body, method="PATCH")
        else:
            body = {"ref": f"refs/heads/{self._branch}", "sha": commit}
            self._api.create(f"{self._base}/git/refs", _Reference, _WRITE, body)

    def _entries(self, snapshot: Snapshot, grown: Mapping[str, File]) -> list[Mapping[str, Any]]:
        """All files of the new tree: by hash what stays, by content what grows."""
        staying = {} if snapshot.is_partial else snapshot.files
        return [
            *(_entry(p, f, sha=f.sha) for p, f in staying.items() if p not in grown),
            *(self._grown(path, file) for path, file in grown.items()),
        ]

    def _grown(self, path: str, file: File) -> Mapping[str, Any]:
        """A changed file: inline when it is text, else as a blob, so that even a damaged line is
        kept as it is.
        """
        try:
            return _entry(path, file, content=file.content.decode())
        except UnicodeDecodeError:
            body = {"content": file.base64, "encoding": "base64"}
            blob = self._api.send("POST", f"{self._base}/git/blobs", _Sha, _WRITE, body)
            return _entry(path, file, sha=blob.sha)

    def _snapshot(self) -> Snapshot:
        """The branch as it is: read once, in step with our writes, read again when one fails."""
        if self._known is None:
            self._known = self._download()
        return self._known

    def _download(self) -> Snapshot:
        """The branch by its name; by its commit when others write, as an archive by name may be an
        old one out of a cache, and when there is none, so that no history is taken for lost.
        """
        if not self._is_contested:
            with suppress(NotFoundError):
                return self._archive(self._branch)
        try:
            commit = self._ask_commit()
        except NotFoundError:
            return EMPTY
        return self._archive(commit)

    def _archive(self, name: str) -> Snapshot:
        limit = self._api.limits.archive_bytes
        path = f"{self._base}/zipball/{quote(name, safe='')}"
        task = replace(_READ, named=name != self._branch)
        with self._api.download(path, task, limit=limit) as archive:
            snapshot = read_archive(archive, limit)
        if snapshot.commit:
            return snapshot
        commit = self._ask_commit() if name == self._branch else name
        # Asked for by its commit, so that no write lies between the two.
        return snapshot.at(commit) if name == commit else self._archive(commit)

    def _ask_commit(self) -> str:
        """Where the branch stands, for an archive that does not say."""
        path = f"{self._base}/git/ref/heads/{quote(self._branch)}"
        return self._api.get(path, _Reference, _READ).object.sha


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


def _entry(path: str, file: File, **source: str) -> Mapping[str, Any]:
    return {"path": path, "mode": file.mode, "type": "blob", **source}


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
