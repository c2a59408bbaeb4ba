"""Several large logs are read side by side, with the same result in the same order."""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from flakebot import log_readings, log_sources, system
from flakebot.model import LogReading, MissingLog
from flakebot.reading.rules import Rule, builtin
from flakebot.settings import Limits

ROW = "2026-02-03T17:46:30.1837739Z "
FAILS = f"{ROW}##[error]Process completed with exit code 137.\n"


def _files(folder: Path) -> list[str]:
    texts = [FAILS, f"{ROW}all is well\n" * 100, "", FAILS * 2]
    paths = [folder / f"{number}.log" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return [*map(str, paths), str(folder / "absent.log")]


def _read(
    paths: list[str], limits: Limits | None = None, seen: log_readings.Seen = abs
) -> list[log_readings.Named]:
    return list(log_readings.read(paths, {}, builtin(), limits or Limits(), seen))


def test_logs_side_by_side_read_as_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a process of its own when they are large."""
    paths = _files(tmp_path)
    alone = _read(paths)
    monkeypatch.setattr(log_readings, "LARGE", 1)
    monkeypatch.setattr(system, "processors", lambda: 2)
    assert _read(paths) == alone
    assert [source for source, _ in alone] == paths
    assert isinstance(alone[-1][1], MissingLog)
    assert isinstance(alone[0][1], LogReading)
    assert alone[0][1].causes


@pytest.mark.parametrize("large", [1, log_readings.LARGE])
def test_all_bytes_are_told_as_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    """So that a bar ends where the files do."""
    paths = _files(tmp_path)
    monkeypatch.setattr(log_readings, "LARGE", large)
    monkeypatch.setattr(system, "processors", lambda: 2)
    told: list[int] = []
    _read(paths, seen=told.append)
    assert sum(told) == log_sources.size(paths) == log_sources.size([str(tmp_path)])
    assert sum(told) == sum(Path(path).stat().st_size for path in paths[:-1])


@pytest.mark.parametrize("path", ["-", "https://github.com/a/b/actions/runs/1"])
def test_the_size_of_what_comes_from_elsewhere_is_unknown(path: str) -> None:
    """Until it is there."""
    assert log_sources.size(["a.log", path]) is None


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="needs Linux's /proc")
def test_a_folder_that_cannot_be_listed_has_no_logs() -> None:
    """What the kernel says of a process that has ended refuses it, as what is gone meanwhile."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        folder = f"/proc/{ended.pid}"
        assert [source for source, _ in log_sources.logs([folder], {})] == [folder]


def test_a_local_log_is_read_whole(tmp_path: Path) -> None:
    """The limit is for logs that come over the network."""
    [(_, reading), *_] = _read(_files(tmp_path), Limits(log_bytes=5))
    assert isinstance(reading, LogReading)
    assert reading.problems == ()


def _dies(_sender: Connection, _path: str, _rules: tuple[Rule, ...], _limits: Limits) -> None:
    os._exit(9)


def test_a_process_that_dies_costs_its_log_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the machine runs out of memory."""
    monkeypatch.setattr(log_readings, "_child", _dies)
    found = log_readings._in_process(_files(tmp_path)[0], builtin().rules, Limits())
    assert found == MissingLog(reason="the process that read it ended early (9)")


def test_a_process_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing waits without a bound."""
    monkeypatch.setattr(log_readings, "_PATIENCE", 0)
    found = log_readings._in_process(_files(tmp_path)[0], builtin().rules, Limits())
    assert found == MissingLog(reason="reading it took too long")


def test_processors_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """At least this one, also where the system does not tell which a process may use."""
    assert system.processors() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert system.processors() == (os.cpu_count() or 1)
