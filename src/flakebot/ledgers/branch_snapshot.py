"""The files of a branch at one commit, read from GitHub's archive of it. Pure.

GitHub makes the archive with `git archive`, which puts the commit's hash into the comment of the
zip file and all files below one folder (https://git-scm.com/docs/git-archive).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import field, replace
from zipfile import ZipFile, ZipInfo

from flakebot.errors import LedgerError
from flakebot.github_api import Download
from flakebot.github_api.zips import BROKEN
from flakebot.model import value

_SHA_LETTERS = 40
_UNFAITHFUL = (".gitattributes", ".gitmodules")
"""With these an archive may lack files of the branch, or hold them changed."""


@value
class File:
    """A file's mode as Git writes it, and its content."""

    mode: str = "100644"
    content: bytes = b""

    @property
    def sha(self) -> str:
        """Its name as a Git blob."""
        header = f"blob {len(self.content)}\0".encode()
        return hashlib.sha1(header + self.content, usedforsecurity=False).hexdigest()

    @property
    def base64(self) -> str:
        """Its content for JSON."""
        return base64.b64encode(self.content).decode()


@value
class Snapshot:
    """A branch at a commit; without a commit the branch is not there, or not yet known."""

    commit: str = ""
    files: dict[str, File] = field(default_factory=dict)

    @property
    def is_partial(self) -> bool:
        """Whether the branch may hold files the archive does not show as they are."""
        return any(path.rpartition("/")[2] in _UNFAITHFUL for path in self.files)

    def at(self, commit: str) -> Snapshot:
        """The same files at a commit that was asked for."""
        return replace(self, commit=commit)


EMPTY = Snapshot()


def read_archive(archive: Download, limit: int) -> Snapshot:
    """Read an archive whole; raises `LedgerError` rather than lose a file."""
    if not archive.complete:
        raise LedgerError(f"its archive is larger than {limit} bytes.")
    try:
        with ZipFile(archive.file) as files:
            return Snapshot(commit=_commit(files.comment), files=_files(files, limit))
    except BROKEN as error:
        raise LedgerError(f"its archive is no readable zip file ({error}).") from error


def _files(archive: ZipFile, limit: int) -> dict[str, File]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if sum(info.file_size for info in infos) > limit:
        raise LedgerError(f"its files are larger than {limit} bytes together.")
    found = {
        info.filename.partition("/")[2]: File(mode=_mode(info), content=archive.read(info))
        for info in infos
    }
    if "" in found or len(found) < len(infos):
        raise LedgerError("its archive holds files without a name of their own below one folder.")
    return found


def _mode(info: ZipInfo) -> str:
    """Git knows three modes of a file; the zip file holds Unix's."""
    mode = info.external_attr >> 16
    if mode & 0o170000 == 0o120000:  # noqa: PLR2004  # a symbolic link
        return "120000"
    return "100755" if mode & 0o111 else "100644"


def _commit(comment: bytes) -> str:
    text = comment.decode("ascii", "replace").strip()
    is_sha = len(text) == _SHA_LETTERS and all(letter in "0123456789abcdef" for letter in text)
    return text if is_sha else ""
