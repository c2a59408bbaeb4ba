"""Where `flakebot classify` gets logs from: files, folders, standard input, GitHub."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from flakebot import address
from flakebot.errors import InputError
from flakebot.github_objects import Job, Run, RunRef
from flakebot.model import JobLog, LogText, MissingLog
from flakebot.ports import Forge

ENDINGS = (".log", ".txt")
CHUNK = 1024 * 1024

Source = tuple[str, JobLog]


def logs(paths: Sequence[str], environ: Mapping[str, str]) -> Iterator[Source]:
    """Give the log of each path under its name, one after the other.

    Raises:
        InputError: an address has the wrong shape.

    """
    for path in paths:
        if path == "-":
            yield "-", LogText(chunks=_chunks(sys.stdin.buffer))
        elif "://" in path:
            yield from _from_github(path, environ)
        else:
            yield from _from_disk(Path(path))


def size(paths: Sequence[str]) -> int | None:
    """Bytes of the logs behind the paths; None where some are no local files."""
    if any(path == "-" or "://" in path for path in paths):
        return None
    return sum(map(size_of, (file for path in paths for file in _files(Path(path)))))


def size_of(file: Path) -> int:
    """Bytes of a local file; 0 of everything else."""
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0


def _files(path: Path) -> list[Path]:
    """The path itself, or the logs in it when it is a folder; what is gone meanwhile is left out.

    `os` answers no where `Path` raises: of a name too long, or a folder that cannot be listed.
    """
    if not os.path.isdir(path):  # noqa: PTH112  see above
        return [path]
    found = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    return sorted(f for f in found if f.suffix in ENDINGS and os.path.isfile(f))  # noqa: PTH113


def _from_disk(path: Path) -> Iterator[Source]:
    files = _files(path)
    if not files:
        yield (
            str(path),
            MissingLog(reason=f"the folder has no files ending in {', '.join(ENDINGS)}"),
        )
    for file in files:
        yield _file(file)


def _file(path: Path) -> Source:
    file = None
    try:
        file = path.open("rb")
        first = file.read(CHUNK)
    except OSError as error:
        if file is not None:
            file.close()
        return str(path), MissingLog(reason=error.strerror or "cannot be read")
    return str(path), LogText(chunks=_closing(first, file))


def _closing(first: bytes, file: BinaryIO) -> Iterator[bytes]:
    with file:
        yield first
        yield from _chunks(file)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """An unreadable rest ends the log; what was read is kept."""
    with suppress(OSError):
        yield from iter(lambda: file.read(CHUNK), b"")


def _from_github(text: str, environ: Mapping[str, str]) -> Iterator[Source]:
    from flakebot import wiring

    where = address.parse(text)
    server = wiring.named_server(where, environ)
    with wiring.github_api(server) as api:
        forge = wiring.github_forge(server, api)
        run = forge.run(RunRef(run_id=where.run_id, attempt=where.attempt))
        if where.job_id:
            jobs = [_job(where.job_id, where.attempt, run, forge)]
        else:
            jobs = [j for j in forge.jobs(run.id, run.run_attempt) if j.conclusion != "skipped"]
        attempt = jobs[0].run_attempt if where.job_id else run.run_attempt
        for job, log in forge.logs(run, attempt, jobs):
            yield f"{job.name} ({job.id})", log


def _job(job_id: int, attempt: int | None, run: Run, forge: Forge) -> Job:
    """A job of an attempt, else of any: the address that a browser shows names none."""
    for number in [attempt] if attempt else range(run.run_attempt, 0, -1):
        for job in forge.jobs(run.id, number):
            if job.id == job_id:
                return job
    where = f"attempt {attempt} of run {run.id}" if attempt else f"run {run.id}"
    raise InputError(f"There is no job {job_id} in {where}.")
