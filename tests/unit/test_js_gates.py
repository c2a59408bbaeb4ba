"""The gates of unittest's and the JavaScript runners' formats, on every recorded log."""

from __future__ import annotations

from pathlib import Path

import pytest
import re2

from flakebot.frameworks import jest, mocha, node_test, unittest_text, vitest
from flakebot.logs import Reader
from flakebot.settings import Limits

LOGS = sorted((Path(__file__).parent.parent / "fixtures" / "logs").glob("*.log"))
MODULES = [unittest_text, jest, vitest, mocha, node_test]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
def test_lines_that_the_gate_leaves_out_change_nothing(module: object) -> None:
    """A parser that is shown only what its gate lets through reads the same, and few logs open."""
    assert isinstance(module, type(jest))
    gate = re2.compile(module.GATE)
    for path in LOGS:
        lines = Reader(Limits()).lines([path.read_bytes()])
        shown = [line for line in lines if not line.echoed]
        every, gated = module.parser(), module.parser()
        for line in shown:
            every.feed(line)
            if gated.busy or gate.search(line.text) is not None:
                gated.feed(line)
        assert every.result() == gated.result()
