"""The page on `flakebot reproduce` says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from flakebot import cli
from flakebot.reproducing import output, store
from flakebot.reproducing.ending import Patience

PAGE = (Path(__file__).parents[2] / "docs" / "reproduce.md").read_text()
MIB = 1024 * 1024
PATIENCE = Patience(timeout=600)


def test_every_option_is_on_the_page() -> None:
    """And no option that is none."""
    command = typer.main.get_group(cli.app).commands["reproduce"]
    options = {name for each in command.params for name in each.opts if name.startswith("--")}
    listed = PAGE.split("## All options\n\n", 1)[1].splitlines()[0]
    assert set(re.findall(r"--[a-z-]+", listed)) == options


@pytest.mark.parametrize(
    "words",
    [
        f"after {PATIENCE.interrupt:.0f} s SIGTERM",
        f"after another {PATIENCE.terminate:.0f} s SIGKILL",
        f"within {PATIENCE.kill:.0f} s of SIGKILL",
        f"more than {(output.HEAD_BYTES + output.TAIL_BYTES) // MIB} MiB",
        f"less than {store.FREE_BYTES // MIB} MiB left",
    ],
)
def test_the_numbers_are_those_of_the_code(words: str) -> None:
    """A bound that changes changes here."""
    assert words in PAGE
