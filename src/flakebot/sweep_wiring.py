"""Build the real readers and writers for a sweep on GitHub, or in a folder in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from flakebot import pipeline, wiring
from flakebot.retrying import Patience


def on_github(
    server: wiring.Server,
    *,
    given: Mapping[str, object],
    config_path: str = wiring.SETTINGS_PATH,
    config_text: str | None = None,
    now: datetime,
    say: Callable[[str], None],
    patience: Patience | None = None,
) -> pipeline.Swept:
    """Sweep a repository on GitHub with the settings of its default branch.

    Raises:
        FlakebotError: the settings are broken (before any write), or the ledger cannot be read.

    """
    with wiring.github_api(server, patience) as api:
        place = wiring.on_github(
            api, server, given=given, config_path=config_path, config_text=config_text
        )
        return _swept(place, now, say)


def in_folder(
    folder: Path,
    *,
    apply: bool,
    now: datetime,
    config_path: str = wiring.SETTINGS_PATH,
    config_text: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> pipeline.Swept:
    """Sweep a folder; its ledger is below it.

    Raises:
        FlakebotError: as `on_github`.

    """
    place = wiring.in_folder(
        folder,
        now=now,
        given={"dry_run": not apply},
        config_path=config_path,
        config_text=config_text,
    )
    return _swept(place, now, say)


def _swept(place: wiring.Place, now: datetime, say: Callable[[str], None]) -> pipeline.Swept:
    return pipeline.sweep(place.forge, place.ledger, settings=place.settings, now=now, say=say)
