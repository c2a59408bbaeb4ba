"""What goes wrong in this run: names in `SAMPLE_FAULTS`, separated by commas."""

import os
from pathlib import Path


def on(name: str) -> bool:
    """Whether a fault is switched on."""
    return name in filter(None, os.environ.get("SAMPLE_FAULTS", "").split(","))


def once(name: str) -> bool:
    """Whether a fault is switched on and happens for the first time, in whatever process."""
    if not on(name):
        return False
    try:
        Path(os.environ["SAMPLE_STATE"], name).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
