"""`flakebot run`: the whole pipeline on one run, on GitHub or in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flakebot import address, pipeline, screen, untrusted, wiring
from flakebot.github_objects import RunRef
from flakebot.settings_file import Chosen
from flakebot.sinks import json_report
from flakebot.views import telling


def run(
    target: str,
    *,
    attempt: int | None,
    apply: bool,
    as_json: bool,
    now: datetime,
    settings: Chosen,
    environ: Mapping[str, str],
) -> int:
    """Analyse the run, print the plan (or the report), and apply it when asked to.

    Returns 1 when the plan was refused, or something of it could not be written.

    Raises:
        FlakebotError: the target has no such shape or cannot be read.

    """
    if "://" in target:
        result = _on_github(
            target, attempt=attempt, apply=apply, now=now, settings=settings, environ=environ
        )
    else:
        folder, run_id = wiring.folder_target(target)
        ref = RunRef(run_id=run_id, attempt=attempt)
        result = wiring.run_in_folder(folder, ref, apply=apply, now=now, say=screen.say, **settings)
    _print(result, as_json=as_json, apply=apply)
    return int(result.refused or not all(receipt.done for receipt in result.receipts))


def _on_github(
    target: str,
    *,
    attempt: int | None,
    apply: bool,
    now: datetime,
    settings: Chosen,
    environ: Mapping[str, str],
) -> pipeline.Result:
    where = address.parse(target)
    server = wiring.named_server(where, environ)
    result, _ = wiring.run_on_github(
        server,
        RunRef(run_id=where.run_id, attempt=attempt or where.attempt),
        given={"dry_run": not apply},
        hf_token=environ.get("HF_TOKEN", ""),
        now=now,
        say=screen.say,
        **settings,
    )
    return result


def _print(result: pipeline.Result, *, as_json: bool, apply: bool) -> None:
    if as_json:
        print(untrusted.json_line(json_report.build(result.report, result.plan, result.receipts)))
        return
    print(untrusted.terminal(f"{result.report.overall}: {telling.headline(result.report)}"))
    for finding in result.report.findings:
        print(untrusted.terminal(telling.line(finding)))
    screen.show_plan(result.plan, result.receipts)
    if not apply:
        screen.say("nothing was written; --apply writes this plan")
