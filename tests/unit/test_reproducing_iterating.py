"""The folders of iterations: their own, and what a killed flakebot left of them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from flakebot.reproducing import iterating

MARK = "0123456789ab"


def test_only_the_folders_of_one_output_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of another output may be in use, and a link may lead anywhere."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    left = tmp_path / f"fb-{MARK}-abc" / "tmp"
    other = tmp_path / "fb-ba9876543210-abc"
    for folder in (elsewhere, left, other):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    link = tmp_path / f"fb-{MARK}-link"
    link.symlink_to(elsewhere)
    iterating.remove_left_over(MARK)
    assert set(tmp_path.iterdir()) == {elsewhere, other, link}
    assert (elsewhere / "file").is_file()
