"""Run one target under atheris (https://github.com/google/atheris), or try one input again.

    python -m tests.fuzz.run TARGET SECONDS FOLDER
    python -m tests.fuzz.run TARGET FILE

FOLDER keeps the corpus as it grows, and what broke the target as `crash-…` or `timeout-…`.
"""

from __future__ import annotations

import sys
from pathlib import Path

HANG_SECONDS = 60
"""One input of a few kilobytes that takes longer has hung, however busy the machine is."""

SHORT = 10
"""Seconds; a shorter run takes every fifth seed, so that it does more than read them."""

MEMORY_MEGABYTES = 2048
LENGTH = 20_000
"""Bytes of an input."""


def main() -> None:
    """Parse the arguments, and fuzz until the time is over or something breaks."""
    name, seconds, *folder = sys.argv[1:]
    if not folder:
        from tests.fuzz.targets import TARGETS

        TARGETS[name](Path(seconds).read_bytes())
        return
    fuzz(name, int(seconds), Path(folder[0]))


def fuzz(name: str, seconds: int, folder: Path) -> None:
    """Never returns: libFuzzer ends the process, with 0 when nothing was found."""
    import atheris

    with atheris.instrument_imports(include=["flakebot"], enable_loader_override=False):
        from tests.fuzz.seeds import seeds
        from tests.fuzz.targets import TARGETS
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    chosen = list(seeds(name))[:: 5 if seconds < SHORT else 1]
    for number, seed in enumerate(chosen):
        (corpus / f"seed-{number:03}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={HANG_SECONDS}",
        f"-rss_limit_mb={MEMORY_MEGABYTES}",
        f"-max_len={LENGTH}",
        f"-artifact_prefix={folder}/{name}-",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
