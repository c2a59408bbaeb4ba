"""Build the real readers and writers for a sweep on GitHub, or in a folder in its place."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from flakebot import config, pipeline, wiring
from flakebot.forges.folder import FolderForge
from flakebot.ledgers.folder import FolderLedger
from flakebot.retrying import Patience
from flakebot.settings import Limits


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
        forge = wiring.github_forge(server, api)
        text = forge.contents(config_path) if config_text is None else config_text
        settings = config.settings_from(given, text, path=config_path)
        api.limits = settings.limits
        if settings.bot_login:
            server = dataclasses.replace(server, bot_login=settings.bot_login)
            forge = wiring.github_forge(server, api)
        records = wiring.ledger(settings.history, api, forge.repository().full_name)
        return pipeline.sweep(forge, records, settings=settings, now=now, say=say)


def in_folder(
    folder: Path,
    *,
    apply: bool,
    now: datetime,
    config_text: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> pipeline.Swept:
    """Sweep a folder; its ledger is below it.

    Raises:
        FlakebotError: as `on_github`.

    """
    forge = FolderForge(folder, now=now, limits=Limits())
    text = forge.contents(wiring.SETTINGS_PATH) if config_text is None else config_text
    settings = config.settings_from({"dry_run": not apply}, text)
    return pipeline.sweep(forge, FolderLedger(folder), settings=settings, now=now, say=say)
