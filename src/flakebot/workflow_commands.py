"""Talk to the runner: command lines on standard output, outputs and summary through its files.

The runner parses every line of both streams, `##[` anywhere in it and `::` at its start, so nothing
is printed here that `untrusted` has not passed
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from flakebot import untrusted

SUMMARY_BYTES = 1024 * 1024
"""The runner drops a summary above this, with an error (actions/runner, FileCommandManager.cs)."""


class Runner:
    """The command files and streams of one step.

    Args:
        environ: the step's environment; a missing file variable means that kind of answer is left
            out, as when flakebot runs outside of Actions.

    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._output = environ.get("GITHUB_OUTPUT", "")
        self._summary = environ.get("GITHUB_STEP_SUMMARY", "")

    def say(self, text: str) -> None:
        """Print one line of progress, with every command in it broken."""
        print(untrusted.plain_line(text), flush=True)

    def emit(self, lines: list[str]) -> None:
        """Print workflow command lines that `untrusted` has escaped."""
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()

    def notice(self, kind: str, text: str) -> None:
        """Print an annotation of flakebot's own: `error`, `warning` or `notice`."""
        self.emit([f"::{kind} title=flakebot::{untrusted.command_data(text)}"])

    def fold(self, title: str, lines: Sequence[str]) -> None:
        """Print lines folded below a title, or the title alone when there are none."""
        if not lines:
            self.say(title)
            return
        self.emit([f"::group::{untrusted.command_data(title)}"])
        for line in lines:
            self.say(line)
        self.emit(["::endgroup::"])

    def outputs(self, values: Mapping[str, str]) -> None:
        """Append to the step's outputs."""
        if self._output:
            delimiter = f"flakebot_{uuid.uuid4()}"
            text = "".join(untrusted.output_value(k, v, delimiter) for k, v in values.items())
            _append(self._output, text)

    def summary(self, markdown: str) -> None:
        """Append to the step's summary, or nothing above the runner's limit."""
        if self._summary and len(markdown.encode()) <= SUMMARY_BYTES:
            _append(self._summary, markdown + "\n")


def _append(path: str, text: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(text)
