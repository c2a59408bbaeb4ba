"""What a stranger does, in a container with Python, make and git alone:
`python -m tools.clean_room [demo] [test] [quickstart]`, all of them unless told.

The container has what the last commit has. `demo` and `test` are those of the Makefile;
`quickstart` installs flakebot as its users do, and has the page's test do what the page says. Each
builds what it needs from nothing; a package index must be in reach.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.container import engine

ROOT = Path(__file__).resolve().parents[1]
IMAGE = "localhost/flakebot:clean-room"

DOCKERFILE = """\
ARG BASE_IMAGE=python:3.13-slim-bookworm
FROM ${BASE_IMAGE}
RUN apt-get update -qq \\
    && apt-get install -qq --no-install-recommends git make \\
    && git config --system safe.directory '*'
"""

CLONE = "git clone --quiet /source /work && cd /work"
STEPS = {
    "demo": "make demo",
    "test": "make test",
    "quickstart": """\
python3 -m venv /own && /own/bin/python -m pip install --quiet --disable-pip-version-check .
/own/bin/flakebot --version
/own/bin/flakebot classify tests/fixtures/logs/sequential.log
make .venv/.ready
.venv/bin/python -m pytest -q tests/runner/test_quickstart.py""",
}
SECONDS = 3600


def main(arguments: Sequence[str]) -> int:
    """Run the steps in one container; the exit code is 1 as soon as one fails."""
    parser = argparse.ArgumentParser(description="Do what a stranger does, from nothing.")
    parser.add_argument("steps", nargs="*", help=f"of {', '.join(STEPS)}")
    asked = parser.parse_args(arguments).steps or [*STEPS]
    if unknown := set(asked) - set(STEPS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    found = engine.find()
    if isinstance(found, str):
        print(found, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
        found.build_folder(Path(folder), IMAGE)
    script = "\n".join([CLONE, *(STEPS[step] for step in asked)])
    mounts = ["-v", f"{ROOT}:/source:ro", "-v", "/etc/ssl/certs:/etc/ssl/certs:ro"]
    command = [*found.run, "--rm", "--network", "host", *mounts, IMAGE, "sh", "-exc", script]
    return int(subprocess.run(command, check=False, timeout=SECONDS).returncode != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
