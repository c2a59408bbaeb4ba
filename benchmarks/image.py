"""How large the image is beside the Python image it stands on, and how long it takes to start:
`python -m benchmarks.image` (needs a container engine; `make container-tools` installs one).

Where no registry is in reach the base is a stand-in for `python:3.13-slim` of the same Debian and
Python, made by `tools/container_tools.sh`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import results
from benchmarks.results import Row
from tests.container import engine

DOCKERFILE = Path(__file__).parents[1] / "Dockerfile"
ROUNDS = 7
SECONDS = 120


def main() -> int:
    """Build the image, and print both ratios."""
    found = engine.find()
    if isinstance(found, str):
        print(found, file=sys.stderr)
        return 1
    found.build_image()
    base = engine.BASE if "podman" in found.run else _base()
    own, bare = _size(found.run[0], engine.IMAGE), _size(found.run[0], base)
    plain = [*found.run, "--rm", "--entrypoint"]
    starts = [
        (
            _took([*plain, "/opt/flakebot/bin/flakebot-action", engine.IMAGE, "--version"]),
            _took([*plain, "python3", base, "-c", "pass"]),
        )
        for _ in range(ROUNDS)
    ]
    ours, theirs = (min(side) for side in zip(*starts, strict=True))
    rows = [
        Row(
            what="Size of the image beside the Python image below it",
            measured=f"{own / bare:.2f} times",
        ),
        Row(what="What flakebot and its libraries add", measured=f"{(own - bare) / 1e6:.0f} MB"),
        Row(
            what=f"Start of a container beside `python3 -c pass`, the fastest of {ROUNDS} each",
            measured=f"{ours / theirs:.2f} times",
        ),
    ]
    details = f"Image {own / 1e6:.0f} MB on {base} of {bare / 1e6:.0f} MB, both unpacked."
    return results.tell("image", rows, details, keep=results.KEEP in sys.argv)


def _base() -> str:
    """The image that the Dockerfile names."""
    found = re.search(r"(?m)^ARG BASE_IMAGE=(\S+)$", DOCKERFILE.read_text(encoding="utf-8"))
    return found.group(1) if found else ""


def _size(program: str, image: str) -> int:
    command = [program, "image", "inspect", "--format", "{{.Size}}", image]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS)
    return int(done.stdout)


def _took(command: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
