"""`flakebot fetch`: its options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from flakebot.cli import given


def fetch(
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL[@REVISION]...", help="What the tests load.")
    ],
    *,
    include: Annotated[
        list[str] | None,
        typer.Option(help="Only files whose path matches this glob; may be given more than once."),
    ] = None,
    repo_type: Annotated[
        Literal["model", "dataset", "space"], typer.Option(help="What MODEL names.")
    ] = "model",
    cache_dir: Annotated[
        Path | None, typer.Option(help="The cache; else that of HF_HUB_CACHE or HF_HOME.")
    ] = None,
    retry_max_attempts: Annotated[int, typer.Option(min=1, help="Downloads begun per model.")] = 5,
    retry_max_seconds: Annotated[
        int, typer.Option(min=0, help="Seconds of waiting between them, for all models together.")
    ] = 300,
    lock_seconds: Annotated[
        int, typer.Option(min=0, help="Seconds to wait for another process with the same cache.")
    ] = 1800,
    as_json: given.AsArray = False,
) -> int:
    """Download models from Hugging Face with back-off, before the tests start.

    Uses Hugging Face's client (pip install 'flakebot[fetch]') and its settings: HF_TOKEN,
    HF_ENDPOINT, HF_HOME. Files that are in the cache already are kept. At the end every file is
    loaded from the cache with HF_HUB_OFFLINE=1.
    """
    from flakebot import fetch_command

    return fetch_command.fetch(
        models,
        include=include or (),
        kind=repo_type,
        cache=cache_dir,
        attempts=retry_max_attempts,
        seconds=retry_max_seconds,
        lock_seconds=lock_seconds,
        as_json=as_json,
        environ=os.environ,
        now=given.moment(""),
    )
