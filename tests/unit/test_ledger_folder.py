"""The ledger in a folder, and the one in memory."""

from __future__ import annotations

import fcntl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flakebot.errors import LedgerError
from flakebot.feedback import Feedback, Word
from flakebot.ledgers.folder import FolderLedger
from flakebot.ledgers.memory import MemoryLedger
from flakebot.records import RunRecord
from flakebot.retrying import Patience

START = datetime(2026, 2, 2, tzinfo=UTC)


def record(run_id: int, *, days: float = 0, conclusion: str = "failure") -> RunRecord:
    """A record of a run so many days after the start."""
    return RunRecord(
        repository="org/repo",
        run_id=run_id,
        attempt=1,
        workflow="ci",
        event="push",
        branch="main",
        head_sha="c1",
        created_at=START + timedelta(days=days),
        conclusion=conclusion,
    )


@pytest.mark.parametrize("kind", ["folder", "memory"])
def test_what_is_appended_is_read_once(tmp_path: Path, kind: str) -> None:
    """Oldest first, only since the given time, each key once, the first for good."""
    ledger = FolderLedger(tmp_path) if kind == "folder" else MemoryLedger()
    assert ledger.append([record(2, days=8), record(1)]) == (record(2).key, record(1).key)
    assert ledger.append([record(1, conclusion="success"), record(3)]) == (record(3).key,)
    assert ledger.append([]) == ()
    assert ledger.read(START) == [record(1), record(3), record(2, days=8)]
    assert ledger.read(START + timedelta(days=1)) == [record(2, days=8)]


def test_each_week_has_its_file(tmp_path: Path) -> None:
    """ISO weeks, so that a window is a list of names."""
    FolderLedger(tmp_path).append([record(1), record(2, days=8)])
    names = sorted(path.name for path in (tmp_path / "ledger").glob("*.jsonl"))
    assert names == ["2026-W06.jsonl", "2026-W07.jsonl"]


def test_appending_again_does_not_touch_the_file(tmp_path: Path) -> None:
    """The same attempt analysed twice leaves the same bytes in the same file."""
    ledger = FolderLedger(tmp_path)
    ledger.append([record(1)])
    path = tmp_path / "ledger" / "2026-W06.jsonl"
    before = path.stat()
    assert ledger.append([record(1)]) == ()
    assert path.stat().st_ino == before.st_ino
    assert len(path.read_bytes().splitlines()) == 1


def test_a_line_cut_off_costs_no_other(tmp_path: Path) -> None:
    """It is reported, kept where it is, and its record can be added again."""
    ledger = FolderLedger(tmp_path)
    ledger.append([record(1), record(2)])
    path = tmp_path / "ledger" / "2026-W06.jsonl"
    path.write_bytes(path.read_bytes()[:-10])
    assert ledger.read(START) == [record(1)]
    assert [problem.source for problem in ledger.problems] == ["ledger/2026-W06.jsonl:2"]
    assert ledger.append([record(2), record(3)]) == (record(2).key, record(3).key)
    assert ledger.read(START) == [record(1), record(2), record(3)]
    assert len(ledger.problems) == 1


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    """Each takes the lock; together they leave every record."""

    def write(number: int) -> None:
        FolderLedger(tmp_path).append([record(number)])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(8)))
    assert [r.run_id for r in FolderLedger(tmp_path).read(START)] == list(range(8))


def test_a_lock_that_is_never_given_back_ends_in_a_sentence(tmp_path: Path) -> None:
    """The wait is bounded."""
    (tmp_path / "ledger").mkdir()
    waits: list[float] = []
    patience = Patience(30, sleep=waits.append, uniform=lambda _low, high: high)
    with (tmp_path / "ledger" / ".lock").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(LedgerError, match="Another process has been writing"):
            FolderLedger(tmp_path, patience=patience).append([record(1)])
    assert 0 < sum(waits) <= 30


def test_a_place_that_knows_no_locks_ends_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As some network file systems."""

    def none(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", none)
    with pytest.raises(LedgerError, match="cannot be locked: No locks available"):
        FolderLedger(tmp_path).append([record(1)])


def test_a_place_that_cannot_be_written_ends_in_a_sentence(tmp_path: Path) -> None:
    """A file where the folder should be, and a folder where a file should be."""
    (tmp_path / "ledger").write_text("")
    with pytest.raises(LedgerError, match="cannot be written"):
        FolderLedger(tmp_path).append([record(1)])
    (tmp_path / "other/ledger/2026-W06.jsonl").mkdir(parents=True)
    with pytest.raises(LedgerError, match="cannot be read: Is a directory"):
        FolderLedger(tmp_path / "other").append([record(1)])


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk loses nothing that was there, and leaves nothing behind."""
    ledger = FolderLedger(tmp_path)
    ledger.append([record(1)])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(LedgerError, match=r"was not written: .* No space left on device"):
        ledger.append([record(2)])
    assert ledger.read(START) == [record(1)]
    assert sorted(path.name for path in (tmp_path / "ledger").iterdir()) == [
        ".lock",
        "2026-W06.jsonl",
    ]


def test_words_of_maintainers_lie_beside_the_records_of_their_week(tmp_path: Path) -> None:
    """Each comment once; reading records passes them over, and a year does not outdate them."""
    ledger = FolderLedger(tmp_path)
    said = [
        Feedback(
            repository="acme/widgets",
            comment_id=number,
            created_at=START - timedelta(days=days),
            login="ada",
            word=Word.FLAKY,
            function="pytest:t.py::x",
        )
        for number, days in ((1, 0), (2, 400))
    ]
    ledger.append([record(1)])
    assert ledger.append(said) == (said[0].key, said[1].key)
    assert ledger.append(said) == ()
    assert ledger.feedback() == said[::-1]
    assert [found.run_id for found in ledger.read(START - timedelta(days=999))] == [1]
    assert ledger.problems == ()
    assert len(list((tmp_path / "ledger").glob("*.jsonl"))) == 2


def test_a_link_that_leads_nowhere_is_no_file(tmp_path: Path) -> None:
    """As of a ledger that was copied without what it pointed to."""
    ledger = FolderLedger(tmp_path)
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger/2026-W06.jsonl").symlink_to("elsewhere")
    assert ledger.read(START) == []
    assert not ledger.moved()
    assert ledger.append([record(1)]) == (record(1).key,)
    assert ledger.read(START) == [record(1)]


def test_an_empty_folder_is_an_empty_ledger(tmp_path: Path) -> None:
    """The first run has no past."""
    assert FolderLedger(tmp_path).read(START) == []
