"""A branch read from an archive that Git itself has made, and from one that nobody should make."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from flakebot.errors import LedgerError
from flakebot.github_api import Download
from flakebot.ledgers.branch_snapshot import EMPTY, File, Snapshot, read_archive


def git(folder: Path, *arguments: str) -> bytes:
    """Run Git with a person's name, as a fresh machine has none."""
    person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    command = ["git", "-C", str(folder), *person, *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=30).stdout


def test_archive_of_git_is_read_as_git_has_it(tmp_path: Path) -> None:
    """Commit, modes and hashes of files, programs and links are the ones Git itself tells."""
    git(tmp_path, "init", "--quiet")
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger/2026-W48.jsonl").write_bytes(b'{"a": 1}\n')
    (tmp_path / "Größe.bin").write_bytes(bytes(range(256)))
    (tmp_path / "run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "link").symlink_to("run.sh")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    archive = git(tmp_path, "archive", "--format=zip", "--prefix=acme-widgets-1/", "HEAD")
    listed = git(tmp_path, "ls-tree", "-r", "-z", "HEAD").decode().strip("\0").split("\0")
    expected = {line.split("\t")[1]: line.split("\t")[0].split()[::2] for line in listed}
    snapshot = read_archive(Download(file=io.BytesIO(archive), complete=True), 10**6)
    assert snapshot.commit == git(tmp_path, "rev-parse", "HEAD").decode().strip()
    assert {path: [file.mode, file.sha] for path, file in snapshot.files.items()} == expected


def test_archive_without_a_comment_knows_no_commit() -> None:
    """What does not name its commit is told apart, and may be given one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("top/a", b"x")
        archive.comment = b"g" * 40
    snapshot = read_archive(Download(file=buffer, complete=True), 100)
    assert snapshot == Snapshot(files={"a": File(content=b"x")})
    assert snapshot.at("a" * 40).commit == "a" * 40


@pytest.mark.parametrize(
    ("content", "complete", "reason"),
    [(b"", True, "no readable zip"), (b"PK", True, "no readable zip"), (b"", False, "larger")],
)
def test_archive_that_is_none_is_an_error(content: bytes, reason: str, *, complete: bool) -> None:
    """Broken or cut, it is never taken for an empty branch."""
    with pytest.raises(LedgerError, match=reason):
        read_archive(Download(file=io.BytesIO(content), complete=complete), 100)


def test_a_member_without_a_name_is_of_no_archive() -> None:
    """Python's own reader stumbles over it before 3.14."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("\0"), b"x")
    with pytest.raises(LedgerError, match=r"no readable zip|without a name"):
        read_archive(Download(file=buffer, complete=True), 100)


@pytest.mark.parametrize("names", [("a",), ("top/a", "other/a")])
def test_a_file_that_would_be_lost_ends_the_reading(names: tuple[str, ...]) -> None:
    """Each has a name of its own below one folder, as `git archive` writes them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    with pytest.raises(LedgerError, match="without a name of their own"):
        read_archive(Download(file=buffer, complete=True), 100)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a", False), (".gitattributes", True), ("x/.gitmodules", True), ("x.gitmodules", False)],
)
def test_archive_may_be_unfaithful(path: str, *, expected: bool) -> None:
    """Two files tell Git to leave something out of archives."""
    assert Snapshot(files={path: File()}).is_partial is expected
    assert not EMPTY.is_partial
