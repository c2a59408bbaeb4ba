"""`flakebot classify`: its options."""

from __future__ import annotations

import os

from flakebot.cli import given


def classify(
    paths: given.Paths, *, as_json: given.AsObject = False, config: given.FolderConfig = None
) -> int:
    """Show the failing tests, causes and categories in logs."""
    from flakebot import classify_command

    return classify_command.classify(paths, given.project(config), os.environ, as_json=as_json)
