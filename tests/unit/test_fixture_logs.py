"""Recorded logs: everything read out of each stands beside it, re-blessed with `BLESS=1`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from flakebot.logs import Reader
from flakebot.model import LogReading
from flakebot.reading import rules
from flakebot.reading.classify import read_log
from flakebot.reading.readings_json import to_json
from flakebot.reading.rules import is_noise
from flakebot.settings import Limits

LOGS = sorted((Path(__file__).parent.parent / "fixtures" / "logs").glob("*.log"))
GREEN = [path for path in LOGS if path.name.startswith("green")]


def reading(path: Path, piece: int = 4096) -> LogReading:
    data = path.read_bytes()
    chunks = (data[at : at + piece] for at in range(0, len(data), piece))
    return read_log(path.name, chunks, rules.builtin(), Limits())


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_recorded_log_is_read_as_expected(path: Path) -> None:
    """Tests, outcomes, causes, excerpts and hangs of a recorded log are those beside it."""
    found = reading(path)
    log = to_json([found], [])["logs"]
    actual = {
        "log": log,
        "excerpts": [list(cause.excerpt) for cause in found.causes],
        "passed": sorted(found.passed),
        "workers": found.workers,
        "hang": None
        if found.hang is None
        else [found.hang.seconds, found.hang.test, found.hang.percent],
    }
    beside = path.with_suffix(".expected.json")
    if os.environ.get("BLESS"):  # noqa: TID251  how a person blesses
        beside.write_text(json.dumps(actual, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(beside.read_text(encoding="utf-8")) == actual


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_log_reads_the_same_in_pieces_of_any_size(path: Path) -> None:
    """Where a chunk of bytes ends changes nothing."""
    assert reading(path, 7) == reading(path, 1 << 20)


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_a_log_with_columns_or_without_stamps_names_the_same_tests(path: Path) -> None:
    """`gh run view --log` adds columns, a copied log lacks the stamps; the tests stay the same."""
    rows = path.read_text(encoding="utf-8").removeprefix("\ufeff").splitlines()
    columns = "\n".join(f"job / test\tRun tests\t{row}" for row in rows)
    plain = "\n".join(row[29:] for row in rows)
    expected = [(test.id, test.outcomes) for test in reading(path).tests]
    for text in (columns, plain):
        found = read_log("log", [text.encode()], rules.builtin(), Limits())
        assert [(test.id, test.outcomes) for test in found.tests] == expected


@pytest.mark.parametrize("path", GREEN, ids=lambda path: path.stem)
def test_no_rule_matches_a_green_log(path: Path) -> None:
    """A rule that matches what passing jobs print is evidence of nothing."""
    lines = Reader(Limits()).lines([path.read_bytes()])
    shown = [line.text for line in lines if not line.echoed and not is_noise(line.text)]
    printed = [text for text in shown if not text.startswith("OSError: [Errno 28]")]
    matched = [(r.id, text) for text in printed for r in rules.builtin().search(text, "job")]
    assert matched == []


@pytest.mark.parametrize("path", GREEN, ids=lambda path: path.stem)
def test_a_green_log_has_no_failure(path: Path) -> None:
    """Nothing in a green log is a failure, whatever its tests print; a retried test shows."""
    found = reading(path)
    assert [test.id for test in found.tests if test.final.bad] == []
    assert bool(found.causes) == bool(found.tests)
