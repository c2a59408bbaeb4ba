"""Play a story: analyse its past, then its last run, and say what came of it.

Everything is real but GitHub, which is a folder, and Hugging Face, which is scripted; `analyse` is
the one place that knows how flakebot is called.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from tests.scenarios.build import Look, Story, World

from flakebot import config, pipeline, planner
from flakebot.forges.folder import FolderForge
from flakebot.github_objects import ACTIONS_BOT, RunRef
from flakebot.hugging_face.scripted import ScriptedHub
from flakebot.judging.replaying import Replay
from flakebot.ledgers.folder import FolderLedger
from flakebot.pipeline import explaining, replaying
from flakebot.pipeline.explaining import Explained
from flakebot.pipeline.replaying import Asked
from flakebot.ports import EVER, Forge, Ledger
from flakebot.settings import Limits, Settings
from flakebot.sinks import job_summary, json_report

WRITES = frozenset(
    {
        "append",
        "create_label",
        "create_issue",
        "update_issue",
        "create_comment",
        "update_comment",
        "delete_comment",
        "rerun_failed_jobs",
        "start_workflow",
    }
)
"""The methods of forge and ledger that change the outer world."""


class CrashError(BaseException):
    """The process ends here; nothing in flakebot may catch it."""


@dataclass
class Fuse:
    """Counts writes, and ends the process after the one it is set to."""

    after: int = 0
    writes: int = 0

    def burn(self) -> None:
        """Count a write that has happened."""
        self.writes += 1
        if self.writes == self.after:
            raise CrashError


class Crashing:
    """A forge or ledger that passes every call on, and whose writes burn the fuse."""

    def __init__(self, target: object, fuse: Fuse) -> None:
        self._target = target
        self._fuse = fuse

    def __getattr__(self, name: str) -> object:
        """The target's own attribute, or its write with the fuse behind it."""
        attribute = getattr(self._target, name)
        return partial(self._write, attribute) if name in WRITES else attribute

    def _write(self, call: Callable[..., object], *args: object, **named: object) -> object:
        result = call(*args, **named)
        self._fuse.burn()
        return result


def analyse(
    folder: Path,
    look: Look,
    *,
    given: Mapping[str, Any] | None = None,
    apply: bool = True,
    fuse: Fuse | None = None,
) -> pipeline.Result:
    """One look of flakebot at a run of the folder."""
    fuse = fuse or Fuse()
    tools, settings = _tools(folder, look, {"dry_run": not apply, **(given or {})}, fuse)
    ref = RunRef(run_id=look.run_id, attempt=look.attempt)
    return pipeline.run(ref, tools, settings=settings, now=look.now)


def _tools(
    folder: Path, look: Look, inputs: Mapping[str, Any], fuse: Fuse
) -> tuple[pipeline.Tools, Settings]:
    plain = FolderForge(folder, now=look.now, limits=Limits())
    text = plain.contents(".github/flakebot.toml")
    settings, known = config.settings_from(inputs, text), config.rules_from(text)
    forge = FolderForge(folder, now=look.now, limits=settings.limits)
    tools = pipeline.Tools(
        forge=cast("Forge", Crashing(forge, fuse)),
        ledger=cast("Ledger", Crashing(FolderLedger(folder), fuse)),
        hub=ScriptedHub(folder / "hugging_face.json", settings),
        rules=known.rules,
        faulty_rules=known.faults,
        say=lambda _: None,
    )
    return tools, settings


def sweep(
    folder: Path,
    look: Look,
    *,
    given: Mapping[str, Any] | None = None,
    apply: bool = True,
    fuse: Fuse | None = None,
) -> pipeline.Swept:
    """One sweep of the folder."""
    fuse = fuse or Fuse()
    forge = FolderForge(folder, now=look.now, limits=Limits())
    inputs = {"dry_run": not apply, **(given or {})}
    return pipeline.sweep(
        cast("Forge", Crashing(forge, fuse)),
        cast("Ledger", Crashing(FolderLedger(folder), fuse)),
        settings=config.settings_from(inputs, forge.contents(".github/flakebot.toml")),
        now=look.now,
        say=lambda _: None,
    )


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A story up to its last run: the folder as it is then, and the last look."""

    folder: Path
    look: Look
    given: Mapping[str, Any]
    verdicts: tuple[str, ...]

    def copy(self, target: Path) -> Stage:
        """The same in another folder."""
        shutil.copytree(self.folder, target)
        return replace(self, folder=target)

    def play(self, *, apply: bool = True, fuse: Fuse | None = None) -> pipeline.Result:
        """Look at the last run."""
        return analyse(self.folder, self.look, given=self.given, apply=apply, fuse=fuse)

    def explained(self) -> Explained:
        """Why the last run is judged as it is; nothing is written."""
        tools, settings = _tools(self.folder, self.look, self.given, Fuse(after=-1))
        ref = RunRef(run_id=self.look.run_id, attempt=self.look.attempt)
        return explaining.explain(ref, tools, settings=settings, now=self.look.now)

    def replayed(self, logs: int) -> Replay:
        """What becomes of the verdicts on all its runs, some of whose logs are read again."""
        tools, settings = _tools(self.folder, self.look, self.given, Fuse(after=-1))
        asked = Asked(since=EVER, limit=1000, logs=logs)
        return replaying.replay(tools, asked, settings=settings, now=self.look.now)


def stage(story: Story, folder: Path) -> Stage:
    """Compose a story and play its past."""
    folder.mkdir(parents=True)
    world = World(root=folder)
    story(world)
    for look in world.past:
        for edit in look.edits:
            edit()
        if look.run_id:
            analyse(folder, look)
        else:
            sweep(folder, look)
    for edit in (*world.subject.edits, *world.edits):
        edit()
    return Stage(
        folder=folder, look=world.subject, given=dict(world.given), verdicts=world.verdicts
    )


def verdicts_of(result: pipeline.Result) -> tuple[str, ...]:
    """What was found, in the words of `World.expect`."""
    report = result.report
    findings = {f"{f.verdict.kind} {f.verdict.level}".strip() for f in report.findings}
    events = {f"event {event.kind}" for event in report.events}
    return (str(report.overall), *sorted(findings | events))


def state_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder and its content."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def told(staged: Stage, result: pipeline.Result) -> dict[str, str]:
    """What a person sees after the last look, by the names of the expected files."""
    outputs = json_report.outputs(result.report, result.receipts, report_path="report.json")
    files = {
        "plan.txt": "".join(f"{line}\n" for line in planner.describe(result.plan)),
        "outputs.json": json.dumps(outputs, indent=1) + "\n",
        "summary.md": job_summary.render(result.report, result.plan, result.receipts),
    }
    return files | _issues(staged.folder) | _comment(staged, result.report.pull_request)


def told_by_sweep(staged: Stage, result: pipeline.Swept) -> dict[str, str]:
    """What a person sees after a sweep, by the names of the expected files."""
    files = {
        "plan.txt": "".join(f"{line}\n" for line in planner.describe(result.plan)),
        "summary.md": job_summary.swept(result.runs, result.problems, result.plan, result.receipts),
    }
    return files | _issues(staged.folder)


def _issues(folder: Path) -> dict[str, str]:
    """The readable text of every issue and of the comments on it."""
    issues = folder / "issues"
    texts = sorted(issues.glob("*.md")) + sorted(issues.glob("*.comments/*.md"))
    return {
        f"issues/{path.relative_to(issues)}": path.read_text()
        for path in texts
        if not _is_pull(folder, path.relative_to(issues).parts[0])
    }


def _is_pull(folder: Path, name: str) -> bool:
    return (folder / f"pulls/{name.partition('.')[0]}.json").exists()


def _comment(staged: Stage, number: int) -> dict[str, str]:
    """Our one comment on the pull request; two would be a fault of the story's run."""
    if not number:
        return {}
    forge = FolderForge(staged.folder, now=staged.look.now, limits=Limits())
    ours = [c for c in forge.comments(number) if c.user and c.user.login == ACTIONS_BOT]
    return {f"comment{'' if n == 0 else n}.md": f"{c.body}\n" for n, c in enumerate(ours)}
