"""Options that several commands have, and what was given with them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flakebot.errors import InputError

if TYPE_CHECKING:
    from flakebot.settings_file import Chosen, Project

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...", help="Files, folders, `-`, or the address of a run or job on GitHub."
    ),
]

FolderConfig = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="A settings file; by default .github/flakebot.toml of this folder, if there is one.",
    ),
]

RepositoryConfig = Annotated[
    Path | None,
    typer.Option("--config", help="A settings file to use instead of the repository's own."),
]

Apply = Annotated[bool, typer.Option("--apply", help="Write what the plan says.")]

AsReport = Annotated[bool, typer.Option("--json", help="Print the JSON report.")]

AsObject = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

AsArray = Annotated[bool, typer.Option("--json", help="Print one JSON array.")]

Now = Annotated[
    str, typer.Option(help="The time that counts as now, ISO 8601, for repeatable output.")
]

FIRST_YEAR, LAST_YEAR = 2000, 9000
"""A window of ten years before or after fits into what a date can be."""


def project(config: Path | None) -> Project:
    """The settings and rules that hold in this folder; rules that are left out are named."""
    from flakebot import settings_file

    found = settings_file.load(config)
    settings_file.announce(found)
    return found


def settings(config: Path | None) -> Chosen:
    """The settings file that was named, nothing without one; raises `InputError`."""
    from flakebot import settings_file

    return settings_file.chosen(config)


def moment(now: str) -> datetime:
    """The time that counts as now: the one given, else the clock's; raises `InputError`."""
    if not now:
        return datetime.now(UTC)  # the entry layer reads the clock
    try:
        given = datetime.fromisoformat(now)
    except ValueError as error:
        raise InputError(f"--now: {now!r} is no ISO 8601 time.") from error
    if not FIRST_YEAR <= given.year <= LAST_YEAR:
        raise InputError(f"--now: {now!r} is not between {FIRST_YEAR} and {LAST_YEAR}.")
    return given if given.tzinfo else given.replace(tzinfo=UTC)
