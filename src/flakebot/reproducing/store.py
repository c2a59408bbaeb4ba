"""The output folder: records, logs and lists, written so that a crash at any moment loses nothing.

An iteration exists when its record does: the line in `iterations.jsonl` is written last and forced
to disk. Everything else is either replaced in one step or cut back to the records on resume.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import threading
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from flakebot import json_files
from flakebot.errors import InputError
from flakebot.model import Problem
from flakebot.reproduction import commands, lines
from flakebot.reproduction import iterations as records
from flakebot.reproduction.iterations import Campaign, Iteration

CAMPAIGN, RECORDS, RESULTS, LOCK = "campaign.json", "iterations.jsonl", "results.txt", ".lock"
PLUGIN = "plugin"

FREE_BYTES = 256 * 1024 * 1024
"""Below this an iteration might fail by the disk, and its failure would be taken for a flake."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Reasons of a failed write that room mends: disk, quota, and the limit of one file."""

_BLOCK = 1024 * 1024
_MOST = 4 * 1024 * 1024 * 1024
"""Bytes of records that are read: millions of iterations."""


class Store:
    """One output folder, for one flakebot at a time.

    Args:
        folder: where everything goes; made when it is missing.

    Raises:
        InputError: it cannot be written, holds something else, or another flakebot writes to it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._writing = threading.Lock()
        try:
            _check(self.folder)
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.folder / LOCK)
        except BlockingIOError as error:
            raise InputError(f"Another flakebot writes to {folder}.") from error
        except OSError as error:
            raise InputError(f"{folder} cannot be written: {error.strerror}.") from error
        self.mark = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._lock.close()  # another flakebot may come in

    def resume(self, campaign: Campaign) -> tuple[tuple[Iteration, ...], tuple[Problem, ...]]:
        """What earlier runs of the same campaign finished; notes the campaign.

        Raises:
            InputError: the folder holds results of another command.
        """
        earlier = read_campaign(self.folder)
        found, problems = read_records(self.folder)
        if earlier and found and (reason := lines.difference(earlier, campaign)):
            raise InputError(
                f"{self.folder} holds the results of another command ({reason}); "
                "name another folder with --output."
            )
        json_files.write(self.folder / CAMPAIGN, campaign)
        self._cut_back(found)
        return found, problems

    def install_plugin(self) -> None:
        """Put the pytest plug-in where tests, perhaps in a container, can load it."""
        name = f"{commands.PLUGIN}.py"
        source = resources.files("flakebot") / "resources" / "reproduce" / name
        json_files.replace(self.folder / PLUGIN / name, source.read_bytes())

    def log_folder(self, iteration: Iteration) -> Path:
        """Where the logs of the iteration's level and variant are.

        Raises:
            InputError: it cannot be made.
        """
        folder = self.folder / "logs" / lines.folder_name(iteration)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritten(self.folder, error) from error
        return folder

    def add(self, iteration: Iteration, log: Path, stamped: Path) -> None:
        """Keep an iteration with its two logs, which are moved and appended.

        Raises:
            InputError: the disk is full, or the folder is gone.
        """
        with self._writing:
            try:
                folder = self.log_folder(iteration)
                log.replace(folder / f"iter_{iteration.number}.log")
                _append_log(folder / "full_output.log", lines.heading(iteration), stamped)
                _append(self.folder / RECORDS, records.encode(iteration), sync=True)
                _append(self.folder / RESULTS, f"{lines.result(iteration)}\n".encode())
            except OSError as error:
                raise unwritten(self.folder, error) from error

    def check_room(self) -> None:
        """Whether there is room for another iteration.

        Raises:
            InputError: there is not.
        """
        free = shutil.disk_usage(self.folder).free
        if free < FREE_BYTES:
            raise InputError(
                f"{self.folder} has {free // 2**20} MiB left, too little for another iteration: "
                "make room, then start the same command again."
            )

    def write_text(self, name: str, text: str) -> None:
        """Replace one of the report's files in one step."""
        json_files.replace(self.folder / name, text.encode())

    def _cut_back(self, found: Sequence[Iteration]) -> None:
        """Take out of the lists what a crash left behind without a record."""
        path = self.folder / RECORDS
        if path.exists():
            json_files.replace(path, b"".join(map(records.encode, found)))
        text = "".join(f"{lines.result(each)}\n" for each in found)
        json_files.replace(self.folder / RESULTS, text.encode())
        for unfinished in (self.folder / "logs").glob("*/.*"):
            unfinished.unlink()
        for folder in {self.log_folder(each) for each in found}:
            mine = [each for each in found if self.log_folder(each) == folder]
            _cut_log(folder / "full_output.log", {lines.heading(each) for each in mine})


def _locked(path: Path) -> IO[bytes]:
    """The file, locked until it is closed; a flakebot that is killed holds nothing."""
    file = path.open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file


def _check(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / LOCK).exists():
        raise InputError(f"{folder} holds something else; name another folder with --output.")


def read_campaign(folder: Path) -> Campaign | None:
    """What an output folder's iterations were asked for, None when it has none.

    Raises:
        InputError: it cannot be read, or was written by a newer flakebot.
    """
    return json_files.read(folder, CAMPAIGN, Campaign)


def read_records(folder: Path) -> tuple[tuple[Iteration, ...], tuple[Problem, ...]]:
    """The iterations of an output folder, and the lines that are none.

    Raises:
        InputError: the file cannot be read.
    """
    path = folder / RECORDS
    if not path.exists():
        return (), ()
    try:
        with path.open("rb") as file:
            return records.decode(str(path), file.read(_MOST))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def unwritten(folder: Path, error: OSError) -> InputError:
    """The sentence for a write that failed."""
    room = "make room, then " if error.errno in _FULL else ""
    return InputError(
        f"{folder} cannot be written: {error.strerror}. Nothing finished is lost: "
        f"{room}start the same command again."
    )


def _append(path: Path, content: bytes, *, sync: bool = False) -> None:
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        if sync:
            os.fsync(file.fileno())


def _append_log(path: Path, heading: str, stamped: Path) -> None:
    with path.open("ab") as file, stamped.open("rb") as source:
        file.write(f"{heading}\n".encode())
        shutil.copyfileobj(source, file)


def _cut_log(path: Path, headings: set[str]) -> None:
    """Cut the last iteration off a log when it has no record: a crash came between the two.

    Output has a time stamp before each line, so no test can print a heading.
    """
    if not path.exists():
        return
    with path.open("r+b") as file:
        file.truncate(_last(b"\n", file) + 1)
        start = _last(f"\n{lines.HEADING}".encode(), file) + 1
        file.seek(start)
        if file.readline().decode(errors="replace").rstrip("\n") not in headings:
            file.truncate(start)


def _last(mark: bytes, file: IO[bytes]) -> int:
    """Where the mark is for the last time, -1 when it is nowhere."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        at = file.read(end - start + len(mark)).rfind(mark)
        if at >= 0:
            return start + at
        end = start
    return -1
