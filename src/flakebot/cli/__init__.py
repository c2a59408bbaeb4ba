"""The command line: data on standard output, progress on standard error.

Each command's options stand in the module of its name here, which imports what does the work only
when the command runs: `flakebot --help` reads no log.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from flakebot import __version__
from flakebot.cli import (
    classify,
    demo,
    explain,
    fetch,
    replay,
    report,
    reproduce,
    rules,
    run,
    sweep,
)


class _Commands(TyperGroup):
    """The commands; typer ends one that is interrupted without a word."""

    def invoke(self, ctx: Any) -> Any:  # of typer's own kinds
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print("flakebot: interrupted", file=sys.stderr)
            raise


app = typer.Typer(
    name="flakebot",
    cls=_Commands,
    help="Track, explain and reproduce flaky tests of GitHub Actions workflows.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0, or 2 for wrong usage; errors are raised."""
    try:
        code = app(list(arguments), standalone_mode=False, prog_name="flakebot")
    except typer.Exit as done:
        return done.exit_code
    except typer.TyperException as error:
        asked = getattr(error, "ctx", None)  # wrong usage knows the command that was asked for
        command = asked.command_path if asked else "flakebot"
        told = error.format_message()
        if not told.startswith("Usage: "):  # where only a command is missing it is the help itself
            told = f"flakebot: {told}\n`{command} --help` says what it takes."
        print(told, file=sys.stderr)
        return error.exit_code
    return int(code or 0)


def _version(value: bool) -> None:  # noqa: FBT001  # the shape typer calls
    if value:
        print(f"flakebot {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Track, explain and reproduce flaky tests of GitHub Actions workflows."""


@app.command()
def action() -> int:
    """Run as a step of a workflow: the container's entry point."""
    from flakebot import action as step

    return step.main(os.environ)


app.command()(classify.classify)
app.command()(run.run)
app.command()(sweep.sweep)
app.command()(reproduce.reproduce)
app.command()(explain.explain)
app.command()(replay.replay)
app.command()(report.report)
app.command()(fetch.fetch)
app.command()(demo.demo)
app.add_typer(rules.app, name="rules")
