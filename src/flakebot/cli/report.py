"""`flakebot report`: its options."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from flakebot.cli import given
from flakebot.errors import InputError


def report(
    target: Annotated[
        str,
        typer.Argument(help="OWNER/REPO or its address on GitHub, or a FOLDER in place of it."),
    ],
    *,
    accuracy: Annotated[
        bool, typer.Option("--accuracy", help="How often verdicts held, by kind and by rule.")
    ] = False,
    as_json: given.AsObject = False,
    now: given.Now = "",
    config: given.RepositoryConfig = None,
) -> int:
    """Show what the ledger says of flakebot itself: with --accuracy, how often its verdicts held.

    Held against what maintainers said of tests in comments, and what time has settled. Nothing is
    written.
    """
    from flakebot import report_command

    if not accuracy:
        raise InputError("Name what to report: --accuracy.")
    return report_command.accuracy(
        target,
        as_json=as_json,
        now=given.moment(now),
        settings=given.settings(config),
        environ=os.environ,
    )
