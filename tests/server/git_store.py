"""Git objects and references in memory, with git's own object names. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

ABBREVIATION = 7
"""The shortest abbreviation of a name that stands for a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GitCommit:
    """A commit."""

    sha: str
    tree: str
    parents: tuple[str, ...] = ()
    message: str = ""
    date: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    author: str = "Ada"
    email: str = "ada@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a tree."""

    mode: str
    type: str
    sha: str


@dataclass(slots=True, kw_only=True)
class GitStore:
    """Blobs, trees, commits and references of one repository."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, dict[str, Entry]] = field(default_factory=dict)
    commits: dict[str, GitCommit] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)

    def put_blob(self, content: bytes) -> str:
        """Store a blob."""
        sha = object_name("blob", content)
        self.blobs[sha] = content
        return sha

    def put_tree(self, files: Mapping[str, Entry]) -> str:
        """Store the trees of a flat map of paths to blobs and return the root's name."""
        entries: dict[str, Entry] = {}
        folders: dict[str, dict[str, Entry]] = {}
        for path, entry in files.items():
            head, _, rest = path.partition("/")
            if rest:
                folders.setdefault(head, {})[rest] = entry
            else:
                entries[head] = entry
        for name, content in folders.items():
            entries[name] = Entry(mode="040000", type="tree", sha=self.put_tree(content))
        sha = object_name("tree", _encoded_tree(entries))
        self.trees[sha] = dict(sorted(entries.items()))
        return sha

    def put_files(self, files: Mapping[str, bytes]) -> str:
        """Store files and the tree that holds them."""
        return self.put_tree(
            {
                path: Entry(mode="100644", type="blob", sha=self.put_blob(content))
                for path, content in files.items()
            }
        )

    def flat(self, tree: str, prefix: str = "") -> dict[str, Entry]:
        """All files below a tree by their full path."""
        files: dict[str, Entry] = {}
        for name, entry in self.trees[tree].items():
            if entry.type == "tree":
                files |= self.flat(entry.sha, f"{prefix}{name}/")
            else:
                files[prefix + name] = entry
        return files

    def put_commit(self, commit: GitCommit) -> GitCommit:
        """Store a commit."""
        self.commits[commit.sha] = commit
        return commit

    def commit(
        self,
        tree: str,
        *,
        parents: Iterable[str] = (),
        message: str = "",
        date: datetime,
        author: tuple[str, str] = ("Ada", "ada@example.com"),
    ) -> GitCommit:
        """Make and store a commit named by its content, as git does."""
        parents = tuple(parents)
        stamp = f"{author[0]} <{author[1]}> {int(date.timestamp())} +0000"
        head = [f"tree {tree}", *(f"parent {sha}" for sha in parents)]
        head += [f"author {stamp}", f"committer {stamp}", "", message]
        sha = object_name("commit", "\n".join(head).encode())
        return self.put_commit(
            GitCommit(
                sha=sha,
                tree=tree,
                parents=parents,
                message=message,
                date=date,
                author=author[0],
                email=author[1],
            )
        )

    def resolve(self, name: str) -> str | None:
        """The commit a branch, tag, full reference or (abbreviated) commit name stands for."""
        for ref in (name, f"refs/{name}", f"refs/heads/{name}", f"refs/tags/{name}"):
            if ref in self.refs:
                return self.refs[ref]
        found = [sha for sha in self.commits if sha.startswith(name)]
        return found[0] if len(name) >= ABBREVIATION and len(found) == 1 else None

    def ancestors(self, sha: str) -> set[str]:
        """A commit and all it contains, as far as known."""
        seen: set[str] = set()
        waiting = [sha]
        while waiting:
            name = waiting.pop()
            if name not in seen and name in self.commits:
                seen.add(name)
                waiting += self.commits[name].parents
        return seen

    def newest_first(self, shas: Iterable[str]) -> list[GitCommit]:
        """Commits by date, children before parents."""
        return sorted(
            (self.commits[sha] for sha in shas),
            key=lambda commit: (commit.date, len(self.ancestors(commit.sha))),
            reverse=True,
        )


def object_name(kind: str, content: bytes) -> str:
    """Git's name of an object."""
    head = f"{kind} {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


def _encoded_tree(entries: Mapping[str, Entry]) -> bytes:
    def order(item: tuple[str, Entry]) -> str:
        return item[0] + ("/" if item[1].type == "tree" else "")

    return b"".join(
        f"{entry.mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(entry.sha)
        for name, entry in sorted(entries.items(), key=order)
    )
