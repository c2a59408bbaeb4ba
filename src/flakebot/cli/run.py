"""`flakebot run`: its options."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from flakebot.cli import given


def run(
    target: Annotated[
        str, typer.Argument(help="The address of a run on GitHub, or FOLDER/runs/RUN_ID.")
    ],
    *,
    attempt: Annotated[int | None, typer.Option(min=1, help="The attempt to stop at.")] = None,
    apply: given.Apply = False,
    as_json: given.AsReport = False,
    now: given.Now = "",
    config: given.RepositoryConfig = None,
) -> int:
    """Analyse one run and print the plan; with --apply, write it."""
    from flakebot import run_command

    return run_command.run(
        target,
        attempt=attempt,
        apply=apply,
        as_json=as_json,
        now=given.moment(now),
        settings=given.settings(config),
        environ=os.environ,
    )
