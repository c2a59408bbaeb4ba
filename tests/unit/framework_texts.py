"""Texts as a test framework prints them, read by its parser alone."""

from __future__ import annotations

from collections.abc import Sequence

import re2

from flakebot.frameworks import Framework
from flakebot.frameworks.reading import Reading
from flakebot.logs import Line


def read(module: Framework, text: str) -> Reading:
    """What a framework's parser understands of a text."""
    parser = module.parser()
    for number, row in enumerate(text.split("\n"), 1):
        parser.feed(Line(number, row))
    return parser.result()


def taken(module: Framework, text: str) -> list[str]:
    """The lines that a parser keeps for itself."""
    parser = module.parser()
    rows = enumerate(text.split("\n"), 1)
    return [row for number, row in rows if parser.feed(Line(number, row))]


def gated(module: Framework, text: str) -> Reading:
    """The same when it sees only what its gate lets through while it is not busy."""
    parser = module.parser()
    gate = re2.compile(module.GATE)  # type: ignore[attr-defined]  # optional in the protocol
    for number, row in enumerate(text.split("\n"), 1):
        if parser.busy or gate.search(row) is not None:  # type: ignore[attr-defined]  # likewise
            parser.feed(Line(number, row))
    return parser.result()


def outcomes(reading: Reading) -> dict[str, list[str]]:
    """Each test that did not simply pass, with its outcomes."""
    return {test.id: [status.value for status in test.outcomes] for test in reading.tests}


def reports(reading: Reading, test: str) -> list[tuple[str, Sequence[str]]]:
    """What is kept of one test: the kind of each block and its lines."""
    found = next(each for each in reading.tests if each.id == test)
    return [(block.kind, [line.text for line in block.lines]) for block in found.blocks]
