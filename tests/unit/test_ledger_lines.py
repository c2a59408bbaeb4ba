"""Records as lines: nothing is lost on the way, and a broken line costs no other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flakebot.feedback import Feedback, Word
from flakebot.ledgers import lines
from flakebot.ledgers.memory import MemoryLedger
from flakebot.model import Category, Status, TestId
from flakebot.records import SCHEMA, CauseEntry, Fetch, JobEntry, RunRecord, TestEntry

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
RECORD = RunRecord(
    repository="acme/widgets",
    run_id=1,
    attempt=1,
    workflow="CI",
    event="push",
    branch="main",
    head_sha="a" * 40,
    created_at=MONDAY,
    fetches=(Fetch(address="https://huggingface.co/x", result="recovered", seconds=1.5),),
    jobs=(
        JobEntry(
            id=2,
            name="test (ä)",
            counts={Status.PASSED: 3},
            causes=(CauseEntry(category=Category.PANIC, rule="r", line=1, text="a\nb\u2028c"),),
            tests=(
                TestEntry(
                    id=TestId("t.py::x"), framework="pytest", outcomes=(Status.FAILED,), cause=0
                ),
            ),
            passed=(TestId("t.py::y"),),
        ),
    ),
)


_WITHOUT_OUTCOME = replace(
    RECORD, jobs=(JobEntry(id=1, name="j", tests=(replace(RECORD.jobs[0].tests[0], outcomes=()),)),)
)


def numbered(run_id: int, created_at: datetime = MONDAY) -> RunRecord:
    return replace(RECORD, run_id=run_id, created_at=created_at)


def test_record_survives_the_way_there_and_back() -> None:
    """Every field comes back, on one line each, whatever is in the texts."""
    content = lines.encode([RECORD, numbered(2)])
    assert content.count(b"\n") == 2
    assert lines.decode("x", content) == lines.Lines(records=(RECORD, numbered(2)))


def test_line_leaves_defaults_out_but_never_the_schema() -> None:
    """What has its default comes back by itself; the schema's default will be another one day."""
    bare = replace(RECORD, jobs=(JobEntry(id=2, name="x", log=""),), fetches=())
    line = json.loads(lines.encode([bare]))
    assert line["jobs"] == [{"id": 2, "name": "x"}]
    assert line["schema"] == SCHEMA
    assert "fetches" not in line
    assert lines.decode("x", lines.encode([bare])).records == (bare,)


@given(st.lists(st.binary(max_size=40)))
def test_no_neighbour_harms_a_record(rubbish: list[bytes]) -> None:
    """Whatever bytes stand on the lines around them, all records are read and all rubbish told."""
    parts = [lines.encode([numbered(n)]) + junk + b"\n" for n, junk in enumerate(rubbish)]
    found = lines.decode("x", b"".join(parts))
    told = [line for junk in rubbish for line in junk.split(b"\n") if line.strip()]
    assert [record.run_id for record in found.records] == list(range(len(rubbish)))
    assert len(found.skipped) == len(told)


@given(st.binary(max_size=60), st.lists(st.integers(1, 9), max_size=3))
def test_extending_keeps_what_was_there(content: bytes, ids: list[int]) -> None:
    """Old bytes stay as they are, and the new records can be read after them."""
    grown = lines.extend(content, [numbered(n) for n in ids])
    assert grown.startswith(content)
    assert [record.run_id for record in lines.decode("x", grown).records] == ids


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not a record of a run: Input data was truncated"),
        (b"[]", "not a record of a run: Expected `object`, got `array`"),
        (b'{"schema": "x"}', "not a record of a run"),
        (b'{"repository":"caf\xc3"}', "not a record of a run"),
        (b"[" * 5000, "not a record of a run"),
        (b'{"schema": %d}' % (SCHEMA + 1), f"newer flakebot (schema {SCHEMA + 1}"),
        (lines.encode([replace(RECORD, schema=SCHEMA + 1)]), f"(schema {SCHEMA + 1}"),
        (lines.encode([_WITHOUT_OUTCOME]), "a test without an outcome"),
    ],
)
def test_line_that_is_no_record_says_why(line: bytes, reason: str) -> None:
    """The place and the reason are kept."""
    (problem,) = lines.decode("ledger/x.jsonl", b"\n" + line).skipped
    assert problem.source == "ledger/x.jsonl:2"
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("path", "line", "before"),
    [
        ("ledger/2026-W06.jsonl", b"{", datetime(2026, 2, 9, tzinfo=UTC)),
        ("ledger/2026-W53.jsonl", b"{", datetime(2027, 1, 4, tzinfo=UTC)),
        ("ledger/2026-W06.jsonl", b'{"schema":%d}' % (SCHEMA + 1), None),
        ("ledger/2026-W06.jsonl", b'{"kind":"more","schema":4}', None),
        ("ledger/x.jsonl", b"{", None),
        ("ledger/2026-W00.jsonl", b"{", None),
    ],
)
def test_what_a_broken_line_held_is_of_its_week(
    path: str, line: bytes, before: datetime | None
) -> None:
    """A line that a newer version can read is not lost, and of another file nothing is known."""
    (problem,) = lines.decode(path, line).skipped
    assert problem.before == before


def test_a_time_without_a_zone_is_utc() -> None:
    """One such line would make all of them incomparable."""
    plain = replace(RECORD, created_at=RECORD.created_at.replace(tzinfo=None))
    (read,) = lines.decode("ledger/x.jsonl", lines.encode([plain])).records
    assert read.created_at == RECORD.created_at


def test_fields_that_are_unknown_or_absent_do_no_harm() -> None:
    """A record of the same schema may have fewer fields or more."""
    fields = json.loads(lines.encode([RECORD]))
    del fields["jobs"], fields["schema"]
    line = json.dumps({**fields, "later": {"x": 1}}).encode()
    assert lines.decode("x", line).records == (replace(RECORD, jobs=()),)


@pytest.mark.parametrize(
    ("moment", "path"),
    [
        (datetime(2026, 11, 22, 23, 59, tzinfo=UTC), "ledger/2026-W47.jsonl"),
        (datetime(2026, 11, 23, tzinfo=UTC), "ledger/2026-W48.jsonl"),
        (datetime(2026, 11, 23), "ledger/2026-W48.jsonl"),  # noqa: DTZ001  # taken for UTC
        (datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=1))), "ledger/2026-W47.jsonl"),
        (datetime(2027, 1, 1, tzinfo=UTC), "ledger/2026-W53.jsonl"),
        (datetime(2024, 12, 30, tzinfo=UTC), "ledger/2025-W01.jsonl"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), "ledger/0001-W01.jsonl"),
    ],
)
def test_file_is_the_iso_week_in_utc(moment: datetime, path: str) -> None:
    """Weeks begin on Monday in UTC and belong to the year of their Thursday."""
    assert lines.path_of(moment) == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("ledger/2026-W48.jsonl", True),
        ("ledger/2027-W01.jsonl", True),
        ("ledger/2026-W47.jsonl", False),
        ("ledger/2026-W48.json", False),
        ("ledger/notes-of-mine.jsonl", False),
        ("README.md", False),
        ("other/2026-W48.jsonl", False),
    ],
)
def test_only_files_of_the_window_are_wanted(path: str, *, expected: bool) -> None:
    """Earlier weeks and other files need not be read."""
    assert lines.is_wanted(path, MONDAY) is expected


def test_selection_is_sorted_and_each_key_once() -> None:
    """From the moment on, oldest first; of two with one key the first written counts."""
    early, late = numbered(3, MONDAY - timedelta(seconds=1)), numbered(2, MONDAY + timedelta(1))
    naive = numbered(4, datetime(2026, 11, 23, 1))  # noqa: DTZ001  # as an old line may have it
    again = replace(late, workflow="other")
    assert lines.select([late, early, again, RECORD, naive], MONDAY) == [RECORD, naive, late]


def test_missing_are_those_with_new_keys() -> None:
    """A key that is held, or comes twice, is not added."""
    held = lines.Lines(records=(RECORD,))
    wanted = [RECORD, numbered(2), numbered(2), numbered(3)]
    assert lines.missing(held, wanted) == [numbered(2), numbered(3)]


# ------------------------------------------------------------------------------------------
# Words of maintainers


def word(comment_id: int = 9, **fields: Any) -> Feedback:
    return Feedback(
        repository="acme/widgets",
        comment_id=comment_id,
        created_at=MONDAY,
        login="ada",
        word=Word.FLAKY,
        function="pytest:t.py::x",
        **fields,
    )


def test_word_survives_the_way_there_and_back() -> None:
    """Beside records, in one file, each by its kind."""
    said = word(fingerprints=("v1:a", "v1:b"), number=5)
    content = lines.encode([RECORD, said, numbered(2)])
    assert lines.decode("x", content) == lines.Lines(
        records=(RECORD, numbered(2)), feedback=(said,)
    )
    assert lines.feedback_in(content) == [said]


def test_words_are_told_from_records_by_their_beginning() -> None:
    """A line of a record has no kind, and text of a log cannot begin one."""
    assert lines.encode([word()]).startswith(b'{"kind":"feedback","repository":"acme/widgets"')
    cause = CauseEntry(category=Category.PANIC, rule="r", line=1, text='{"kind":"feedback",')
    hostile = replace(RECORD, repository='{"kind":"feedback",', jobs=(JobEntry(id=2, name="x"),))
    hostile = replace(hostile, jobs=(JobEntry(id=2, name='{"kind":"feedback",', causes=(cause,)),))
    assert lines.feedback_in(lines.encode([hostile])) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"kind":"feedback","word":"flaky"}', "not a word of a maintainer: Object missing"),
        (lines.encode([word()]).replace(b"flaky", b"weird"), "not a word of a maintainer: Invalid"),
        (
            lines.encode([word()]).replace(b'"schema":2', b'"schema":3').replace(b"flaky", b"?"),
            "newer flakebot (schema 3; this one reads up to 2)",
        ),
        (lines.encode([word()]).replace(b'"schema":2', b'"schema":3'), "newer flakebot (schema 3"),
        (b'{"kind":"more","schema":4}', "newer flakebot (schema 4; this one reads up to 1)"),
    ],
)
def test_line_that_is_no_word_says_why(line: bytes, reason: str) -> None:
    """And costs no other."""
    content = line.strip() + b"\n" + lines.encode([word(), RECORD])
    found = lines.decode("ledger/x.jsonl", content)
    assert (found.records, found.feedback) == ((RECORD,), (word(),))
    assert found.skipped[0].source == "ledger/x.jsonl:1"
    assert reason in found.skipped[0].reason
    assert lines.feedback_in(content) == [word()]


def test_a_reader_of_before_there_were_words_says_that_they_are_newer() -> None:
    """It decodes every line as a record, and takes the schema for the reason."""
    line = json.loads(lines.encode([word()]))
    assert line["schema"] > SCHEMA


def test_a_word_is_taken_once() -> None:
    """A comment is one word, however often its event is delivered; oldest first."""
    late = replace(word(1), created_at=MONDAY + timedelta(hours=1))
    again = replace(late, login="eve")
    assert lines.select_feedback([late, again, word(3), word(2)]) == [word(2), word(3), late]
    held = lines.Lines(records=(RECORD,), feedback=(late,))
    assert lines.missing(held, [again, word(2), word(2), RECORD]) == [word(2)]


def test_a_word_speaks_of_the_ways_it_names() -> None:
    """And of all where it names none."""
    assert word(fingerprints=("v1:a",)).covers("v1:a")
    assert not word(fingerprints=("v1:a",)).covers("v1:b")
    assert word().covers("")


def test_ledger_of_one_process_keeps_words_too() -> None:
    """Each once, beside records."""
    ledger = MemoryLedger()
    assert ledger.append([word(), word(), word(2)]) == (word().key, word(2).key)
    assert ledger.append([RECORD]) == (RECORD.key,)
    assert ledger.append([word()]) == ()
    assert ledger.feedback() == [word(2), word()]
    assert ledger.read(MONDAY) == [RECORD]
