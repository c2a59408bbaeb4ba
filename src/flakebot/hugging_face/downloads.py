"""Downloads repositories of Hugging Face with its official client, our back-off around it.

One process at a time per cache: a matrix of workers on one machine would otherwise all download the
same files. Files that an interrupted process had loaded are kept; a half one is begun anew, since
version 2 of the client names it for its process
(https://github.com/huggingface/huggingface_hub/pull/4228). Afterwards every file is loaded from the
cache in offline mode, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal

import msgspec
import re2

from flakebot.errors import DownloadError, InputError
from flakebot.hugging_face.bounded import LateError, within
from flakebot.hugging_face.failures import failure_of
from flakebot.hugging_face.offline import Kind, Question
from flakebot.model import value
from flakebot.retrying import Patience, TryAgainError
from flakebot.secrets_mask import mask
from flakebot.wording import plural

FIRST_SECONDS = 2.0
"""Of the first pause, as when flakebot asks again for what a log names."""

LOCK = ".flakebot-fetch.lock"
REQUEST_SECONDS = 10.0
CHECK_SECONDS = 600.0
"""Of the offline check: it opens no file, so a repository with thousands takes seconds."""

SLOWEST = 100_000
"""Bytes a second of a download as a whole: what is slower hangs, though a byte comes at times."""

UNKNOWN_BYTES = 10_000_000_000
"""Of a file whose size a mirror does not tell: that of the largest ones."""

ABANDONED_SECONDS = 3600.0
"""Without a byte; the client itself gives up after ten seconds."""

_ABANDONED = re2.compile(r".*\.[0-9a-f]{8}\.incomplete")
_NAME = re2.compile(
    r"(?P<repository>[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)?)"
    r"(?:@(?P<revision>[A-Za-z0-9][A-Za-z0-9._/-]{0,200}))?"
)
_INSTALL = "`flakebot fetch` needs Hugging Face's client: `pip install 'flakebot[fetch]'`."


@value
class Wanted:
    """A repository at a revision."""

    repository: str
    revision: str = "main"
    kind: Kind = "model"

    def __str__(self) -> str:
        return f"{self.repository}@{self.revision}"


@value
class Size:
    """The files of a repository that are wanted, with their bytes; -1 when unknown."""

    commit: str
    files: Mapping[str, int]

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(size for size in self.files.values() if size > 0)

    @property
    def seconds(self) -> int:
        """That they take at most, in whole seconds."""
        return sum(UNKNOWN_BYTES if size < 0 else size for size in self.files.values()) // SLOWEST


@value
class Downloaded:
    """A repository in the cache; `tries` counts the downloads begun, `seconds` the waiting."""

    repository: str
    revision: str
    commit: str
    path: str
    files: int
    bytes: int
    tries: int
    seconds: float


Watch = Callable[[Wanted, Size, Path], AbstractContextManager[None]]
"""Shows the progress of one download: what is wanted, how much, and the folder that grows."""


def wanted(text: str, kind: Literal["model", "dataset", "space"] = "model") -> Wanted:
    """Read `MODEL[@REVISION]`; raises `InputError`."""
    match = _NAME.fullmatch(text)
    if match is None or ".." in text:
        raise InputError(f"{text[:100]!r} is not OWNER/NAME or OWNER/NAME@REVISION.")
    parts = match.groupdict()
    return Wanted(repository=parts["repository"], revision=parts["revision"] or "main", kind=kind)


def prepared() -> Path:
    """Make the client keep its own progress bars to itself; return its cache, by HF_HUB_CACHE or
    HF_HOME.

    Raises:
        DownloadError: the client is not installed.

    """
    try:
        import filelock  # noqa: F401  # needed later, so asked for now
        from huggingface_hub import constants
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ImportError as error:
        raise DownloadError(_INSTALL) from error
    disable_progress_bars()
    return Path(constants.HF_HUB_CACHE)


@contextmanager
def locked(cache: Path, *, seconds: float, say: Callable[[str], None]) -> Iterator[None]:
    """Keep other processes from downloading into the cache, after waiting for them.

    Raises:
        DownloadError: another one holds the lock for longer, or the cache cannot be written.

    """
    import filelock

    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(cache / LOCK)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            say(f"Another process downloads into {cache}; waiting for it.")
            lock.acquire(timeout=seconds)
    except filelock.Timeout as error:
        raise DownloadError(
            f"Another process has been downloading into {cache} for {seconds:g} s;"
            " wait for it, or raise --lock-seconds."
        ) from error
    except OSError as error:
        raise DownloadError(f"The cache {cache} cannot be written: {error}.") from error
    try:
        yield
    finally:
        lock.release()


class Downloader:
    """Downloads one repository after the other within one budget of waiting.

    Args:
        cache: the folder of the client's cache.
        environ: for the process of the offline check.
        patience: the seconds for all waiting.
        tries: downloads begun per repository.
        now: seconds since the epoch.
        include: globs over paths in the repository; empty for all files.
        say: takes a line about what is being waited for.
    """

    def __init__(
        self,
        cache: Path,
        *,
        environ: Mapping[str, str],
        patience: Patience,
        tries: int,
        now: float,
        include: Sequence[str] = (),
        say: Callable[[str], None],
    ) -> None:
        self._cache = cache
        self._environ = environ
        self._patience = patience
        self._tries = tries
        self._now = now
        self._include = list(include) or None
        self._say = say
        self._begun = 0
        self.abandoned = False
        """Whether a request was given up, whose threads nothing can end."""

    def fetch(self, repository: Wanted, watch: Watch) -> Downloaded:
        """Download a repository and prove that it loads offline.

        Raises:
            DownloadError: what failed, and what helps.

        """
        self._begun, before = 0, self._patience.left
        self._sweep(repository)
        size, path = self._patience.call(
            lambda: self._attempt(repository, watch), tries=self._tries, first=FIRST_SECONDS
        )
        self._prove(repository, size)
        return Downloaded(
            repository=repository.repository,
            revision=repository.revision,
            commit=size.commit,
            path=path,
            files=len(size.files),
            bytes=size.bytes,
            tries=self._begun,
            seconds=round(before - self._patience.left, 1),
        )

    def _attempt(self, repository: Wanted, watch: Watch) -> tuple[Size, str]:
        allowed = round(max(self._patience.left, REQUEST_SECONDS))
        self._begun += 1
        try:
            size = within(allowed, lambda: self._size(repository))
            allowed += size.seconds
            with watch(repository, size, self._folder(repository)):
                return size, within(allowed, lambda: self._loaded(repository))
        except DownloadError:
            raise
        except LateError as error:
            self.abandoned = True
            self._patience.left -= allowed
            told = f"{repository}: {error}; given up, what was loaded is kept."
            raise DownloadError(told) from error
        except Exception as error:
            raise self._failed(repository, error) from error

    def _loaded(self, repository: Wanted) -> str:
        """The path of its files in the cache."""
        from huggingface_hub import snapshot_download

        return snapshot_download(
            repository.repository,
            revision=repository.revision,
            repo_type=repository.kind,
            cache_dir=self._cache,
            allow_patterns=self._include,
        )

    def _size(self, repository: Wanted) -> Size:
        """What will be downloaded, in one request of the API."""
        from huggingface_hub import HfApi
        from huggingface_hub.utils import (  # type: ignore[attr-defined]  # exported, not typed
            filter_repo_objects,
        )

        info = HfApi().repo_info(
            repository.repository,
            revision=repository.revision,
            repo_type=repository.kind,
            files_metadata=True,
            timeout=REQUEST_SECONDS,
        )
        listed = getattr(info, "siblings", None) or ()
        files = {each.rfilename: -1 if each.size is None else each.size for each in listed}
        names = filter_repo_objects(files, allow_patterns=self._include)
        chosen = {name: files[name] for name in names}
        if not chosen:
            told = f" that matches {', '.join(self._include)}" if self._include else ""
            raise DownloadError(f"{repository}: it has no file{told}.")
        return Size(commit=info.sha or "", files=chosen)

    def _folder(self, repository: Wanted) -> Path:
        """Where the client keeps the contents of a repository's files."""
        name = repository.repository.replace("/", "--")
        return self._cache / f"{repository.kind}s--{name}" / "blobs"

    def _sweep(self, repository: Wanted) -> None:
        """Remove half files of processes that were killed, which nobody can go on with."""
        for path in self._folder(repository).glob("*.incomplete"):
            try:
                old = self._now - path.stat().st_mtime > ABANDONED_SECONDS
                if old and _ABANDONED.fullmatch(path.name):
                    path.unlink()
            except OSError:  # gone meanwhile, or not ours
                continue

    def _failed(self, repository: Wanted, error: Exception) -> Exception:
        """The same failure for our back-off, or for the user."""
        failure = failure_of(error)
        if failure is None:
            return DownloadError(f"{repository}: {type(error).__name__}: {mask(str(error))[:300]}")
        reason = mask(failure.reason).rstrip(".")
        if not failure.transient:
            return DownloadError(f"{repository}: {reason}.")
        if failure.after is not None:
            reason += f", and asks to wait {failure.after:.0f} s"
        self._say(f"{repository}: {reason} (try {self._begun} of {self._tries})")
        tries = plural(self._begun, "try", "tries")
        told = f"{repository}: {reason}; given up after {tries}, what was loaded is kept."
        return TryAgainError(DownloadError(told), after=failure.after)

    def _prove(self, repository: Wanted, size: Size) -> None:
        """Load every file from the cache in offline mode."""
        question = Question(
            repository=repository.repository,
            revision=repository.revision,
            kind=repository.kind,
            cache=str(self._cache),
            files=dict(size.files),
        )
        try:
            done = subprocess.run(
                [sys.executable, "-m", "flakebot.hugging_face.offline"],
                input=msgspec.json.encode(question),
                capture_output=True,
                env={**self._environ, "HF_HUB_OFFLINE": "1"},
                timeout=CHECK_SECONDS,
                check=True,
            )
            missing = msgspec.json.decode(done.stdout, type=list[str])
        except (subprocess.SubprocessError, OSError, msgspec.MsgspecError) as error:
            raise DownloadError(f"{repository}: the offline check did not run: {error}.") from error
        if missing:
            shown = ", ".join(missing[:3])
            raise DownloadError(
                f"{repository}: {len(missing)} of {len(size.files)} files cannot be loaded offline"
                f" ({shown}); delete {self._folder(repository).parent} and fetch it again."
            )
