"""`flakebot rules`: its commands and their options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from flakebot.cli import given

app = typer.Typer(
    help="Show and check the rules that tell what went wrong, and collect logs for them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def show(*, as_json: given.AsArray = False, config: given.FolderConfig = None) -> int:
    """Print every cause that can be named, in order of precedence."""
    from flakebot import rules_command

    return rules_command.show(given.project(config), as_json=as_json)


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Settings files; without any, the built-in rules and those of --config.",
        ),
    ] = None,
    *,
    config: given.FolderConfig = None,
    logs: Annotated[
        Path | None,
        typer.Option(help="A folder RULE/NAME.log each; by default tests/fixtures/rules."),
    ] = None,
) -> int:
    """Hold each rule to its examples and its logs; exit code 1 if one does not keep them."""
    from flakebot import rules_command, settings_file

    return rules_command.check(paths or (), settings_file.load(config), logs)


@app.command()
def pull(
    paths: given.Paths,
    *,
    rule: Annotated[
        list[str] | None,
        typer.Option("--rule", help="Only for this rule; may be given several times."),
    ] = None,
    output: Annotated[
        Path, typer.Option(help="The folder that RULE/NAME.log is written to; never over a file.")
    ] = Path("tests/fixtures/rules"),
    config: given.FolderConfig = None,
) -> int:
    """Cut from logs what shows the rules that won, as fixtures with secrets masked."""
    from flakebot import pull_command

    return pull_command.pull(paths, rule or (), output, given.project(config), os.environ)
