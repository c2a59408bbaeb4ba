"""GitHub's envelope around what a job's steps printed. Pure.

Timestamps of 28 characters with seven fractional digits, a byte-order mark, groups, commands and
the echoed script in cyan, as a runner writes them.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tools.sample_run.recording import Line

TICKS = 10_000_000
"""Of 100 ns in a second: what a runner's clock counts."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CYAN, RESET = "\x1b[36;1m", "\x1b[0m"
RUNNER_VERSION = "2.331.0"
CHECKOUT = "actions/checkout@v4.3.0"
UPLOAD = "actions/upload-artifact@v4.6.2"


@dataclass(kw_only=True)
class Step:
    """A step of a job as GitHub's API lists it."""

    name: str
    number: int
    started_at: datetime
    completed_at: datetime
    conclusion: str | None = "success"
    status: str = "completed"


class Log:
    """A job's log while it is written; the clock only goes forward."""

    def __init__(self, start: datetime, seed: int) -> None:
        self._ticks = round((start - EPOCH).total_seconds()) * TICKS
        self._random = random.Random(seed)  # noqa: S311  (small gaps between lines)
        self._lines: list[str] = []
        self.steps: list[Step] = []

    @property
    def now(self) -> datetime:
        """The time of the last line, in whole seconds."""
        return EPOCH + timedelta(seconds=self._ticks // TICKS)

    @property
    def text(self) -> str:
        """The log as GitHub serves it."""
        return "\ufeff" + "\n".join(self._lines) + "\n"

    def line(self, text: str) -> None:
        """Write one line a little later."""
        self._ticks += self._random.randrange(300, 60_000)
        moment = f"{self.now:%Y-%m-%dT%H:%M:%S}.{self._ticks % TICKS:07d}Z"
        self._lines.append(f"{moment} {text}")

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self._ticks += round(seconds * TICKS)

    def until(self, moment: datetime) -> None:
        """Let time pass until a moment, if it has not come yet."""
        ticks = round((moment - EPOCH).total_seconds()) * TICKS
        self._ticks = max(self._ticks, ticks + self._random.randrange(TICKS // 2))

    def group(self, title: str, lines: Iterable[str] = ()) -> None:
        """Write a group."""
        self.line(f"##[group]{title}")
        for text in lines:
            self.line(text)
        self.line("##[endgroup]")

    def printed(self, lines: Sequence[Line]) -> None:
        """Write what was really printed, at the distances at which it was printed."""
        began = self._ticks
        for line in lines:
            self._ticks = max(self._ticks, began + round(line.seconds * TICKS))
            self.line(line.text)

    def step(self, name: str, number: int) -> Step:
        """Begin a step; its end is set by `done`."""
        self.pause(0.2)
        self.steps.append(
            Step(name=name, number=number, started_at=self.now, completed_at=self.now)
        )
        return self.steps[-1]

    def done(self, conclusion: str = "success") -> None:
        """End the step that was begun last."""
        self.steps[-1].completed_at = self.now
        self.steps[-1].conclusion = conclusion


def set_up(log: Log, *, job: str, runner: str, hosted: bool) -> None:
    """The step `Set up job`."""
    log.step("Set up job", 1)
    log.line(f"Current runner version: '{RUNNER_VERSION}'")
    if hosted:
        log.group("Operating System", ["Ubuntu", "24.04.3", "LTS"])
        log.group("Runner Image", ["Image: ubuntu-24.04", "Version: 20260126.10.1"])
    else:
        log.line(f"Runner name: '{runner}'")
        log.line("Runner group name: 'Default'")
        log.line(f"Machine name: '{runner}'")
        log.group("Operating System", ["Ubuntu", "22.04.5", "LTS"])
    log.group("GITHUB_TOKEN Permissions", ["Contents: read", "Metadata: read"])
    log.line("Secret source: Actions")
    log.line("Prepare workflow directory")
    log.line("Prepare all required actions")
    log.line("Getting action download info")
    log.line(f"Complete job name: {job}")
    log.done()


def check_out(log: Log, *, sha: str, ref: str) -> None:
    """The step `Checkout code`."""
    log.step("Checkout code", 2)
    wanted = ["with:", "  repository: ai-dynamo/dynamo", "  token: ***", "  fetch-depth: 1"]
    log.group(f"Run {CHECKOUT}", wanted)
    log.line("Syncing repository: ai-dynamo/dynamo")
    log.pause(1.4)
    log.group("Checking out the ref", [f"[command]/usr/bin/git checkout --force {ref}"])
    log.line("[command]/usr/bin/git log -1 --format=%H")
    log.line(sha)
    log.done()


def script(log: Log, text: str, environment: Iterable[str]) -> None:
    """The group in which a runner echoes the script that it is going to run."""
    first, *rest = text.splitlines()
    echoed = [f"{CYAN}{line}{RESET}" for line in (first, *rest)]
    shell = ["shell: /usr/bin/bash -e {0}", "env:", *(f"  {line}" for line in environment)]
    log.group(f"Run {first}", [*echoed, *shell])


def upload(log: Log, *, number: int, artifact: str, size: int) -> None:
    """The step that uploads the report."""
    log.step("Upload test results", number)
    wanted = ["with:", f"  name: {artifact}", "  path: pytest_test_report*.xml"]
    log.group(f"Run {UPLOAD}", [*wanted, "  retention-days: 7"])
    log.line("With the provided path, there will be 1 file uploaded")
    log.pause(0.6)
    log.line("Artifact name is valid!")
    log.line("Beginning upload of artifact content to blob storage")
    log.line(f"Uploaded bytes {size}")
    log.line("Finalizing artifact upload")
    log.line(f"Artifact {artifact}.zip successfully finalized.")
    log.done()


def upload_refused(log: Log, *, number: int, artifact: str) -> None:
    """The same step when the artifact service answers 403, in the words of its client."""
    log.step("Upload Allure results", number)
    wanted = ["with:", f"  name: {artifact}", "  path: allure-results", "  retention-days: 7"]
    log.group(f"Run {UPLOAD}", wanted)
    log.line("With the provided path, there will be 14 files uploaded")
    log.line("Artifact name is valid!")
    log.pause(2.1)
    log.line(
        "##[error]Failed to CreateArtifact: Received non-retryable error: "
        "Failed request: (403) Forbidden: Error from intermediary with HTTP status code 403 "
        '"Forbidden"'
    )
    log.done("failure")


def clean_up(log: Log, *, number: int, orphans: Sequence[str] = ()) -> None:
    """The steps after the last one of the job's own."""
    log.step("Post Checkout code", number)
    log.line("Post job cleanup.")
    log.line("[command]/usr/bin/git version")
    log.line("git version 2.52.0")
    log.done()
    log.step("Complete job", number + 1)
    log.line("Cleaning up orphan processes")
    for orphan in orphans:
        log.line(f"Terminate orphan process: {orphan}")
    log.done()
