"""Put the outputs of several machines together."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from flakebot.errors import InputError
from flakebot.reproducing.store import Store, read_campaign, read_records
from flakebot.reproduction import lines
from flakebot.reproduction.iterations import Campaign, Iteration, Shard


def merge(folders: Sequence[Path], store: Store) -> tuple[Campaign, tuple[Iteration, ...]]:
    """All iterations of all folders, with their logs, in one output.

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
    known, _ = store.resume(whole)
    have = {iteration.key for iteration in known}
    for folder in folders:
        for iteration in read_records(folder)[0]:
            if iteration.key not in have:
                have.add(iteration.key)
                _adopt(folder, iteration, store)
    return whole, read_records(store.folder)[0]


def _campaign(folder: Path) -> Campaign:
    found = read_campaign(folder)
    if found is None:
        raise InputError(f"{folder} is no output of `flakebot reproduce`.")
    return found


def _adopt(folder: Path, iteration: Iteration, store: Store) -> None:
    """Take over a record, with its log where it is there."""
    logs = store.log_folder(iteration)
    source = folder / "logs" / logs.name / f"iter_{iteration.number}.log"
    log, stamped = logs / ".merged.log", logs / ".merged.stamped"
    log.write_bytes(b"")
    if source.exists():
        shutil.copyfile(source, log)
    stamped.write_bytes(b"")
    store.add(iteration, log, stamped)
    stamped.unlink()
