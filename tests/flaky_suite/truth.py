"""The suite's own log of truth: what really happened, appended outside pytest before it shows."""

from __future__ import annotations

import json
import os


def note(event: str, test: str = "", child: int = 0) -> None:
    """Append one line and force it to disk: the next thing may be the end of the process."""
    line = {
        "event": event,
        "test": test,
        "child": child,
        "processes": int(os.environ["FLAKY_SUITE_PROCESSES"]),
        "forked": os.environ["FLAKY_SUITE_FORKED"] == "1",
        "iteration": int(os.environ["FLAKEBOT_ITERATION"]),
    }
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    file = os.open(os.environ["FLAKY_SUITE_TRUTH"], flags, 0o600)
    os.write(file, json.dumps(line).encode() + b"\n")
    os.fsync(file)
    os.close(file)
