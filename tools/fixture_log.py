"""Run one command for real and write its log into tests/fixtures/logs as GitHub serves it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

OUT = Path(__file__).parent.parent / "tests" / "fixtures" / "logs"
HOME = "/home/runner/work/repo/repo"
START = datetime.fromisoformat("2026-02-03T17:46:30.183773")
STEP = timedelta(milliseconds=37)
SECONDS = 240
"""No scenario runs longer."""

LARGEST = 120_000
"""Bytes of a log that is committed."""

_COMMANDS = {
    r"^::group::": "##[group]",
    r"^::endgroup::": "##[endgroup]",
    r"^::(error|warning|notice)[^\n]*?::": r"##[\1]",
}
"""What the runner makes of workflow commands in a log."""


@dataclass(frozen=True)
class Scenario:
    """One log: the command of its step, and the files of the toy project by their paths."""

    name: str
    command: str
    files: Mapping[str, str]
    color: bool = False


def record(
    scenario: Scenario,
    root: Path,
    environment: Mapping[str, str],
    places: Mapping[str, str],
    out: Path = OUT,
) -> None:
    """Lay the project out in `root/repo`, run the command there, and write the log.

    Args:
        scenario: what to run.
        root: a temporary folder; `node_modules` in it is found by the project.
        environment: of the command, besides what every runner sets.
        places: paths of this machine, and what stands for them in the log.
        out: the folder of the log.
    """
    repo = root / "repo"
    shutil.rmtree(repo, ignore_errors=True)
    for path, text in scenario.files.items():
        (repo / path).parent.mkdir(parents=True, exist_ok=True)
        (repo / path).write_text(text)
    colors = {"FORCE_COLOR": "1"} if scenario.color else {}
    done = subprocess.run(
        ["bash", "-e", "-c", scenario.command],
        cwd=repo,
        env={"CI": "true", "HOME": str(root), "COLUMNS": "80", **colors, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode
    text = done.stdout.decode(errors="replace")
    home = os.path.realpath(sys.base_prefix)
    for place, shown in {str(repo): HOME, **places, home: "/opt/hostedtoolcache/Python"}.items():
        text = text.replace(place, shown)
    for pattern, shown in _COMMANDS.items():
        text = re.sub(pattern, shown, text, flags=re.MULTILINE)
    log = wrap(scenario, text.split("\n") if text else [], code).encode()
    if len(log) > LARGEST:
        sys.exit(f"{scenario.name}: {len(log)} bytes are too many")
    (out / f"{scenario.name}.log").write_bytes(log)
    print(f"{scenario.name}.log: {len(log)} bytes, exit code {code}")


def wrap(scenario: Scenario, output: list[str], code: int) -> str:
    """The log as GitHub serves it."""
    lines = scenario.command.split("\n")
    rows = [f"##[group]Run {lines[0]}", *(f"\x1b[36;1m{line}\x1b[0m" for line in lines)]
    rows += ["shell: /usr/bin/bash -e {0}", "##[endgroup]"]
    rows += output if not output or output[-1] else output[:-1]
    rows += [f"##[error]Process completed with exit code {code}."] if code else []
    rows += ["Post job cleanup.", "Cleaning up orphan processes"]
    stamped = (f"{_stamp(number)} {row}" for number, row in enumerate(rows, 1))
    return "\ufeff" + "\n".join(stamped) + "\n"


def _stamp(number: int) -> str:
    """GitHub's time stamp with its seven digits of fraction."""
    return f"{(START + number * STEP).isoformat(timespec='microseconds')}7Z"
