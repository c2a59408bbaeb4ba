"""The files of a folder in place of GitHub, and what is read of all of them alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from flakebot import json_files
from flakebot.errors import GitHubError, InputError, PartialReadError
from flakebot.forges import texts
from flakebot.github_objects import ACTIONS_BOT, Repository
from flakebot.settings import Limits

MAX_BODY = 65_536
"""Of an issue or a comment (https://docs.github.com/en/rest/issues)."""

T = TypeVar("T")
Object = dict[str, Any]
"""One of GitHub's JSON objects, with the fields flakebot does not know."""


class FolderFiles:
    """The part of a folder that every other one rests on.

    Args:
        root: the folder of the contract, §8.
        now: the time of every write.
        limits: bounds on what is read.
    """

    def __init__(self, root: Path, *, now: datetime, limits: Limits) -> None:
        self.root = root
        self.now = now
        self.limits = limits

    def bot(self) -> str:
        """The login of the token that GitHub gives to a workflow."""
        return ACTIONS_BOT

    def repository(self) -> Repository:
        """The repository of `repository.json`, the one file beside the run that must exist."""
        return self._repository

    @cached_property
    def _repository(self) -> Repository:
        found = self._read("repository.json", Repository)
        if found is None:
            raise InputError(f"{self.root} has no repository.json, so it is no saved repository.")
        return found

    def _path(self, name: str) -> Path:
        return json_files.inside(self.root, name)

    def _read(self, name: str, kind: type[T]) -> T | None:
        return json_files.read(self.root, name, kind)

    def _write(self, name: str, data: object) -> None:
        json_files.write(self._path(name), data)

    def _complete(self, what: str, read: Callable[[], Sequence[T]]) -> Sequence[T]:
        """A list that must be whole, because writes rest on it."""
        try:
            return read()
        except InputError as error:
            raise PartialReadError(f"The {what} could not all be read: {error}") from error

    def _numbers(self, folder: str) -> Sequence[int]:
        """The numbers of `NUMBER.json` in a folder, in order."""
        stems = (path.stem for path in (self.root / folder).glob("*.json"))
        return sorted(int(stem) for stem in stems if stem.isascii() and stem.isdecimal())

    def _url(self) -> str:
        repository = self.repository()
        return repository.html_url or f"https://github.com/{repository.full_name}"

    def _time(self) -> str:
        return texts.stamp(self.now)


def refuse_longer(field: str, text: str, limit: int) -> None:
    """GitHub's answer to a text that is too long."""
    if len(text) > limit:
        raise GitHubError(
            f"Validation Failed: {field} is too long (maximum is {limit} characters).", status=422
        )
