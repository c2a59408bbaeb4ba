"""`flakebot sweep`: its options."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from flakebot.cli import given


def sweep(
    target: Annotated[
        str,
        typer.Argument(help="OWNER/REPO or its address on GitHub, or a FOLDER in place of it."),
    ],
    *,
    apply: given.Apply = False,
    as_json: given.AsReport = False,
    now: given.Now = "",
    config: given.RepositoryConfig = None,
) -> int:
    """Bring the tracking issues of a repository up to date; with --apply, write it.

    Closes issues of tests that have not failed for long enough to mean something, opens again what
    came back, draws texts anew, and keeps one issue that shows how all flaky tests stand.
    """
    from flakebot import sweep_command

    return sweep_command.sweep(
        target,
        apply=apply,
        as_json=as_json,
        now=given.moment(now),
        settings=given.settings(config),
        environ=os.environ,
    )
