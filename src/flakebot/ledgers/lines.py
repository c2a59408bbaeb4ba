"""Records of runs and words of maintainers as lines of JSON, and the week's file each belongs to.

Pure.

The files are append-only: whoever writes one adds lines and keeps every old one byte for byte, so
a line this version cannot read is passed on to the version that can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta

import msgspec

from flakebot import feedback
from flakebot.feedback import Feedback, FeedbackKey
from flakebot.model import Problem, value
from flakebot.records import SCHEMA, RunKey, RunRecord, TestEntry

_DIRECTORY = "ledger"
_FEEDBACK = b'{"kind":"feedback",'
"""How a line begins that is a word of a maintainer; one that is a record of a run has no kind."""


@value
class Lines:
    """What one file holds: its records and words in the order of the lines, and the lines left out,
    with the reason why.
    """

    records: tuple[RunRecord, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    skipped: tuple[Problem, ...] = ()


@value
class _Fault:
    """Why a line is none; a newer version can read one of a `newer` schema."""

    reason: str
    newer: bool = False


_FIRST = datetime(1, 1, 1, tzinfo=UTC)


@value
class _Head:
    """The one field every schema keeps."""

    schema: int = SCHEMA


_records = msgspec.json.Decoder(RunRecord)
_words = msgspec.json.Decoder(Feedback)
_heads = msgspec.json.Decoder(_Head)


def utc(moment: datetime) -> datetime:
    """A moment in UTC; one without a zone is taken for UTC, which is what GitHub sends, and so is
    one at the ends of the calendar.
    """
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)


def path_of(created_at: datetime) -> str:
    """The file of a record: `ledger/2026-W48.jsonl`, the ISO week of its creation in UTC."""
    year, week, _ = utc(created_at).isocalendar()
    return f"{_DIRECTORY}/{year:04d}-W{week:02d}.jsonl"


def is_week(path: str) -> bool:
    """Whether a path is a ledger file."""
    return is_wanted(path, _FIRST)


def is_wanted(path: str, since: datetime) -> bool:
    """Whether a path is a ledger file that may hold records created since."""
    first = path_of(since)
    return (
        path.startswith(f"{_DIRECTORY}/")
        and path.endswith(".jsonl")
        and len(path) == len(first)
        and path >= first
    )


def encode(entries: Iterable[RunRecord | Feedback]) -> bytes:
    """The entries as lines, each with its newline, without fields that have their default: a week's
    file is sent whole with every write.
    """
    return b"".join(_encode_line(entry) + b"\n" for entry in entries)


def extend(content: bytes, entries: Iterable[RunRecord | Feedback]) -> bytes:
    """A file's content with entries added; a last line that was cut off stays a line of its
    own.
    """
    gap = b"\n" if content and not content.endswith(b"\n") else b""
    return content + gap + encode(entries)


def decode(source: str, content: bytes) -> Lines:
    """Read a file; a broken line, or one of a newer schema, is skipped with a reason and costs no
    other. A broken one is lost, so its time is bounded by its file's week.
    """
    records: list[RunRecord] = []
    said: list[Feedback] = []
    skipped: list[Problem] = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        result = _decode_line(line)
        if isinstance(result, RunRecord):
            records.append(result)
        elif isinstance(result, Feedback):
            said.append(result)
        else:
            before = None if result.newer else _end(source)
            problem = Problem(source=f"{source}:{number}", reason=result.reason, before=before)
            skipped.append(problem)
    return Lines(records=tuple(records), feedback=tuple(said), skipped=tuple(skipped))


def feedback_in(content: bytes) -> Sequence[Feedback]:
    """The words of maintainers in a file, without the time that its records take; a broken line is
    told by `decode`.
    """
    lines = (line for line in content.split(b"\n") if line.startswith(_FEEDBACK))
    decoded = map(_decode_line, lines)
    return [each for each in decoded if isinstance(each, Feedback)]


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


def select_feedback(said: Iterable[Feedback]) -> Sequence[Feedback]:
    """Each key once, oldest first; of two with one key the first written counts."""
    first: dict[FeedbackKey, Feedback] = {}
    for each in said:
        first.setdefault(each.key, each)
    return sorted(first.values(), key=lambda each: (utc(each.created_at), each.comment_id))


def missing(
    lines: Lines, entries: Iterable[RunRecord | Feedback]
) -> Sequence[RunRecord | Feedback]:
    """Those of the entries whose key a file does not hold yet, each key once."""
    held: set[RunKey | FeedbackKey] = {record.key for record in lines.records}
    held |= {each.key for each in lines.feedback}
    return list({each.key: each for each in entries if each.key not in held}.values())


def _encode_line(entry: RunRecord | Feedback) -> bytes:
    fields = msgspec.json.encode(_compact(entry))
    return _FEEDBACK + fields[1:] if isinstance(entry, Feedback) else fields


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


def _end(path: str) -> datetime | None:
    """When the week of a file ends, None when it is named for none."""
    try:
        monday = datetime.strptime(f"{path} 1 +0000", f"{_DIRECTORY}/%G-W%V.jsonl %u %z")
    except ValueError:
        return None
    return monday + timedelta(weeks=1)


def _decode_line(line: bytes) -> RunRecord | Feedback | _Fault:
    """A record or a word, or why the line is none."""
    known, what = SCHEMA, "a record of a run"
    decode: Callable[[bytes], RunRecord | Feedback] = _records.decode
    if line.startswith(_FEEDBACK):
        known, what, decode = feedback.SCHEMA, "a word of a maintainer", _words.decode
    try:
        entry = decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        schema = _schema(line)
        return _newer(schema, known) if schema > known else _Fault(reason=f"not {what}: {error}")
    if entry.schema > known:
        return _newer(entry.schema, known)
    if isinstance(entry, RunRecord) and not all(test.outcomes for test in _tests(entry)):
        return _Fault(reason=f"not {what}: a test without an outcome")
    # One line without a zone would make all of them incomparable.
    at = entry.created_at
    return entry if at.tzinfo is UTC else replace(entry, created_at=utc(at))


def _tests(record: RunRecord) -> Iterator[TestEntry]:
    return (test for job in record.jobs for test in job.tests)


def _schema(line: bytes) -> int:
    try:
        return _heads.decode(line).schema
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0


def _newer(schema: int, known: int) -> _Fault:
    reason = f"written by a newer flakebot (schema {schema}; this one reads up to {known})"
    return _Fault(reason=reason, newer=True)
