"""Put the outputs of several machines together."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from flakebot.errors import InputError
from flakebot.model import Problem
from flakebot.reproducing.store import Store, read_campaign, read_records
from flakebot.reproduction import lines
from flakebot.reproduction.iterations import Campaign, Iteration, Shard


def merge(
    folders: Sequence[Path], store: Store
) -> tuple[Campaign, tuple[Iteration, ...], tuple[Problem, ...]]:
    """All iterations of all folders, with their logs, in one output, and the lines that are none.

    Raises:
        InputError: a folder cannot be read or holds none, or they measure different things.
    """
    campaigns = [_campaign(folder) for folder in folders]
    for folder, campaign in zip(folders, campaigns, strict=True):
        reason = lines.difference(replace(campaigns[0], shard=campaign.shard), campaign)
        if reason:
            raise InputError(f"{folder} is of another campaign than {folders[0]} ({reason}).")
    whole = replace(
        campaigns[0],
        levels=tuple(dict.fromkeys(level for each in campaigns for level in each.levels)),
        iterations=max(each.iterations for each in campaigns),
        shard=Shard(),
        machine="; ".join(dict.fromkeys(each.machine for each in campaigns)),
    )
    known, problems = store.resume(whole)
    have = {iteration.key for iteration in known}
    for folder in folders:
        found, faults = read_records(folder)
        problems += faults
        stamped = _Stamped(folder)
        for iteration in found:
            if iteration.key not in have:
                have.add(iteration.key)
                try:
                    _adopt(folder, iteration, store, stamped)
                except OSError as error:
                    told = f"{folder} cannot be merged into {store.folder}: {error.strerror}."
                    raise InputError(told) from error
    return whole, read_records(store.folder)[0], problems


def _campaign(folder: Path) -> Campaign:
    found = read_campaign(folder)
    if found is None:
        raise InputError(f"{folder} is no output of `flakebot reproduce`.")
    return found


class _Stamped:
    """The outputs with time stamps of one folder, each found by its heading."""

    def __init__(self, folder: Path) -> None:
        self._logs = folder / "logs"
        self._parts: dict[Path, dict[str, tuple[int, int]]] = {}

    def write(self, iteration: Iteration, path: Path) -> None:
        """Write an iteration's output, nothing where there is none."""
        log = self._logs / lines.folder_name(iteration) / "full_output.log"
        if log not in self._parts:
            self._parts[log] = _parts(log)
        start, end = self._parts[log].get(lines.heading(iteration), (0, 0))
        with path.open("wb") as file:
            if end > start:
                with log.open("rb") as source:
                    source.seek(start)
                    file.write(source.read(end - start))  # bounded when it was taken


def _parts(log: Path) -> dict[str, tuple[int, int]]:
    """Where the output of each iteration begins and ends."""
    found: dict[str, tuple[int, int]] = {}
    if not log.exists():
        return found
    heading, start, end = "", 0, 0
    with log.open("rb") as file:
        for line in file:
            end += len(line)
            if line.startswith(lines.HEADING.encode()):
                found[heading] = (start, end - len(line))
                heading, start = line.decode(errors="replace").rstrip("\n"), end
    found[heading] = (start, end)
    return found


def _adopt(folder: Path, iteration: Iteration, store: Store, outputs: _Stamped) -> None:
    """Take over a record, with its logs where they are there."""
    logs = store.log_folder(iteration)
    source = folder / "logs" / logs.name / f"iter_{iteration.number}.log"
    log, stamped = logs / ".merged.log", logs / ".merged.stamped"
    log.write_bytes(b"")
    if source.exists():
        shutil.copyfile(source, log)
    outputs.write(iteration, stamped)
    store.add(iteration, log, stamped)
    stamped.unlink()
