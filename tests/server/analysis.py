"""Analyses of the fake GitHub as the Action makes them, without waiting, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.scenarios.build import Job, World
from tests.server.answers import Json
from tests.server.fake_github import FakeGitHub

from flakebot import pipeline, wiring
from flakebot.github_objects import RunRef
from flakebot.hugging_face.scripted import ScriptedHub
from flakebot.ledgers import lines
from flakebot.records import RunRecord
from flakebot.retrying import Patience
from flakebot.settings import Settings

BRANCH = "refs/heads/flakebot-data"
SECONDS = 120.0
PULL = 7


def compose(folder: Path) -> None:
    """Two runs of a pull request: a proven flake beside a new failure, with JUnit files."""
    world = World(root=folder)
    world.always("max-new-issues = 4\n")
    branch = world.pull(PULL, sha="head1")
    for run_id, log in ((1, "sigabrt"), (2, "bindings-split")):
        first = [Job(log=log), Job(name="other", log="two-failures")]
        second = [Job(), Job(name="other", log="two-failures")]
        sha = f"head{run_id}"
        world.run(run_id, first, second, day=run_id, sha=sha, branch=branch)
        junit = '<testsuites><testsuite name="pytest" tests="0"></testsuite></testsuites>'
        world.write(f"runs/{run_id}/artifacts/junit-other/a.xml", junit)


def analyse(  # noqa: PLR0913  # what an analysis depends on, all of it by keyword
    fake: FakeGitHub,
    ref: RunRef,
    *,
    now: datetime,
    folder: Path | None = None,
    given: Mapping[str, object] | None = None,
    config_text: str | None = None,
    inside: bool = False,
    sleep: Callable[[float], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
    server_time: datetime | None = None,
    repository: str = "",
) -> pipeline.Result:
    """One analysis over real HTTP; Hugging Face answers as `folder` scripts, or is not asked.

    GitHub's clock shows `now` too, or `server_time`; `repository` may be a former name.
    """
    fake.clock.now = server_time or now
    settings = dict(given or {})
    if folder is None:
        settings["retry_hugging_face"] = "off"

    def hub(effective: Settings) -> ScriptedHub:
        return ScriptedHub((folder or Path("/nowhere")) / "hugging_face.json", effective)

    result, _ = wiring.run_on_github(
        wiring.Server(repository=repository or fake.repository, token=fake.token, api_url=fake.url),
        ref,
        given=settings,
        config_text=config_text,
        inside=inside,
        now=now,
        say=say,
        patience=Patience(SECONDS, sleep=sleep, uniform=lambda _, high: high),
        hub=hub,
    )
    return result


def writes(fake: FakeGitHub, since: int = 0) -> list[str]:
    """Method and path of everything but reads, from a request on."""
    return [f"{one.method} {one.path}" for one in fake.requests[since:] if one.method != "GET"]


def ledger(fake: FakeGitHub) -> list[RunRecord]:
    """Every record on the ledger's branch, doubles included."""
    tip = fake.state.git.refs.get(BRANCH)
    if tip is None:
        return []
    files = fake.state.git.flat(fake.state.git.commits[tip].tree)
    decoded = [
        lines.decode(path, fake.state.git.blobs[entry.sha]) for path, entry in sorted(files.items())
    ]
    assert [problem for part in decoded for problem in part.skipped] == []
    return [record for part in decoded for record in part.records]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What people see of an analysis, and the ledger behind it."""

    issues: list[tuple[int, str, str, str, tuple[str, ...]]]
    comments: list[tuple[int, str, str]]
    labels: list[str]
    records: list[RunRecord]


def seen(fake: FakeGitHub) -> Seen:
    """Issues, comments, labels and records, without their times."""
    state = fake.state
    return Seen(
        issues=[_issue(issue) for issue in state.issues.values()],
        comments=[
            (number, comment["user"]["login"], comment["body"])
            for number, comments in sorted(state.comments.items())
            for comment in comments.values()
        ],
        labels=sorted(state.labels),
        records=sorted(ledger(fake), key=lambda record: record.key),
    )


def _issue(issue: Json) -> tuple[int, str, str, str, tuple[str, ...]]:
    labels = tuple(label["name"] for label in issue["labels"])
    return issue["number"], issue["title"], issue["body"] or "", issue["state"], labels
