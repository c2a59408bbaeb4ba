"""The main job on a sample run, offline: GitHub is a folder, Hugging Face is scripted."""

from __future__ import annotations

import os
import re
import shutil
import sys
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.rule import Rule

from flakebot import pipeline, planner, untrusted, wiring
from flakebot.errors import InputError
from flakebot.forges.folder import FolderForge
from flakebot.github_objects import Run, RunRef
from flakebot.settings import Limits

MAIN_RUN = 21553857421
"""The run of the investigation that flakebot comes from."""

_MARK = ".flakebot-demo"
"""A file that says a folder is a demo's, so that only such a folder is ever replaced."""


def main(output: Path) -> int:
    """Copy the sample to a folder, analyse its runs in order, and show what a person would see.

    Raises:
        InputError: the folder exists and is not an earlier demo's, or cannot be written.

    """
    folder = _fresh_copy(output)
    console = Console(soft_wrap=False)
    earlier, last = _runs(folder)
    console.print(f"A sample of ai-dynamo/dynamo, copied to {folder}; nothing leaves this machine.")
    console.print(f"Analysing {len(earlier)} earlier runs first: they are the history.\n")
    for run in earlier:
        _analyse(folder, run, apply=True)
    planned = _analyse(folder, last, apply=False)
    console.print(Rule(f"The plan for run {last.id}, {last.run_attempt} attempts"))
    for line in planner.describe(planned.plan):
        console.print(untrusted.terminal(line), markup=False, highlight=False)
    _analyse(folder, last, apply=True)
    again = _analyse(folder, last, apply=False)
    console.print(f"\nApplied. A second plan has {len(again.plan.changes)} changes.")
    _show(console, folder, last)
    console.print(Rule("Where everything is"))
    for where, what in _places(folder, last):
        console.print(f"{where}  {what}", markup=False, highlight=False, soft_wrap=True)
    return 0


def _fresh_copy(output: Path) -> Path:
    try:
        if output.exists():
            _clear(output)
        with resources.as_file(resources.files("flakebot") / "resources" / "sample") as sample:
            shutil.copytree(sample, output)
        (output / _MARK).touch()
    except OSError as error:
        why = error.strerror or "not all could be copied"
        raise InputError(f"{output} cannot be written ({why}); name another with --output.") from (
            error
        )
    return output


def _clear(output: Path) -> None:
    if not output.is_dir() or output.resolve() == Path.cwd():
        raise InputError(f"{output} is no folder of its own; name another with --output.")
    if any(output.iterdir()) and not (output / _MARK).exists():
        raise InputError(f"{output} holds something else; name another folder with --output.")
    shutil.rmtree(output)


def _runs(folder: Path) -> tuple[list[Run], Run]:
    """The earlier runs in order of their end, and the main run."""
    forge = FolderForge(folder, now=datetime.min.replace(tzinfo=UTC), limits=Limits())
    ids = [int(path.name) for path in (folder / "runs").iterdir() if path.name.isdecimal()]
    runs = sorted((forge.run(RunRef(run_id=i)) for i in ids), key=_end)
    main_run = next(run for run in runs if run.id == MAIN_RUN)
    return [run for run in runs if run.id != MAIN_RUN], main_run


def _end(run: Run) -> datetime:
    return run.updated_at or run.created_at or datetime.min.replace(tzinfo=UTC)


def _analyse(folder: Path, run: Run, *, apply: bool) -> pipeline.Result:
    return wiring.run_in_folder(
        folder, RunRef(run_id=run.id), apply=apply, now=_end(run) + timedelta(minutes=1)
    )


def _show(console: Console, folder: Path, run: Run) -> None:
    """Print the comment and the issue of the worst flake, rendered as Markdown."""
    forge = FolderForge(folder, now=_end(run), limits=Limits())
    pull = forge.pull_request(run)
    if pull:
        console.print(Rule(f"The comment on pull request #{pull.number}"))
        ours = [c for c in forge.comments(pull.number) if c.user and c.user.login == forge.bot()]
        for comment in ours:
            console.print(Markdown(_visible(comment.body)))
    issues = [
        issue for issue in forge.issues("flaky-test") if "crash-sigabrt" in (issue.body or "")
    ]
    for issue in issues[:1]:
        console.print(Rule(f"Tracking issue #{issue.number}: {untrusted.terminal(issue.title)}"))
        console.print(Markdown(_visible(issue.body)))


def _visible(body: str | None) -> str:
    """A body without what GitHub hides or folds: markers away, summaries of folds in bold."""
    text = re.sub(r"<!--.*?-->", "", body or "", flags=re.DOTALL)
    text = re.sub(r"</?summary>", "**", text)
    return re.sub(r"</?details>", "", text)


def _places(folder: Path, run: Run) -> list[tuple[str, str]]:
    now = (_end(run) + timedelta(minutes=1)).isoformat()
    flakebot = _program()
    return [
        (f"{folder}/issues/*.md", "issues and comments as flakebot wrote them"),
        (f"{folder}/ledger/", "the ledger every count is computed from"),
        (f"{folder}/runs/{run.id}/", "the run that went in: jobs, logs, JUnit files"),
        (f"{flakebot} run {folder}/runs/{run.id} --now {now}", "again; the plan is empty now"),
        (f"{flakebot} classify {folder}/runs/{run.id}/attempts/1/logs", "what the logs say"),
    ]


def _program() -> str:
    """How to start flakebot from here: in a clone it is not on the path."""
    if shutil.which("flakebot"):
        return "flakebot"
    return os.path.relpath(Path(sys.executable).with_name("flakebot"))
