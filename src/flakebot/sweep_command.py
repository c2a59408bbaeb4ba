"""`flakebot sweep`: scheduled upkeep of a repository's issues, on GitHub or in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flakebot import address, pipeline, screen, sweep_wiring, untrusted, wiring
from flakebot.settings_file import Chosen
from flakebot.sinks import json_report
from flakebot.wording import plural


def sweep(
    target: str,
    *,
    apply: bool,
    as_json: bool,
    now: datetime,
    settings: Chosen,
    environ: Mapping[str, str],
) -> int:
    """Print the plan (or the report), and apply it when asked to.

    Returns 1 when the plan was refused, or something of it could not be written.

    Raises:
        FlakebotError: the target has no such shape or cannot be read.

    """
    if folder := wiring.saved_repository(target):
        result = sweep_wiring.in_folder(folder, apply=apply, now=now, say=screen.say, **settings)
    else:
        where = address.parse_repository(target)
        server = wiring.named_server(where, environ)
        result = sweep_wiring.on_github(
            server, given={"dry_run": not apply}, now=now, say=screen.say, **settings
        )
    _print(result, as_json=as_json, apply=apply, now=now)
    return int(result.refused or not all(receipt.done for receipt in result.receipts))


def _print(result: pipeline.Swept, *, as_json: bool, apply: bool, now: datetime) -> None:
    if as_json:
        print(
            untrusted.json_line(
                json_report.swept(result.plan, result.receipts, result.problems, now)
            )
        )
        return
    for line in result.problems:
        print(untrusted.terminal(line))
    screen.show_plan(result.plan, result.receipts)
    if not result.plan.changes:
        print(f"nothing to do, by {plural(result.runs, 'attempt')} of runs on record")
    elif not apply:
        screen.say("nothing was written; --apply writes this plan")
