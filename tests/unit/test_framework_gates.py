"""Gates let through whatever matters, on recorded logs and on their lines in any order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.framework_texts import gated, read

from flakebot.frameworks import (
    Framework,
    cargo_test,
    ctest,
    dotnet,
    go_test,
    googletest,
    gradle,
    maven_surefire,
    minitest,
    mozilla,
    nextest,
    phpunit,
    playwright,
    python_traceback,
    pytorch_run_test,
    rspec,
)
from flakebot.logs import read_lines
from flakebot.reading import classify
from flakebot.reading.rules import builtin
from flakebot.settings import Limits

MODULES: list[Framework] = [
    cargo_test,
    ctest,
    dotnet,
    go_test,
    googletest,
    gradle,
    maven_surefire,
    minitest,
    mozilla,
    nextest,
    phpunit,
    playwright,
    python_traceback,
    pytorch_run_test,
    rspec,
]
LOGS = sorted((Path(__file__).parent.parent / "fixtures" / "logs").glob("*.log"))
TEXTS = [
    "\n".join(line.text for line in read_lines([path.read_bytes()], Limits()) if not line.echoed)
    for path in LOGS
]
ROWS = sorted({row for text in TEXTS for row in text.split("\n")})


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
def test_a_gate_hides_nothing_of_a_recorded_log(module: Framework) -> None:
    """What is read of a log does not depend on the gate."""
    for text in TEXTS:
        assert read(module, text) == gated(module, text)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
@settings(max_examples=60)
@given(rows=st.lists(st.sampled_from(ROWS), max_size=40))
def test_a_gate_hides_nothing_of_lines_in_any_order(module: Framework, rows: list[str]) -> None:
    """Logs are cut, interleaved and hostile; nothing raises, and nothing is lost."""
    text = "\n".join(rows)
    assert read(module, text) == gated(module, text)


_SHORT = 200
"""Characters of a row; a longer one would grow beyond what a line may have."""

_COUNTS = re2.compile(r"(?i)\b(?:pass|fail|error|skip|test|run|retr|worker|pending|example|total)")


def _without_end(row: str) -> str:
    return re.sub(r"\d+", "9" * 5000, row) if _COUNTS.search(row) and len(row) < _SHORT else row


@pytest.mark.parametrize("text", TEXTS, ids=[path.stem for path in LOGS])
def test_a_number_without_end_costs_its_own_line_alone(text: str) -> None:
    """Python refuses to read one of more than 4,300 digits, and anybody can print it."""
    rows = text.split("\n")
    blown = "\n".join(map(_without_end, rows)).encode()
    assert classify.read_log("job", [blown], builtin(), Limits()).lines >= len(rows) - 1
