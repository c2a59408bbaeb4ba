"""What a benchmark found: printed, and with `--keep` written down for docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from flakebot.model import value

FOLDER = Path(__file__).parent / "results"
KEEP = "--keep"


@value
class Row:
    """One number, and what was promised of it, empty where nothing was."""

    what: str
    measured: str
    promised: str = ""
    holds: bool = True


@value
class Result:
    """All numbers of one benchmark, with a table in Markdown where there is more to say."""

    rows: tuple[Row, ...]
    date: str
    machine: str
    details: str = ""


def tell(name: str, rows: Sequence[Row], details: str = "", *, keep: bool) -> int:
    """Print what was found; the exit code is 1 when a promise is not held."""
    result = Result(rows=tuple(rows), date=_today(), machine=_machine(), details=details)
    print(result.machine)
    for row in rows:
        verdict = f"; promised: {row.promised}{'' if row.holds else ': NO'}" if row.promised else ""
        print(f"{row.what}: {row.measured}{verdict}")
    if details:
        print(f"\n{details}")
    if keep:
        FOLDER.mkdir(exist_ok=True)
        told = msgspec.json.format(msgspec.json.encode(result), indent=1)
        (FOLDER / f"{name}.json").write_bytes(told + b"\n")
    return int(not all(row.holds for row in rows))


def kept(name: str) -> Result:
    """What was written down last."""
    return msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=Result)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()  # noqa: TID251  # a script reads the clock


def _machine() -> str:
    """The machine, and how busy it was: others may use it at the same time."""
    system = f"{platform.system()} {platform.machine()}"
    processors = f"{os.cpu_count()} processors ({_model()}, load {os.getloadavg()[0]:.1f})"
    return f"{system}, {processors}, Python {platform.python_version()}"


def _model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((each.partition(": ")[2] for each in lines if each.startswith("model name")), "?")
