"""Compare `flakebot classify` with `rg -c -f` on the same log and the same patterns.

`log_speed.py LOG...`: seconds of processor time (a shared machine's clock says little), megabytes
per second and peak memory of each, one process after the other. Logs come from `make_log.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from flakebot.reading import rules

FLAKEBOT = (sys.executable, "-m", "flakebot", "classify", "--json")


def measured(command: list[str]) -> tuple[float, int]:
    """Processor seconds and peak memory in bytes of a command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[0]} ended with status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def patterns() -> str:
    """The rules' patterns, one a line, in the syntax that Rust's engine takes."""
    rows = (rule.pattern.replace("\\n", " ") for rule in rules.builtin().rules)
    rows = (row.replace('\\"', '"').replace("\\`", "`") for row in rows)
    return "".join(f"(?:{row})\n" for row in rows)


def main(logs: list[str]) -> None:
    """Print one line per log and program."""
    subprocess.run(["rg", "--version"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "patterns")
        file.write_text(patterns(), encoding="utf-8")
        for log in logs:
            size = Path(log).stat().st_size / 1e6
            for command in ([*FLAKEBOT, log], ["rg", "-j1", "-c", "-f", str(file), log]):
                seconds, memory = measured(command)
                print(
                    f"{log} {size:.0f} MB: {Path(command[0]).name} {seconds:.2f} s, "
                    f"{size / seconds:.0f} MB/s, peak {memory / 1e6:.0f} MB"
                )


if __name__ == "__main__":
    main(sys.argv[1:])
