"""`flakebot fetch`: models in the cache before the tests start."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from flakebot import screen, untrusted
from flakebot.errors import EXPECTED, DownloadError
from flakebot.hugging_face import downloads
from flakebot.hugging_face.downloads import Downloaded, Downloader, Size, Wanted
from flakebot.hugging_face.offline import Kind
from flakebot.retrying import Patience
from flakebot.wording import plural

TERMINAL_SECONDS = 0.2
LINE_SECONDS = 15.0
"""Between two lines of progress where there is no terminal, as in a job's log."""


def fetch(  # noqa: PLR0913  # the options of the command, all of them by keyword
    models: Sequence[str],
    *,
    include: Sequence[str],
    kind: Kind,
    cache: Path | None,
    attempts: int,
    seconds: int,
    lock_seconds: int,
    as_json: bool,
    environ: Mapping[str, str],
    now: datetime,
) -> int:
    """Download each model, one after the other, and prove that each loads offline.

    Raises:
        InputError: a name is no name.
        DownloadError: one or more could not be downloaded; the others were.

    """
    wanted = [downloads.wanted(model, kind) for model in dict.fromkeys(models)]
    _stop_at_once()
    default = downloads.prepared()
    folder = cache or default
    console = Console(stderr=True)
    downloader = Downloader(
        folder,
        environ=environ,
        patience=Patience(seconds),
        now=now.timestamp(),
        tries=attempts,
        include=include,
        say=screen.say,
    )
    found: list[Downloaded] = []
    failed: list[DownloadError] = []
    with downloads.locked(folder, seconds=lock_seconds, say=screen.say):
        for each in wanted:
            try:
                found.append(downloader.fetch(each, watcher(console)))
            except DownloadError as error:
                failed.append(error)
                if len(wanted) > 1:
                    screen.say(str(error))
    _print(found, as_json=as_json)
    if not failed:
        return 0
    several = DownloadError(f"{len(failed)} of {len(wanted)} could not be downloaded.")
    failure = several if len(wanted) > 1 else failed[0]
    if downloader.abandoned:
        _leave(failure)
    raise failure


def _leave(error: DownloadError) -> NoReturn:
    """End as an expected error does, without waiting for the client's threads."""
    screen.say(f"flakebot: {error}")
    sys.stdout.flush()
    os._exit(EXPECTED)


def _stop_at_once() -> None:
    """End when interrupted: the client's threads would go on to the end of their own retries. What
    is half loaded is kept, and the system frees the lock.
    """

    def stop(number: int, _: object) -> None:
        os.write(2, b"flakebot: interrupted; the same command goes on from here\n")
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _print(found: Sequence[Downloaded], *, as_json: bool) -> None:
    if as_json:
        print(untrusted.json_line([asdict(each) for each in found], indent=1))
        return
    for each in found:
        again = f" after {plural(each.tries, 'try', 'tries')}" if each.tries > 1 else ""
        print(
            untrusted.terminal(
                f"{each.repository}@{each.revision}: {plural(each.files, 'file')},"
                f" {decimal(each.bytes)}{again}, loads offline: {each.path}"
            )
        )


# ------------------------------------------------------------------------------------------
# Progress: what lies in the folder, since the client's own bars differ between its versions


def watcher(console: Console) -> downloads.Watch:
    """A bar in a terminal, else a line now and then."""
    return _bar(console) if console.is_terminal else _lines


def _bar(console: Console) -> downloads.Watch:
    @contextmanager
    def watch(wanted: Wanted, size: Size, folder: Path) -> Iterator[None]:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
            task = progress.add_task(untrusted.terminal(str(wanted)), total=size.bytes)

            def show() -> None:
                progress.update(task, completed=min(stored(folder), size.bytes))

            with _every(TERMINAL_SECONDS, show):
                yield
            progress.update(task, completed=size.bytes)

    return watch


def _lines(wanted: Wanted, size: Size, folder: Path) -> AbstractContextManager[None]:
    screen.say(f"{wanted}: {plural(len(size.files), 'file')}, {decimal(size.bytes)}")

    def show() -> None:
        screen.say(f"{wanted}: {decimal(min(stored(folder), size.bytes))} of {decimal(size.bytes)}")

    return _every(LINE_SECONDS, show)


@contextmanager
def _every(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Do something every so many seconds while the block runs."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(seconds):
            act()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(seconds)


def stored(folder: Path) -> int:
    """Bytes in a folder of blobs, whole and half downloaded."""
    total = 0
    for path in folder.glob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # renamed since it was listed
            continue
    return total
