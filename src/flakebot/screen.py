"""What a person sees at a terminal: nothing of a log moves, colours or hides in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from flakebot import untrusted

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from flakebot.changes import Plan, Receipt

_T = TypeVar("_T")


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


def show_plan(plan: Plan, receipts: Iterable[Receipt]) -> None:
    """Print a plan, and what of it could not be written."""
    from flakebot import planner

    for line in planner.describe(plan):
        print(line)
    for receipt in receipts:
        if not receipt.done:
            print(untrusted.terminal(f"not done: {receipt.reason}"))


def watched(items: Iterable[_T], what: str, total: int) -> Iterable[_T]:
    """The same items, with a bar on a terminal that says how many of them are there."""
    if not sys.stderr.isatty():
        return items
    from rich.markup import escape
    from rich.progress import track

    told = escape(untrusted.terminal(what))
    return track(items, told, total, console=_console(), transient=True)


@contextmanager
def bytes_read(total: Callable[[], int | None]) -> Iterator[Callable[[int], object]]:
    """A bar on a terminal that is told of more bytes; `total` is asked for only where one is."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_console(), transient=True) as progress:
        task = progress.add_task("", total=total())
        yield partial(progress.advance, task)


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True)
