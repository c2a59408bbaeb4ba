"""Build and run the image with whatever engine the machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

GIVEN = os.environ.get("FLAKEBOT_IMAGE")  # noqa: TID251 -- a test is its own entry
"""An image built before, which is to be tested as it is: a release publishes what it tested."""

IMAGE = GIVEN or "localhost/flakebot:test"
BASE = "localhost/python-base:3.13-slim"
"""A stand-in for `python:3.13-slim`, made by `tools/container_tools.sh` where no registry is."""

ROOT = Path(__file__).parents[2]
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Engine:
    """How to build the image and how to run it."""

    build: Sequence[str]
    run: Sequence[str]

    def build_image(self) -> None:
        """Build from `Dockerfile`, unless an image is given; a failed build shows its end."""
        if not GIVEN:
            self.build_folder(ROOT, IMAGE)

    def build_folder(self, folder: Path, tag: str) -> None:
        """Build from the `Dockerfile` of any folder."""
        done = _done([*self.build, "-t", tag, "."], cwd=folder)
        assert done.returncode == 0, f"the image cannot be built:\n{done.stderr[-4000:]}"

    def run_image(
        self, arguments: Sequence[str], command: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run the image with the runner's arguments, on the host's network."""
        return _done([*self.run, "--network", "host", *arguments, IMAGE, *command])


def find() -> Engine | str:
    """The machine's engine, or the reason why there is none."""
    if shutil.which("docker") and _done(["docker", "info"]).returncode == 0:
        return Engine(build=["docker", "build"], run=["docker", "run"])
    missing = [name for name in ("podman", "buildah", "runc") if not shutil.which(name)]
    if missing:
        return f"no container engine: {', '.join(missing)} missing (make container-tools)"
    if _done(["podman", "image", "exists", BASE]).returncode:
        return f"there is no base image {BASE} (make container-tools)"
    # No engine: chroot isolation needs no cgroups; runc, because crun refuses hybrid cgroups; lower
    # limits than the defaults, which sandboxes refuse. The host's certificates reach the index.
    build = ["buildah", "bud", "--isolation", "chroot", "--ulimit", "nofile=1024:1024"]
    build += ["-v", "/etc/ssl/certs:/etc/ssl/certs:ro", "--build-arg", f"BASE_IMAGE={BASE}"]
    run = ["podman", "--runtime", "runc", "run", "--ulimit", "nofile=1024:1024"]
    return Engine(build=build, run=[*run, "--ulimit", "nproc=1024:1024"])


def _done(command: Sequence[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=SECONDS, check=False
    )
