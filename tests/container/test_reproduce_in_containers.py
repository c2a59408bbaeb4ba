"""`flakebot reproduce --image`: a fresh container for each iteration, by the machine's engine."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.container import engine

pytestmark = [
    pytest.mark.container,
    pytest.mark.xdist_group("container"),
    pytest.mark.timeout(600),
]

IMAGE = "localhost/flakebot-reproduced:test"
SUITE = Path(__file__).parent / "reproduced"


@pytest.fixture(scope="module")
def command() -> list[str]:
    """How the machine's engine is named to flakebot, once the image is there."""
    found = engine.find()
    if isinstance(found, str):
        pytest.skip(found)
    found.build_folder(SUITE, IMAGE)
    at = found.run.index("run")
    arguments = [f"--container-arg={word}" for word in found.run[at + 1 :]]
    return ["--image", IMAGE, "--engine", shlex.join(found.run[:at]), *arguments]


def reproduce(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flakebot", "reproduce", "test_suite.py", *arguments],
        cwd=folder,
        env={**os.environ, "SECRET": "given"},  # noqa: TID251  # the user's
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def records(folder: Path) -> dict[tuple[int, int], dict[str, Any]]:
    rows = (folder / "flakebot-reproduce" / "iterations.jsonl").read_text().splitlines()
    found = [json.loads(row) for row in rows]
    return {(row["level"]["processes"], row["number"]): row for row in found}


def left(command: list[str]) -> str:
    """The containers of flakebot that are still there."""
    program = shlex.split(command[command.index("--engine") + 1])
    listing = [*program, "ps", "--all", "--quiet", "--filter", "label=flakebot.output"]
    return subprocess.run(listing, capture_output=True, text=True, timeout=60, check=True).stdout


def test_each_iteration_has_a_fresh_container(command: list[str], tmp_path: Path) -> None:
    """What is asked for gets in, a crash and a hang are told as on the machine itself, none is
    left.
    """
    (tmp_path / "file").write_text("mounted")
    done = reproduce(
        tmp_path,
        *("--iterations", "3", "--levels", "serial,2", "--timeout", "30"),
        *("-e", "SECRET", "-v", f"{tmp_path}:/given:ro"),
        *command,
    )
    assert done.returncode == 0, done.stderr
    found = records(tmp_path)
    told = {key: [each["category"] for each in row["failures"]] for key, row in found.items()}
    assert told == {
        (0, 1): [],
        (2, 1): [],
        (0, 2): ["crash-sigabrt"],
        (2, 2): ["crash-sigabrt"],
        (0, 3): ["hang"],
        (2, 3): ["hang"],
    }
    crashed = [worker["crashed"] for worker in found[2, 2]["workers"]]
    assert "test_suite.py::test_crash" in crashed
    assert found[0, 3]["stall"]["running"] == ["test_suite.py::test_hang"]
    assert any("in test_hang" in line for line in found[2, 3]["stall"]["stacks"])
    assert "given" not in (
        tmp_path / "flakebot-reproduce" / "iterations.jsonl"
    ).read_text().replace("/given", "")
    assert left(command) == ""


def test_an_image_without_pytest_is_one_sentence(command: list[str], tmp_path: Path) -> None:
    """At once, as is an image that is not there."""
    done = reproduce(tmp_path, *command, "--pytest", "no-such-pytest")
    assert done.returncode == 1
    assert "The image cannot start the test command (see --pytest)" in done.stderr
    done = reproduce(tmp_path, *command, "--image", "localhost/no-such-image:x")
    assert done.returncode == 1
    assert "could not run the container" in done.stderr
