"""Comments of a maintainer in a folder in place of GitHub, answered as the Action answers them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from tests.scenarios.build import FIRST_DAY, Object, World, stamp
from tests.scenarios.harness import Crashing, Fuse

from flakebot import config, event
from flakebot.forges.folder import FolderForge
from flakebot.github_objects import ACTIONS_BOT, Issue, Run
from flakebot.ledgers.folder import FolderLedger
from flakebot.pipeline import answering
from flakebot.pipeline.answering import Answered
from flakebot.ports import Forge, Ledger
from flakebot.settings import Limits

ADA = "ada"
"""The one who may write."""


@dataclass(frozen=True)
class FolderConversation:
    """What a comment with a command needs to know, read from the folder."""

    folder: Path
    forge: FolderForge

    def may_write(self, login: str) -> bool:
        """One person may."""
        return login == ADA

    def reacted(self, comment_id: int, login: str) -> bool:
        """Reactions in a folder are the bot's own."""
        files = (self.folder / "issues").glob("*.comments.json")
        comments = (each for file in files for each in json.loads(file.read_text()))
        return login == ACTIONS_BOT and any(
            each["id"] == comment_id and each.get("reactions") for each in comments
        )

    def issue(self, number: int) -> Issue:
        """One that carries our label."""
        return next(each for each in self.forge.issues("flaky-test") if each.number == number)

    def commit(self, name: str) -> str | None:
        """One of those in the folder."""
        commits = json.loads((self.folder / "commits.json").read_text())
        return next((each["sha"] for each in commits if each["sha"].startswith(name)), None)

    def runs(self, pull_request: int) -> Sequence[Run]:
        """None is run again here."""
        raise NotImplementedError

    def has_started(self, file: str, login: str, since: datetime) -> bool:
        """No workflow runs here."""
        raise NotImplementedError


def say(
    folder: Path, number: int, body: str, *, comment: int, day: float, fuse: Fuse | None = None
) -> Answered:
    """A maintainer comments on an issue or pull request, and the event is delivered."""
    written: Object = {
        "id": comment,
        "body": body,
        "user": {"login": ADA, "type": "User"},
        "created_at": stamp(day),
    }
    path = folder / f"issues/{number}.comments.json"
    known = json.loads(path.read_text()) if path.exists() else []
    if all(each["id"] != comment for each in known):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps([*known, written]))
    pull: Object = {"pull_request": {}} if (folder / f"pulls/{number}.json").exists() else {}
    payload: Object = {"action": "created", "comment": written, "issue": {"number": number, **pull}}
    task = event.find_task("issue_comment", payload)
    assert isinstance(task, event.AnswerComment)
    now = FIRST_DAY + timedelta(days=day)
    forge = FolderForge(folder, now=now, limits=Limits())
    fuse = fuse or Fuse()
    return answering.respond(
        task.asked,
        cast("Forge", Crashing(forge, fuse)),
        FolderConversation(folder, forge),
        cast("Ledger", Crashing(FolderLedger(folder), fuse)),
        config.settings_from({}, forge.contents(".github/flakebot.toml")),
        lambda _: None,
    )


def before_last(world: World, number: int, body: str, *, comment: int, day: float) -> None:
    """The comment comes just before the last look composed so far."""
    look = world.looks[-1]

    def edit() -> None:
        say(world.root, number, body, comment=comment, day=day)

    world.looks[-1] = replace(look, edits=(*look.edits, edit))
