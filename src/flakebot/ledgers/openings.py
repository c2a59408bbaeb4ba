"""Which run opens an issue: of many that see one flake at the same moment, the one whose record was
written first. Pure.

GitHub has no "open an issue unless there is one", but a ledger is written by one run after the
other, each on top of what it has read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flakebot.feedback import Feedback
from flakebot.ledgers import lines
from flakebot.records import Opening, RunRecord

_NAME = b'"opening"'

_Entry = RunRecord | Feedback


def yielding(entries: Sequence[_Entry], contents: Iterable[bytes]) -> Sequence[_Entry]:
    """The entries without those issues that another run was first to say it opens.

    Args:
        entries: about to be written.
        contents: of all files they are written beside; asked for only when it matters.
    """
    if not any(isinstance(entry, RunRecord) and entry.opening for entry in entries):
        return entries
    held = _held(contents)
    return [_yielding(entry, held) for entry in entries]


def _held(contents: Iterable[bytes]) -> Sequence[RunRecord]:
    """The records that say so; all other lines are not decoded."""
    said = (line for content in contents for line in content.split(b"\n") if _NAME in line)
    return lines.decode("", b"\n".join(said)).records


def _yielding(entry: _Entry, held: Sequence[RunRecord]) -> _Entry:
    if not isinstance(entry, RunRecord) or entry.opening is None:
        return entry
    own = entry.opening
    others = (record.opening for record in held if record.run_id != entry.run_id)
    taken = {key for other in others if other and other.holds(own.at) for key in other.keys}
    keys = tuple(key for key in own.keys if key not in taken)
    return replace(entry, opening=Opening(keys=keys, at=own.at) if keys else None)
