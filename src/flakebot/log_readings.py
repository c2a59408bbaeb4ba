"""Read the logs that `flakebot classify` was given: in order, large ones side by side.

A large local log is read in a process of its own, as many at a time as there are processors, each
within 150 MB. What comes out, and in which order, is the same as one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from flakebot import log_sources, system
from flakebot.model import JobLog, LogReading, MissingLog
from flakebot.reading import classify
from flakebot.reading.rules import Rule, RuleSet
from flakebot.settings import Limits

LARGE = 16 * 1024 * 1024
"""Bytes; reading fewer takes no longer than starting a process."""

MOST_PROCESSES = 4
"""At a time, however many processors there are: each takes memory."""

_PATIENCE = 60
"""Seconds that any log is given; and a second for each megabyte, a tenth of the usual speed."""

Named = tuple[str, LogReading | MissingLog]


Seen = Callable[[int], object]
"""Is told how many more bytes have been read."""


def read(
    paths: Sequence[str],
    environ: Mapping[str, str],
    rules: RuleSet,
    limits: Limits,
    seen: Seen,
) -> Iterator[Named]:
    """Each log's reading under its name, in the order of the paths."""
    whole = replace(limits, log_bytes=max(limits.log_bytes, 1 << 62))
    large = [path for path in paths if log_sources.size_of(Path(path)) >= LARGE]
    count = min(len(large), system.processors(), MOST_PROCESSES)
    if count < 2:  # noqa: PLR2004  nothing to do side by side
        large = []
    with ThreadPoolExecutor(max_workers=max(1, count)) as pool:
        task = partial(_in_process, rules=rules.rules, limits=whole)
        apart = {path: pool.submit(task, path) for path in dict.fromkeys(large)}
        for path in paths:
            yield from _each(path, apart.get(path), environ, rules, limits, whole, seen)


def _each(
    path: str,
    apart: Future[LogReading | MissingLog] | None,
    environ: Mapping[str, str],
    rules: RuleSet,
    limits: Limits,
    whole: Limits,
    seen: Seen,
) -> Iterator[Named]:
    """The logs behind one path; a local log that somebody names is read whole."""
    if apart is not None:
        yield path, apart.result()
        seen(log_sources.size_of(Path(path)))
        return
    chosen = limits if "://" in path else whole
    for source, log in log_sources.logs([path], environ):
        yield source, _reading(source, _watched(log, seen), rules, chosen)


def _reading(source: str, log: JobLog, rules: RuleSet, limits: Limits) -> LogReading | MissingLog:
    if isinstance(log, MissingLog):
        return log
    return classify.read_log(source, log.chunks, rules, limits)


def _watched(log: JobLog, seen: Seen) -> JobLog:
    """The same log, whose bytes are told as they are read."""
    if isinstance(log, MissingLog):
        return log

    def chunks() -> Iterator[bytes]:
        for chunk in log.chunks:
            yield chunk
            seen(len(chunk))

    return replace(log, chunks=chunks())


def _in_process(path: str, rules: Sequence[Rule], limits: Limits) -> LogReading | MissingLog:
    """Read a log in a process of its own; one that dies or does not end costs this log alone."""
    context = get_context("spawn")  # threads are running here, which a fork would copy
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(sender, path, rules, limits), daemon=True)
    process.start()
    sender.close()
    try:
        if not receiver.poll(_PATIENCE + log_sources.size_of(Path(path)) / 1_000_000):
            return MissingLog(reason="reading it took too long")
        found: LogReading | MissingLog = receiver.recv()
    except (EOFError, OSError):
        process.join(_PATIENCE)
        return MissingLog(reason=f"the process that read it ended early ({process.exitcode})")
    else:
        return found
    finally:
        process.kill()
        process.join(_PATIENCE)
        receiver.close()


def _child(sender: Connection, path: str, rules: Sequence[Rule], limits: Limits) -> None:
    source, log = next(iter(log_sources.logs([path], {})))
    sender.send(_reading(source, log, RuleSet(rules), limits))
