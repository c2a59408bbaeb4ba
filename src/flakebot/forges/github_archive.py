"""The archive of all logs of a run attempt: which member is which job's log.

At the top the archive has one text per job, `3_test (arm64).txt`, and beside these a folder per job
with a text per step, which repeat the same lines. GitHub leaves out characters of a job's name that
no file name may have, and cuts it at 90 UTF-16 units (cli/cli#5011, `getJobNameForLogFilename`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from flakebot.github_api import Download
from flakebot.github_api.zips import BROKEN, METHODS
from flakebot.github_objects import Job
from flakebot.keys import letters
from flakebot.model import value

ENTRIES = 100_000
"""256 jobs in a matrix with some hundred steps each; more is no archive of GitHub's."""

MEMORY_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
_NAME_UNITS = 90


class LogArchive:
    """An open archive; raises one of `BROKEN` when it is none.

    Args:
        download: the archive as it came.
        jobs: the jobs of the attempt that have a log.
        limit: bytes of one log that are read.
    """

    def __init__(self, download: Download, jobs: Sequence[Job], limit: int) -> None:
        self._zip = ZipFile(download.file)
        self._limit = limit
        infos = self._zip.infolist()
        if len(infos) > ENTRIES:
            raise BadZipFile(f"more than {ENTRIES} entries")
        self._members = match(infos, jobs)

    def has(self, job: Job) -> bool:
        """Whether the archive has a log that is this job's and no other's."""
        return job.id in self._members

    def read(self, job: Job) -> Download | None:
        """A job's log, unpacked and checked; None when the archive lacks it or it is damaged."""
        member = self._members.get(job.id)
        if member is None or member.compress_type not in METHODS:
            return None
        file: Any = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115  # the caller closes it
        try:
            with self._zip.open(member) as source:
                return Download(file=file, complete=_copy(source, file, self._limit))
        except BROKEN:
            file.close()
            return None


def match(infos: Iterable[ZipInfo], jobs: Sequence[Job]) -> Mapping[int, ZipInfo]:
    """Which member belongs to which job: by the name as GitHub writes it, else by its letters and
    digits.

    Jobs of one name are paired in their order when there are as many members, and left out
    otherwise: a wrong log is worse than none.
    """
    members = [member for info in infos if (member := _member(info))]
    found = _pair(members, jobs, str)
    taken = {info.filename for info in found.values()}
    others = [member for member in members if member.info.filename not in taken]
    return {**found, **_pair(others, (job for job in jobs if job.id not in found), letters)}


@value
class _Member:
    """A text at the top of the archive."""

    number: int
    name: str
    info: ZipInfo


def _member(info: ZipInfo) -> _Member | None:
    """A job's log in the archive, None for everything else."""
    number, underscore, name = info.filename.removesuffix(".txt").partition("_")
    is_top = "/" not in info.filename and info.filename.endswith(".txt")
    if not (is_top and underscore and number.removeprefix("-").isdecimal()):
        return None
    return _Member(number=int(number), name=name, info=info)


def _pair(
    members: Iterable[_Member], jobs: Iterable[Job], key: Callable[[str], str]
) -> dict[int, ZipInfo]:
    """Jobs and members whose names have the same key, where there are as many of both."""
    texts: dict[str, list[_Member]] = defaultdict(list)
    for member in sorted(members, key=lambda member: member.number):
        texts[key(member.name)].append(member)
    namesakes: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        namesakes[key(_cut(job.name))].append(job)
    return {
        job.id: member.info
        for name, group in namesakes.items()
        if len(group) == len(texts[name])
        for job, member in zip(group, texts[name], strict=True)
    }


def _cut(name: str) -> str:
    """The name as far as GitHub keeps it in a file name."""
    kept = "".join(character for character in name if character not in '/:<>|*?"\\')
    return kept.encode("utf-16-le")[: 2 * _NAME_UNITS].decode("utf-16-le", "ignore")


def _copy(source: IO[bytes], file: IO[bytes], limit: int) -> bool:
    """Unpack at most `limit` bytes; says whether that was all."""
    left = limit
    while left and (chunk := source.read(min(_CHUNK_BYTES, left))):
        file.write(chunk)
        left -= len(chunk)
    return left > 0 or not source.read(1)
