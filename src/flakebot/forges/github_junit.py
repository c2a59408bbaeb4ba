"""JUnit files among a run's artifacts. They come from strangers: nothing is unpacked to disk, and
names, numbers and sizes are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zipfile import BadZipFile, ZipFile

from flakebot.errors import GitHubError, NotFoundError
from flakebot.github_api import Api, Download, Task
from flakebot.github_api.zips import BROKEN, METHODS
from flakebot.github_objects import Run
from flakebot.keys import letters
from flakebot.model import JUnitFile, MissingJUnit, value

FILES = 1_000
"""XML files that are read of one artifact."""

_TASK = Task(doing="read the run's artifacts", permission="actions: read", named=True)
_WORDS = ("junit", "pytest", "test", "report")
_NOT = ("allure", "coverage", "playwright")


@value
class Artifact:
    """An artifact as GitHub lists it."""

    id: int
    name: str
    size_in_bytes: int = 0
    expired: bool = False


@value
class _Page:
    total_count: int
    artifacts: tuple[Artifact, ...]


def read_junit(
    api: Api, repository: str, run: Run, names: Sequence[str]
) -> Iterator[JUnitFile | MissingJUnit]:
    """The XML files of the artifacts that look like test results, the wanted ones first."""
    base = f"/repos/{repository}/actions"
    pages = api.pages(f"{base}/runs/{run.id}/artifacts", _Page, _TASK)
    artifacts = [artifact for page in pages for artifact in page.artifacts]
    chosen, most = choose(artifacts, names), api.limits.artifacts
    for artifact in chosen[:most]:
        yield from _read(api, f"{base}/artifacts/{artifact.id}/zip", artifact)
    left = sum(_rank(artifact, names) < len(names) for artifact in chosen[most:])
    if left:
        reason = f"{left} more of failed jobs are left out: `artifacts` of `[limits]` is {most}"
        yield MissingJUnit(artifact="artifacts", reason=reason)


def choose(artifacts: Sequence[Artifact], names: Sequence[str]) -> Sequence[Artifact]:
    """Those that look like test results by their names; first those that name a wanted job."""
    return sorted(filter(_looks_right, artifacts), key=lambda each: _rank(each, names))


def _rank(artifact: Artifact, names: Sequence[str]) -> int:
    """Which of the wanted jobs its name holds, as many as there are when none."""
    name = letters(artifact.name)
    named = (n for n, wanted in enumerate(names) if letters(wanted) and letters(wanted) in name)
    return next(named, len(names))


def _looks_right(artifact: Artifact) -> bool:
    name = artifact.name.casefold()
    return any(word in name for word in _WORDS) and not any(word in name for word in _NOT)


def _read(api: Api, path: str, artifact: Artifact) -> Iterator[JUnitFile | MissingJUnit]:
    limit = api.limits.artifact_bytes
    if artifact.expired:
        yield _missing(artifact, "GitHub has deleted the artifact: its time is over")
        return
    if artifact.size_in_bytes > limit:
        yield _missing(artifact, f"the artifact is larger than {limit} bytes")
        return
    try:
        with api.download(path, _TASK, limit=limit) as download:
            yield from _unpack(download, artifact, limit)
    except GitHubError as error:
        yield _missing(artifact, str(error), passing=error.passing)
    except NotFoundError as error:
        yield _missing(artifact, str(error))
    except BROKEN as error:
        yield _missing(artifact, f"the artifact is no readable zip file ({error})")


def _unpack(
    download: Download, artifact: Artifact, limit: int
) -> Iterator[JUnitFile | MissingJUnit]:
    """Read the XML files by name until the limit of bytes is used up."""
    if not next(download.chunks(), b""):
        raise GitHubError("the artifact came without a byte", passing=True)
    if not download.complete:
        raise BadZipFile(f"larger than {limit} bytes")
    left = limit
    with ZipFile(download.file) as archive:
        infos = [info for info in archive.infolist() if info.filename.casefold().endswith(".xml")]
        if any(info.compress_type not in METHODS for info in infos):
            raise BadZipFile("packed as GitHub packs nothing")
        names = [info.filename for info in infos]
        for name in names[:FILES]:
            with archive.open(name) as source:
                content = source.read(left + 1)
            if len(content) > left:
                yield _missing(artifact, f"its XML files are larger than {limit} bytes together")
                return
            left -= len(content)
            yield JUnitFile(artifact=artifact.name, name=name, content=content)
    if len(names) > FILES:
        yield _missing(artifact, f"only {FILES} of its {len(names)} XML files were read")


def _missing(artifact: Artifact, reason: str, *, passing: bool = False) -> MissingJUnit:
    return MissingJUnit(artifact=artifact.name, reason=reason, passing=passing)
