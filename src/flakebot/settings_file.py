"""Settings files on this machine: that of the current folder, for commands that read logs without a
repository, and those that a person names.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypedDict

from flakebot import config, json_files, untrusted
from flakebot.errors import InputError
from flakebot.model import value
from flakebot.reading.project_rules import ProjectRules
from flakebot.settings import Settings

DEFAULT = Path(config.PATH)


@value
class Project:
    """What a settings file says; `name` is empty when there is none."""

    settings: Settings
    rules: ProjectRules
    name: str = ""


class Chosen(TypedDict, total=False):
    """A file that a person named in place of the repository's own, as `wiring` takes it."""

    config_path: str
    config_text: str


def load(path: Path | None) -> Project:
    """Read a settings file, or the current folder's own if it has one.

    Raises:
        InputError: the file that was asked for is not there, or cannot be read.
        SettingsError: a setting is wrong.

    """
    text = _read(DEFAULT) if path is None else read(path)
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


def chosen(path: Path | None) -> Chosen:
    """The settings file that was named, nothing without one; raises `InputError`."""
    return Chosen() if path is None else Chosen(config_path=str(path), config_text=read(path))


def read(path: Path) -> str:
    """The text of a settings file; raises `InputError`, also when there is none."""
    text = _read(path)
    if text is None:
        raise InputError(f"There is no file {path}.")
    return text


def _read(path: Path) -> str | None:
    content = json_files.read_bytes(path)
    try:
        return None if content is None else content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
