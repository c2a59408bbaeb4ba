"""`flakebot replay`: its options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from flakebot.cli import given


def replay(
    target: Annotated[
        str,
        typer.Argument(help="OWNER/REPO or its address on GitHub, or a FOLDER in place of it."),
    ],
    *,
    since: Annotated[
        str, typer.Option(help="Runs that began since: `30d`, `12h`, `4w`, or an ISO 8601 time.")
    ] = "30d",
    limit: Annotated[int, typer.Option(min=1, help="The newest runs; older ones are left out.")] = (
        1000
    ),
    logs: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Runs whose logs are read again with the rules of now, newest first; "
            "by default all in a folder, none on GitHub.",
        ),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Try this settings file: its verdicts are held against those by the "
            "repository's own settings.",
        ),
    ] = None,
    as_json: given.AsObject = False,
    now: given.Now = "",
) -> int:
    """Judge past runs again with the rules and settings of now, and show what changes.

    Each run is judged by what was known when it began, from the ledger. Nothing is written.
    """
    from flakebot import replay_command

    options = replay_command.Options(
        target=target, since=since, settings=settings, limit=limit, logs=logs, as_json=as_json
    )
    return replay_command.replay(options, now=given.moment(now), environ=os.environ)
