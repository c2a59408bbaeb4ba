"""Run one iteration: its own process or container, folders and ports; then read what it printed."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path

from flakebot.errors import InputError
from flakebot.model import LogReading, value
from flakebot.reading.classify import read_log
from flakebot.reading.rules import RuleSet
from flakebot.reproducing import containers, files
from flakebot.reproducing.ending import Patience, Running, Watch
from flakebot.reproducing.output import Drain
from flakebot.reproducing.ports import Ports
from flakebot.reproducing.processes import MARK, Kill, Tree
from flakebot.reproducing.store import PLUGIN, Store, unwritten
from flakebot.reproduction import commands, journal, misuse, outcome
from flakebot.reproduction.commands import Engine, Place
from flakebot.reproduction.iterations import Campaign, Iteration, Level, Variant
from flakebot.reproduction.outcome import Ended
from flakebot.settings import Limits

_CHUNK = 1024 * 1024
_JOURNAL_BYTES = 16 * 1024 * 1024
"""Of one process's journal: a hundred thousand tests, and what it noted last."""


@value
class Task:
    """One iteration to run."""

    level: Level
    variant: Variant
    number: int


@value
class Tools:
    """What running needs of the outer world.

    `environment` is what iterations inherit, `assigned` what is printed of variables that the
    command line set, `engine` runs containers, `kill` sends signals.
    """

    environment: Mapping[str, str]
    rules: RuleSet
    ports: Ports
    now: Callable[[], datetime]
    stopwatch: Callable[[], float]
    stopping: Callable[[], bool]
    kill: Kill
    assigned: Mapping[str, str | None] = field(default_factory=dict)
    engine: Engine | None = None
    patience: Patience = Patience(timeout=0)


class Iterations:
    """Runs iterations of one campaign, each on its own.

    Args:
        campaign: what was asked.
        store: where logs and records go.
        tools: the outer world.
    """

    def __init__(self, campaign: Campaign, store: Store, tools: Tools) -> None:
        self._setup = campaign.setup
        self._store = store
        self._tools = tools
        self._patience = replace(tools.patience, timeout=campaign.setup.timeout)

    def run(self, task: Task) -> Iteration | None:
        """Run one, and keep its record; None when everything is to end before it does.

        Raises:
            InputError: no iteration can run like this: no such program, wrong arguments, no tests,
                no container engine, no room on the disk.
        """
        self._store.check_room()
        with self._folder() as folder, self._tools.ports.lend() as ports:
            place = Place(
                number=task.number,
                plugin=str(self._store.folder / PLUGIN),
                journal=str(folder / "journal"),
                temporary=str(folder / "tmp"),
                ports=ports,
                seed=self._setup.seed + task.number if task.level.random_order else None,
            )
            return self._run(task, place, folder)

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        """The iteration's own folder, with a short path: sockets have 108 characters for theirs."""
        folder = _made(self._store.mark)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, task: Task, place: Place, folder: Path) -> Iteration | None:
        begun = self._begun(task, place)
        logs = self._store.log_folder(begun)
        log, stamped = (logs / f".{task.number}.{kind}" for kind in ("log", "stamped"))
        try:
            ended = self._watched(task, place, folder, log, stamped)
            if ended is None:
                return None
            judged = self._judged(begun, ended, folder, log)
            self._store.add(judged, log, stamped)
        except OSError as error:
            raise unwritten(self._store.folder, error) from error
        finally:
            log.unlink(missing_ok=True)
            stamped.unlink(missing_ok=True)
        return judged

    def _begun(self, task: Task, place: Place) -> Iteration:
        return Iteration(
            level=task.level,
            variant=task.variant.name,
            number=task.number,
            started=self._tools.now(),
            seconds=0.0,
            exit_code=None,
            seed=place.seed,
            ports=place.ports,
            command=commands.repeat(
                self._setup,
                task.level,
                task.variant,
                place,
                self._tools.assigned,
                self._tools.engine,
            ),
        )

    def _watched(
        self, task: Task, place: Place, folder: Path, log: Path, stamped: Path
    ) -> Ended | None:
        tools = self._tools
        running = self._started(task, place)
        drain = Drain(
            running.output, log=log, stamped=stamped, now=tools.now, stopwatch=tools.stopwatch
        )
        watch = Watch(
            running,
            drain,
            patience=self._patience,
            stopping=tools.stopping,
            stopwatch=tools.stopwatch,
        )
        try:
            return watch.run(folder / "journal")
        except BaseException:
            running.kill()
            raise
        finally:
            drain.close()

    def _started(self, task: Task, place: Place) -> Running:
        given = self._tools.environment
        mark = f"{self._store.mark}-{uuid.uuid4().hex}"
        engine = self._tools.engine
        if engine is None:
            command = commands.local(self._setup, task.level, task.variant, place)
            environment = commands.environment(given, place) | {MARK: mark}
            return Tree(command, environment, kill=self._tools.kill)
        name = f"flakebot-{mark[:24]}"
        labels = (name, f"{containers.LABEL}={self._store.mark}")
        command = commands.in_container(
            engine, self._setup, task.level, task.variant, place, labels
        )
        return containers.Container(engine, name, command, {**given, MARK: mark})

    def _judged(self, begun: Iteration, ended: Ended, folder: Path, log: Path) -> Iteration:
        written = sorted((folder / "journal").glob("journal-*.jsonl"))
        notes = journal.read(files.read(path, _JOURNAL_BYTES) for path in written)
        mask = self._tools.rules.mask
        ended = replace(ended, stacks=tuple(mask.lines(ended.stacks)))
        reading = outcome.by_name(self._read(log), notes, mask)
        judged = outcome.judge(begun, ended, reading, notes)
        if self._tools.engine is not None:
            self._refuse(containers.fault(self._tools.engine, ended.exit_code, _last_words(log)))
        self._refuse(misuse.fault(judged, reading, notes, _last_words(log)))
        return judged

    def _refuse(self, fault: str) -> None:
        if fault:
            raise InputError(fault)

    def _read(self, log: Path) -> LogReading:
        with log.open("rb") as file:
            return read_log(
                log.name, iter(lambda: file.read(_CHUNK), b""), self._tools.rules, Limits()
            )


def remove_left_over(mark: str) -> None:
    """Remove the folders of iterations that an earlier flakebot, itself killed, left behind; what
    belongs to somebody else stays.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{_prefix(mark)}*"):
        shutil.rmtree(folder, ignore_errors=True)  # which follows no symbolic link


def _prefix(mark: str) -> str:
    """Of an iteration's folder: short, and shared by those of one output folder."""
    return f"fb-{mark}-"


def _made(mark: str) -> Path:
    try:
        folder = Path(tempfile.mkdtemp(prefix=_prefix(mark)))
        (folder / "tmp").mkdir()
        (folder / "journal").mkdir()
        (folder / "journal").chmod(0o777)  # a container's user may be anyone
    except OSError as error:
        where = tempfile.gettempdir()
        raise InputError(f"No folder can be made in {where}: {error.strerror}.") from error
    return folder


def _last_words(log: Path) -> str:
    """What a log said last, its last error before anything else."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _CHUNK))
        rows = file.read().decode(errors="replace").split("\n")
    said = [row.strip() for row in reversed(rows) if row.strip()]
    errors = [row for row in said if "error: " in row.lower() and "usage: " not in row]
    return next(iter([*errors, *said]), "it printed nothing")
