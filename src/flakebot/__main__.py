"""The two entry points: choose what runs, catch what goes wrong, give the exit code.

Exit 0 is done, 1 an expected error in one sentence, 2 wrong usage, 3 a bug with a report to paste.
"""

from __future__ import annotations

import gc
import io
import os
import platform
import sys
import traceback
from collections.abc import Callable, Sequence

from flakebot import __version__
from flakebot.errors import BUG, DONE, EXPECTED, INTERRUPTED, FlakebotError

ISSUES = "https://github.com/ai-dynamo/flakebot/issues"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line, and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--version"]:  # answered without loading anything else
        print(f"flakebot {__version__}")
        return DONE

    def command_line() -> int:
        from flakebot import cli

        return cli.main(arguments)

    return _guarded(command_line)


def main_action() -> int:
    """Run as a step of a workflow, and return its exit code."""
    if sys.argv[1:]:  # `flakebot-action --version` and the like, for people who try the image
        return main()

    def step() -> int:
        from flakebot import action

        return action.main(os.environ)

    return _guarded(step)


def _guarded(program: Callable[[], int]) -> int:
    """Turn every way to fail into an exit code and words on standard error."""
    collect_rarely()
    if isinstance(sys.stdout, io.TextIOWrapper):  # `?` for what the locale's encoding lacks
        sys.stdout.reconfigure(errors="replace")
    try:
        return program()
    except FlakebotError as error:
        from flakebot import untrusted

        _tell(untrusted.plain_line(f"flakebot: {error}"))
        return EXPECTED
    except KeyboardInterrupt:
        _tell("flakebot: interrupted")
        return INTERRUPTED
    except Exception:  # noqa: BLE001  # the last resort, which must tell the user what to do
        _tell(bug_report(traceback.format_exc()))
        return BUG


def collect_rarely() -> None:
    """Look for cycles of garbage after 50,000 new objects, not after 700.

    A ledger is a hundred thousand objects that live to the end and form no cycles: looking through
    them again and again took half the time of reading it, and two thirds of that of its index
    (https://docs.python.org/3/library/gc.html#gc.set_threshold).
    """
    gc.set_threshold(50_000, 20, 50)


def bug_report(trace: str) -> str:
    """Return a report to paste into an issue: versions and the traceback, with secrets masked."""
    from flakebot import secrets_mask, untrusted

    lines = [
        f"flakebot: this is a bug. Please report it at {ISSUES} with:",
        f"flakebot {__version__}, Python {platform.python_version()}, {platform.platform()}",
        *trace.splitlines(),
    ]
    return "\n".join(untrusted.plain_line(secrets_mask.mask(line)) for line in lines)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
