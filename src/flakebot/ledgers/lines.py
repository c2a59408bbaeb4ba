"""Run records as lines of JSON, and the week's file each belongs to. Pure.

The files are append-only: whoever writes one adds lines and keeps every old one byte for byte, so
a line this version cannot read is passed on to the version that can.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime

import msgspec

from flakebot.model import Problem, value
from flakebot.records import SCHEMA, RunKey, RunRecord

_DIRECTORY = "ledger"


@value
class Lines:
    """What one file holds: its records in the order of the lines, and the lines left out, with the
    reason why.
    """

    records: tuple[RunRecord, ...] = ()
    skipped: tuple[Problem, ...] = ()


@value
class _Head:
    """The one field every schema keeps."""

    schema: int = SCHEMA


_records = msgspec.json.Decoder(RunRecord)
_heads = msgspec.json.Decoder(_Head)


def utc(moment: datetime) -> datetime:
    """A moment in UTC; one without a zone is taken for UTC, which is what GitHub sends."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def path_of(created_at: datetime) -> str:
    """The file of a record: `ledger/2026-W48.jsonl`, the ISO week of its creation in UTC."""
    year, week, _ = utc(created_at).isocalendar()
    return f"{_DIRECTORY}/{year:04d}-W{week:02d}.jsonl"


def is_wanted(path: str, since: datetime) -> bool:
    """Whether a path is a ledger file that may hold records created since."""
    first = path_of(since)
    return (
        path.startswith(f"{_DIRECTORY}/")
        and path.endswith(".jsonl")
        and len(path) == len(first)
        and path >= first
    )


def encode(records: Iterable[RunRecord]) -> bytes:
    """The records as lines, each with its newline, without fields that have their default: a week's
    file is sent whole with every write.
    """
    return b"".join(msgspec.json.encode(_compact(record)) + b"\n" for record in records)


def extend(content: bytes, records: Iterable[RunRecord]) -> bytes:
    """A file's content with records added; a last line that was cut off stays a line of its
    own.
    """
    gap = b"\n" if content and not content.endswith(b"\n") else b""
    return content + gap + encode(records)


def decode(source: str, content: bytes) -> Lines:
    """Read a file; a broken line, or one of a newer schema, is skipped with a reason and costs no
    other.
    """
    records, skipped = [], []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        result = _decode_line(line)
        if isinstance(result, RunRecord):
            records.append(result)
        else:
            skipped.append(Problem(source=f"{source}:{number}", reason=result))
    return Lines(records=tuple(records), skipped=tuple(skipped))


def select(records: Iterable[RunRecord], since: datetime) -> Sequence[RunRecord]:
    """The records created since, each key once, oldest first; of two with one key the first
    written counts.
    """
    start = utc(since)
    first: dict[RunKey, RunRecord] = {}
    for record in records:
        if utc(record.created_at) >= start:
            first.setdefault(record.key, record)
    return sorted(first.values(), key=lambda r: (utc(r.created_at), r.run_id, r.attempt))


def missing(lines: Lines, records: Iterable[RunRecord]) -> Sequence[RunRecord]:
    """Those of the records whose key a file does not hold yet, each key once."""
    held = {record.key for record in lines.records}
    return list({r.key: r for r in records if r.key not in held}.values())


def _compact(thing: object) -> object:
    """A value as plain objects without its defaults; `schema` always stays, as its default
    changes.
    """
    if isinstance(thing, tuple):
        return [_compact(part) for part in thing]
    if not is_dataclass(thing):
        return thing
    return {
        field.name: _compact(getattr(thing, field.name))
        for field in fields(thing)
        if field.name == "schema" or getattr(thing, field.name) != _default(field)
    }


def _default(field: Field[object]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _decode_line(line: bytes) -> RunRecord | str:
    """A record, or why the line is none."""
    try:
        record = _records.decode(line)
    except (msgspec.DecodeError, RecursionError) as error:
        schema = _schema(line)
        return _newer(schema) if schema > SCHEMA else f"not a record of a run: {error}"
    return record if record.schema <= SCHEMA else _newer(record.schema)


def _schema(line: bytes) -> int:
    try:
        return _heads.decode(line).schema
    except (msgspec.DecodeError, RecursionError):
        return 0


def _newer(schema: int) -> str:
    return f"written by a newer flakebot (schema {schema}; this one reads up to {SCHEMA})"
