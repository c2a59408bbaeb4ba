"""Of many runs that would open an issue, the first that was recorded does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flakebot.feedback import Feedback, Word
from flakebot.ledgers import lines, openings
from flakebot.ledgers.folder import FolderLedger
from flakebot.records import OPENING_LASTS, Opening, RunRecord

NOW = datetime(2026, 2, 2, 9, tzinfo=UTC)
EVER = datetime(2026, 1, 1, tzinfo=UTC)


def record(run_id: int, *keys: str, at: datetime = NOW, attempt: int = 1) -> RunRecord:
    """A record of a run that is about to open issues."""
    return RunRecord(
        repository="org/repo",
        run_id=run_id,
        attempt=attempt,
        workflow="ci",
        event="push",
        branch="main",
        head_sha="c1",
        created_at=NOW - timedelta(days=run_id),
        opening=Opening(keys=keys, at=at) if keys else None,
    )


def opens(entry: RunRecord | Feedback) -> tuple[str, ...]:
    assert isinstance(entry, RunRecord)
    return entry.opening.keys if entry.opening else ()


@pytest.mark.parametrize(
    ("held", "own", "left"),
    [
        ([], ("a", "b"), ("a", "b")),
        ([record(1, "a")], ("a", "b"), ("b",)),
        ([record(1, "a"), record(3, "b")], ("a", "b"), ()),
        ([record(2, "a", attempt=2)], ("a",), ("a",)),
        ([record(1, "a", at=NOW - OPENING_LASTS)], ("a",), ("a",)),
        ([record(1, "a", at=NOW + OPENING_LASTS / 2)], ("a",), ()),
    ],
    ids=["alone", "one of two", "both", "its own", "long ago", "clocks differ"],
)
def test_what_another_run_was_first_to_say_is_left_to_it(
    held: list[RunRecord], own: tuple[str, ...], left: tuple[str, ...]
) -> None:
    """For a while; a run never stands in its own way."""
    (found,) = openings.yielding([record(2, *own)], [lines.encode(held)])
    assert opens(found) == left


def test_without_a_new_issue_nothing_is_decoded() -> None:
    """As after most runs; words of maintainers pass as they are."""

    def never() -> bytes:
        raise AssertionError

    said = Feedback(
        repository="org/repo",
        comment_id=1,
        created_at=NOW,
        login="ada",
        word=Word.FLAKY,
        function="k",
    )
    entries: list[RunRecord | Feedback] = [record(1), said]
    assert openings.yielding(entries, (never() for _ in range(1))) == entries
    assert openings.yielding([record(1, "a"), said], []) == [record(1, "a"), said]


def test_a_broken_line_claims_nothing() -> None:
    """It is told by whoever reads the ledger."""
    (found,) = openings.yielding([record(2, "a")], [b'{"opening": {"keys": ["a"], "at'])
    assert opens(found) == ("a",)


def test_a_folder_keeps_one_run_for_each_issue(tmp_path: Path) -> None:
    """Also across the files of weeks; whoever read before sees that others were there."""
    first, second = FolderLedger(tmp_path), FolderLedger(tmp_path)
    assert list(second.read(EVER)) == []
    first.append([record(1, "a")])
    assert second.moved()
    second.append([record(20, "a", "b")])
    assert {each.run_id: opens(each) for each in second.read(EVER)} == {20: ("b",), 1: ("a",)}
    assert not second.moved()
