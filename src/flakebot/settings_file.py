"""The settings file of the current folder, for commands that read logs without a repository."""

from __future__ import annotations

import sys
from pathlib import Path

from flakebot import config, json_files, untrusted
from flakebot.errors import InputError
from flakebot.model import value
from flakebot.reading.project_rules import ProjectRules
from flakebot.settings import Settings

DEFAULT = Path(".github/flakebot.toml")


@value
class Project:
    """What a settings file says; `name` is empty when there is none."""

    settings: Settings
    rules: ProjectRules
    name: str = ""


def load(path: Path | None) -> Project:
    """Read a settings file, or the current folder's own if it has one.

    Raises:
        InputError: the file that was asked for is not there, or cannot be read.
        SettingsError: a setting is wrong.

    """
    text = read(path or DEFAULT)
    if text is None and path is not None:
        raise InputError(f"--config: there is no file {path}.")
    name = str(path or DEFAULT)
    return Project(
        settings=config.settings_from({}, text, path=name),
        rules=config.rules_from(text, path=name),
        name="" if text is None else name,
    )


def announce(project: Project) -> None:
    """Say on standard error which rules are left out."""
    for sentence in project.rules.faults:
        sys.stderr.write(untrusted.terminal(f"flakebot: {sentence}") + "\n")


def read(path: Path) -> str | None:
    """The text of a settings file, None when there is none; raises `InputError`."""
    content = json_files.read_bytes(path)
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
