"""`flakebot demo`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    *,
    output: Annotated[
        Path, typer.Option(help="Where the copy of the sample and all results go.")
    ] = Path("flakebot-demo"),
) -> int:
    """Do the main job on a sample run, offline, on a folder in place of GitHub."""
    from flakebot import demo as show

    return show.main(output)
