"""How `flakebot reproduce` ends before all iterations ran: answered, planned, or out of means."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(300)  # each starts flakebot, which starts many processes

QUICK = """
import os, sys
number = int(os.environ["FLAKEBOT_ITERATION"])
print("line of", number, "x" * 400)
if number == int(os.environ.get("LONG", 0)):
    print("x" * 1000000)
sys.exit(bool(eval(os.environ.get("FAILS", "0"))))
"""
"""Stands for pytest: it ends at once, and fails as the environment says."""

PODMAN = """#!/bin/sh
case $1 in
info) if [ -e gone ]; then echo "Cannot connect to Podman" >&2; exit 125; fi ;;
run)
    for word; do case $word in FLAKEBOT_ITERATION=*) number=${word#*=} ;; esac; done
    echo "begin $number"
    if [ $number = 3 ] && [ "$DIES" ]; then touch gone; eval "$DIES"; fi ;;
esac
"""
"""Stands for a container engine, which dies while the third iteration runs."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a quick test command and a container engine."""
    (tmp_path / "quick.py").write_text(QUICK)
    engine = tmp_path / "bin" / "podman"
    engine.parent.mkdir()
    engine.write_text(PODMAN)
    engine.chmod(0o755)
    return tmp_path


def reproduce(
    project: Path, *arguments: str, under: Sequence[str] = (), **variables: str
) -> tuple[int, str, str]:
    """Its exit code, what it printed, and what it told."""
    given = {**os.environ, "PATH": f"{project / 'bin'}:{os.environ['PATH']}"}  # noqa: TID251  # the user's
    done = subprocess.run(
        [*under, sys.executable, "-m", "flakebot", "reproduce", "x", *arguments],
        cwd=project,
        env={**given, **variables},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def quick(*arguments: str) -> list[str]:
    return ["--pytest", f"{sys.executable} -S quick.py", "--jobs", "2", *arguments]


def levels(project: Path) -> list[dict[str, Any]]:
    """Those of the report."""
    found = json.loads((project / "flakebot-reproduce" / "report.json").read_text())
    return list(found["levels"])


@pytest.mark.parametrize(
    ("fails", "arguments", "says", "enough"),
    [
        ("1", [], "Against 5.0 %, with 95 % confidence: serial fails more often.", range(2, 7)),
        (
            "0",
            ["--expect-rate", "50%"],
            "Against 50 %, with 95 % confidence: serial fails less often.",
            range(6, 17),
        ),
        (
            "'few' not in sys.argv",
            ["--variant", "few=few"],
            "The variants differ, with 95 % confidence.",
            range(5, 17),
        ),
    ],
)
def test_until_stops_when_the_question_is_answered(
    project: Path, fails: str, arguments: list[str], says: str, enough: range
) -> None:
    """Long before all iterations ran; it says the answer, and the report holds those that ran: of
    the last two side by side, one or both.
    """
    asked = quick("--iterations", "200", "--until", "95%", *arguments)
    code, _, told = reproduce(project, *asked, FAILS=fails)
    assert code == 0, told
    assert says in told.splitlines()
    assert sum(level["iterations"] for level in levels(project)) in enough


def test_until_without_an_answer_runs_them_all(project: Path) -> None:
    """Nothing is said to be answered."""
    code, _, told = reproduce(project, *quick("--iterations", "6", "--until", "95%"))
    assert code == 0, told
    assert "with 95 % confidence:" not in told
    assert levels(project)[0]["iterations"] == 6


@pytest.mark.parametrize(
    ("arguments", "planned", "says"),
    [
        ([], 14, "In 14 iterations a flake of 20 % shows with 96 % confidence; 95 % needs 14."),
        (["--iterations", "5"], 5, "In 5 iterations a flake of 20 % shows with 67 % confidence;"),
        (
            ["--variant", "few=few"],
            33,
            "is seen 82 % of the time; 80 % needs 33 iterations a level.",
        ),
    ],
)
def test_the_expected_rate_plans_the_iterations(
    project: Path, arguments: list[str], planned: int, says: str
) -> None:
    """To see it once, or to compare; a number that is given stands. It is said before the first."""
    code, _, told = reproduce(project, *quick("--expect-rate", "20%", *arguments))
    assert code == 0, told
    assert says in told[: told.index(" iter_1 ")]
    assert levels(project)[0]["iterations"] == planned


@pytest.mark.parametrize("long", ["0", "7"])
def test_a_disk_that_fills_in_the_middle_of_a_write_is_one_sentence(
    project: Path, long: str
) -> None:
    """In the log of one iteration, or of all: what had finished stays, and the rest runs later."""
    limited = ("sh", "-c", 'ulimit -f 24; exec "$@"', "sh")
    asked = quick("--iterations", "60")
    code, printed, told = reproduce(project, *asked, under=limited, LONG=long)
    assert (code, printed) == (1, "")
    assert told.splitlines()[-1] == (
        f"flakebot: {project}/flakebot-reproduce cannot be written: File too large. Nothing "
        "finished is lost: make room, then start the same command again."
    )
    assert "Exception" not in told
    kept = levels(project)[0]["iterations"]
    assert 0 < kept < 60
    code, _, told = reproduce(project, *asked, LONG=long)
    assert code == 0, told
    assert f"{kept} iterations are there already." in told
    assert levels(project)[0]["iterations"] == 60
    full = (project / "flakebot-reproduce/logs/serial/full_output.log").read_text()
    assert all(full.count(f" line of {number} x") == 1 for number in range(1, 61))


@pytest.mark.parametrize(
    ("dies", "says"),
    [
        ("echo 'Error: unexpected EOF'; exit 125", "could not run the container: Error: unexpecte"),
        ("kill -KILL $$", "answers no longer: Cannot connect to Podman"),
        ("exit 255", "answers no longer: Cannot connect to Podman"),
    ],
)
def test_an_engine_that_dies_in_the_middle_is_one_sentence(
    project: Path, dies: str, says: str
) -> None:
    """Its iteration is no failure of the tests, the finished ones are kept, the rest runs later."""
    asked = ["--image", "any", "--engine", "podman", "--iterations", "5"]
    code, printed, told = reproduce(project, *asked, DIES=dies)
    assert (code, printed) == (1, "")
    assert told.splitlines()[-1].startswith(f"flakebot: podman {says}")
    assert (levels(project)[0]["iterations"], levels(project)[0]["failed"]) == (2, 0)
    (project / "gone").unlink()
    code, _, told = reproduce(project, *asked)
    assert code == 0, told
    assert (levels(project)[0]["iterations"], levels(project)[0]["failed"]) == (5, 0)
