"""A short run of every target under atheris, which is led by what the code does with an input.

`make test-all` installs atheris into `.tools/fuzz`; `make fuzz` runs for as long as you like.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
ATHERIS = ROOT / ".tools" / "fuzz"
SECONDS = 2


@pytest.mark.fuzz
@pytest.mark.timeout(450)
@pytest.mark.parametrize("name", TARGETS)
def test_a_short_run_breaks_nothing(name: str, tmp_path: Path) -> None:
    """Neither an exception nor a hang nor memory without a bound; the input is kept if it does."""
    if not (ATHERIS / "atheris").is_dir():
        pytest.skip("there is no atheris: `make fuzz-tools` says why")
    environ = os.environ | {"PYTHONPATH": str(ATHERIS)}  # noqa: TID251  # for a process of its own
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", name, str(SECONDS), str(tmp_path)],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "stat::number_of_executed_units" in done.stderr
