"""`flakebot explain`: its options."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from flakebot.cli import given


def explain(
    target: Annotated[
        str,
        typer.Argument(
            help="A run: its address on GitHub, or FOLDER/runs/RUN_ID. "
            "A log: a file, a folder, `-`, or the address of a job."
        ),
    ],
    test: Annotated[
        str, typer.Argument(help="A test's id, or a part of it that names only one.")
    ] = "",
    *,
    as_json: given.AsObject = False,
    config: given.FolderConfig = None,
) -> int:
    """Show why the failures of a run were judged as they were, or why a log was read as it was.

    A run on record is judged from the ledger, as of its own time, also when its logs are gone.
    """
    from flakebot import explain_command, verdict_command

    if verdict_command.is_run(target):
        return verdict_command.explain(
            target,
            test,
            as_json=as_json,
            now=given.moment(""),
            settings=given.settings(config),
            environ=os.environ,
        )
    project = given.project(config)
    return explain_command.explain(target, test, project, os.environ, as_json=as_json)
