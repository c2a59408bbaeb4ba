"""What tests may have put where an iteration's processes write."""

from __future__ import annotations

import os
from pathlib import Path

from flakebot.reproducing import files


def test_a_long_file_is_read_at_both_ends(tmp_path: Path) -> None:
    """What a process noted last stands at the end."""
    path = tmp_path / "journal"
    path.write_bytes(b"begin" + b"x" * 5000 + b"\ndone\n")
    assert files.read(path, 5) == b"begin\n" + b"x" * 1018 + b"\ndone\n"
    assert files.read(path, 5011) == files.read(path, 9000) == path.read_bytes()


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe without a writer would be waited for, and a link may lead nowhere."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "away").symlink_to("pipe")
    (tmp_path / "self").symlink_to("self")
    names = ("pipe", "link", "away", "self", ".", "x" * 300)
    assert [files.read(tmp_path / name, 9) for name in names] == [b""] * len(names)
