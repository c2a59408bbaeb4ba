"""The ledger in a folder: `ledger/YYYY-Www.jsonl`, written whole under a lock, keyed and
append-only.

A file is replaced in one step, so a crash leaves the old one or the new one; a line that something
else cut off stays where it is, is reported and costs no other.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from flakebot import json_files
from flakebot.errors import FlakebotError, LedgerError
from flakebot.feedback import Feedback, FeedbackKey
from flakebot.ledgers import lines, openings
from flakebot.model import Problem
from flakebot.records import RunKey, RunRecord
from flakebot.retrying import Patience, TryAgainError

LOCK_SECONDS = 30.0
"""As long as another process may hold the lock; writing a file takes milliseconds."""

LOCK_TRIES = 50
LOCK_FIRST_SECONDS = 0.05


class FolderLedger:
    """A ledger below a folder.

    Args:
        root: the folder in which `ledger/` lies.
        patience: the waiting allowed for another process to finish.

    `problems` holds the lines that the last `read` had to leave out.
    """

    def __init__(self, root: Path, *, patience: Patience | None = None) -> None:
        self.root = root
        self.problems: tuple[Problem, ...] = ()
        self._patience = patience or Patience(LOCK_SECONDS)
        self._seen: Mapping[str, int] = {}

    def read(self, since: datetime) -> Sequence[RunRecord]:
        """All records created since, each key once, oldest first."""
        self._seen = self._sizes()
        wanted = [path for path in self._paths() if lines.is_wanted(path, since)]
        files = [lines.decode(path, self._content(path)) for path in wanted]
        self.problems = tuple(problem for file in files for problem in file.skipped)
        return lines.select((record for file in files for record in file.records), since)

    def feedback(self) -> Sequence[Feedback]:
        """Everything maintainers have said, each comment once, oldest first."""
        weeks = filter(lines.is_week, self._paths())
        return lines.select_feedback(
            each for path in weeks for each in lines.feedback_in(self._content(path))
        )

    def append(
        self, entries: Sequence[RunRecord] | Sequence[Feedback]
    ) -> Sequence[RunKey | FeedbackKey]:
        """Add the entries whose keys are not there yet, under the lock."""
        if not entries:
            return ()
        with self._lock():
            paths = dict.fromkeys(lines.path_of(entry.created_at) for entry in entries)
            return tuple(key for path in paths for key in self._extend(path, entries))

    def moved(self) -> bool:
        """Whether a file has grown since it was read."""
        return self._sizes() != self._seen

    def _sizes(self) -> Mapping[str, int]:
        return {path: (self.root / path).stat().st_size for path in self._paths()}

    def _paths(self) -> Sequence[str]:
        """The files that are there; a link that leads nowhere is none."""
        found = (path for path in (self.root / "ledger").glob("*.jsonl") if path.exists())
        return sorted(f"ledger/{path.name}" for path in found)

    def _extend(
        self, path: str, entries: Sequence[RunRecord | Feedback]
    ) -> Sequence[RunKey | FeedbackKey]:
        """Add to one file those of the entries that belong there and are new."""
        content = self._content(path)
        own = [entry for entry in entries if lines.path_of(entry.created_at) == path]
        new = openings.yielding(
            lines.missing(lines.decode(path, content), own),
            map(self._content, filter(lines.is_week, self._paths())),
        )
        if new:
            try:
                json_files.replace(self.root / path, lines.extend(content, new))
            except FlakebotError as error:
                raise LedgerError(f"The ledger was not written: {error}") from error
        return [entry.key for entry in new]

    def _content(self, path: str) -> bytes:
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise LedgerError(f"{self.root / path} cannot be read: {error.strerror}.") from error

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep other processes away; the system lifts the lock when this one ends, however."""
        path = self.root / "ledger" / ".lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("wb")
        except OSError as error:
            raise LedgerError(f"{path} cannot be written: {error.strerror}.") from error
        with file:
            self._patience.call(
                lambda: _take(file, path), tries=LOCK_TRIES, first=LOCK_FIRST_SECONDS
            )
            yield


def _take(file: BinaryIO, path: Path) -> None:
    """Take the lock, or say that another has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        busy = LedgerError(f"Another process has been writing the ledger for too long: {path}.")
        raise TryAgainError(busy) from error
    except OSError as error:
        raise LedgerError(f"{path} cannot be locked: {error.strerror}.") from error
