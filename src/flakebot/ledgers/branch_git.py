"""One branch through GitHub's Git data API: its files at a commit, and a commit on top of that.

https://docs.github.com/en/rest/git
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flakebot.errors import NotFoundError
from flakebot.github_api import Api, Task
from flakebot.ledgers.branch_snapshot import EMPTY, File, Snapshot, read_archive
from flakebot.model import value

_READ = Task(doing="read the ledger's branch", permission="contents: read")
_WRITE = Task(doing="write the ledger's branch", permission="contents: write")


@value
class _Sha:
    sha: str


@value
class _Reference:
    object: _Sha


@value
class _Commit:
    tree: _Sha


class GitBranch:
    """A branch, which need not be there.

    Args:
        api: the connection; the caller closes it.
        repository: `owner/name`.
        name: of the branch; it is made, without history, by the first write.
    """

    def __init__(self, api: Api, repository: str, name: str) -> None:
        self._api = api
        self._base = f"/repos/{repository}"
        self._name = name

    def read(self, *, contested: bool) -> Snapshot:
        """The branch by its name; by its commit when others write, as an archive by name may be an
        old one out of a cache, and when there is none, so that no history is taken for lost.
        """
        if not contested:
            with suppress(NotFoundError):
                return self._archive(self._name)
        try:
            commit = self.tip()
        except NotFoundError:
            return EMPTY
        return self._archive(commit)

    def tip(self) -> str:
        """The commit where it stands."""
        path = f"{self._base}/git/ref/heads/{quote(self._name)}"
        return self._api.get(path, _Reference, _READ).object.sha

    def write(self, snapshot: Snapshot, grown: Mapping[str, File], message: str) -> Snapshot:
        """One tree, one commit, one update of the branch, swiftly, as others may be at it too; the
        branch as it is then.

        Args:
            snapshot: the branch as it was read.
            grown: the files that are new or have changed since.
            message: of the commit.
        """
        with self._api.swiftly():
            commit = self._commit(snapshot, grown, message)
            self._move(snapshot, commit)
        return Snapshot(commit=commit, files={**snapshot.files, **grown})

    def _archive(self, name: str) -> Snapshot:
        limit = self._api.limits.archive_bytes
        path = f"{self._base}/zipball/{quote(name, safe='')}"
        task = replace(_READ, named=name != self._name)
        with self._api.download(path, task, limit=limit) as archive:
            snapshot = read_archive(archive, limit)
        if snapshot.commit:
            return snapshot
        commit = self.tip() if name == self._name else name
        # Asked for by its commit, so that no write lies between the two.
        return snapshot.at(commit) if name == commit else self._archive(commit)

    def _commit(self, snapshot: Snapshot, grown: Mapping[str, File], message: str) -> str:
        tree: dict[str, Any] = {"tree": self._entries(snapshot, grown)}
        if snapshot.is_partial:
            commit = self._api.get(f"{self._base}/git/commits/{snapshot.commit}", _Commit, _READ)
            tree["base_tree"] = commit.tree.sha
        fields = {
            "message": message,
            "tree": self._api.send("POST", f"{self._base}/git/trees", _Sha, _WRITE, tree).sha,
            "parents": [snapshot.commit] if snapshot.commit else [],
        }
        return self._api.send("POST", f"{self._base}/git/commits", _Sha, _WRITE, fields).sha

    def _move(self, snapshot: Snapshot, commit: str) -> None:
        """Let the branch point to the commit, only if it still points to its parent."""
        if snapshot.commit:
            path = f"{self._base}/git/refs/heads/{quote(self._name)}"
            body = {"sha": commit, "force": False}
            self._api.create(path, _Reference, _WRITE, body, method="PATCH")
        else:
            body = {"ref": f"refs/heads/{self._name}", "sha": commit}
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


def _entry(path: str, file: File, **source: str) -> Mapping[str, Any]:
    return {"path": path, "mode": file.mode, "type": "blob", **source}
