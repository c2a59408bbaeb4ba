"""Gates let through whatever matters, on recorded logs and on their lines in any order."""

from __future__ import annotations

from pathlib import Path

import pytest
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
