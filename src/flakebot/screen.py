"""What a person sees at a terminal: nothing of a log moves, colours or hides in it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flakebot import untrusted

if TYPE_CHECKING:
    from rich.text import Text


def say(text: str) -> None:
    """Print one line of progress, on standard error."""
    print(untrusted.terminal(text), file=sys.stderr, flush=True)


def styled(*parts: tuple[str, str]) -> Text:
    """One line of pieces, each with its style."""
    from rich.text import Text  # commands that only `say` start without it

    return Text.assemble(*((untrusted.terminal(text), style) for text, style in parts))


def show(lines: Iterable[Text], *, cut: bool = False) -> None:
    """Print such lines on standard output; `cut` to the width of a terminal, else whole."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    for line in lines:
        if cut and console.is_terminal:
            line.truncate(console.width, overflow="ellipsis")
        console.print(line, soft_wrap=True)
