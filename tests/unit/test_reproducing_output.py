"""Output as it comes: to the log and to the one with time stamps, within bounds."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.reproducing.output import Bounded, Drain

NOON = datetime(2026, 2, 3, 14, tzinfo=timezone(timedelta(hours=2)))
STAMP = b"2026-02-03T12:00:00.0000000Z "


def drained(folder: Path, *parts: bytes) -> tuple[bytes, bytes]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    drain = Drain(
        os.fdopen(reader, "rb", buffering=0),
        log=folder / "log",
        stamped=folder / "stamped",
        now=lambda: NOON,
        stopwatch=lambda: 1.0,
    )
    for part in parts:
        os.write(writer, part)
        assert drain.pump(10.0)
    os.close(writer)
    assert not drain.pump(10.0)
    assert drain.ended
    drain.close()
    return (folder / "log").read_bytes(), (folder / "stamped").read_bytes()


def test_each_line_has_its_time(tmp_path: Path) -> None:
    """In GitHub's form, in UTC, however the pieces come; the log itself has none."""
    log, stamped = drained(tmp_path, b"one\ntw", b"o\nthree")
    assert log == b"one\ntwo\nthree"
    assert stamped == b"".join(STAMP + line + b"\n" for line in (b"one", b"two", b"three"))


def test_a_line_without_an_end_is_not_held_back_for_ever(tmp_path: Path) -> None:
    """It is stamped in pieces."""
    piece = b"x" * 50_000
    log, stamped = drained(tmp_path, piece, piece)
    assert log == piece * 2
    assert stamped == STAMP + piece * 2 + b"\n"


@pytest.mark.parametrize("size", [0, 9, 10, 14, 15, 16, 40])
def test_a_log_keeps_its_begin_and_its_end(tmp_path: Path, size: int) -> None:
    """What is between is counted."""
    log = Bounded(tmp_path / "log", head=10, tail=5)
    content = bytes(range(65, 65 + size))
    for at in range(size):
        log.write(content[at : at + 1])
    log.close()
    found = (tmp_path / "log").read_bytes()
    if size <= 15:
        assert found == content
    else:
        told = f"\n[flakebot: {size - 15} bytes are left out here]\n".encode()
        assert found == content[:10] + told + content[-5:]


@given(st.lists(st.binary(max_size=30), max_size=20))
def test_a_short_log_is_kept_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    """In whatever pieces it comes."""
    path = tmp_path_factory.mktemp("log") / "log"
    log = Bounded(path)
    for part in parts:
        log.write(part)
    log.close()
    assert path.read_bytes() == b"".join(parts)
