"""A forge in memory: the part of GitHub that views read and write, with its rules and faults."""

# ruff: noqa: D102 - the methods are those of `ports.Forge`

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from flakebot.errors import DoubtfulWriteError, FlakebotError
from flakebot.github_objects import (
    Account,
    ChangedFile,
    Comment,
    Issue,
    Job,
    Label,
    PullRequest,
    Repository,
    Run,
    RunRef,
)
from flakebot.model import JobLog, JUnitFile, MissingJUnit

BOT = Account(login="github-actions[bot]", type="Bot")
SITE = "https://github.com/org/repo"


@dataclass
class MemoryForge:
    """Keeps issues and comments; `lost` answers are dropped after the write, `swallowed` before."""

    runs: dict[int, Run] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    listed: dict[int, Issue] = field(default_factory=dict)
    said: dict[int, list[Comment]] = field(default_factory=dict)
    names: list[Label] = field(default_factory=list)
    parents: dict[str, set[str]] = field(default_factory=dict)
    closing: dict[int, str] = field(default_factory=dict)
    reruns: list[int] = field(default_factory=list)
    started: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    reactions: list[tuple[int, str]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failures: dict[str, FlakebotError] = field(default_factory=dict)
    lost: int = 0
    swallowed: int = 0
    keeps_old_body: bool = False
    last: int = 100

    def _ask(self, what: str) -> None:
        self.requests.append(what)
        if what in self.failures:
            raise self.failures[what]

    def _number(self) -> int:
        self.last += 1
        return self.last

    def _doubt(self) -> None:
        """Whether the connection breaks before the write happens."""
        if self.swallowed:
            self.swallowed -= 1
            raise DoubtfulWriteError("no answer came")

    def _answer(self) -> None:
        """Whether the connection breaks after the write happened."""
        if self.lost:
            self.lost -= 1
            raise DoubtfulWriteError("no answer came")

    def bot(self) -> str:
        return BOT.login

    def repository(self) -> Repository:
        return Repository(full_name="org/repo", html_url=SITE)

    def run(self, ref: RunRef) -> Run:
        self._ask("run")
        return self.runs[ref.run_id]

    def finished_runs(self, since: datetime, until: datetime, *, branch: str = "") -> Sequence[Run]:
        raise NotImplementedError

    def jobs(self, run_id: int, attempt: int) -> Sequence[Job]:
        raise NotImplementedError

    def logs(self, run: Run, attempt: int, jobs: Sequence[Job]) -> Iterator[tuple[Job, JobLog]]:
        raise NotImplementedError

    def junit(self, run: Run, names: Sequence[str]) -> Iterator[JUnitFile | MissingJUnit]:
        raise NotImplementedError

    def pull_request(self, run: Run, *, as_named: bool = False) -> PullRequest | None:  # noqa: ARG002
        self._ask("pull_request")
        return self.pulls.get(run.id)

    def changed_files(self, pull_request: int) -> Sequence[ChangedFile]:
        raise NotImplementedError

    def contents(self, path: str) -> str | None:
        self._ask("contents")
        return self.files.get(path)

    def contains(self, commit: str, ancestor: str) -> bool | None:
        self._ask("contains")
        return ancestor in self.parents[commit] if commit in self.parents else None

    def closing_commit(self, issue: Issue) -> str | None:
        self._ask("closing_commit")
        return self.closing.get(issue.number)

    def labels(self) -> Sequence[Label]:
        return self.names

    def label(self, name: str) -> Label | None:
        self._ask("label")
        return next((label for label in self.names if label.name == name), None)

    def issues(self, label: str) -> Sequence[Issue]:
        self._ask("issues")
        return [i for i in self.listed.values() if label in {each.name for each in i.labels}]

    def comments(self, number: int, since: datetime | None = None) -> Sequence[Comment]:
        assert since is None, "comments here have no time"
        self._ask("comments")
        return list(self.said.get(number, []))

    def create_label(self, label: Label) -> None:
        self._ask("create_label")
        self.names.append(label)

    def create_issue(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        self._ask("create_issue")
        self._doubt()
        number = self._number()
        issue = Issue(
            number=number,
            title=title,
            body=body,
            user=BOT,
            labels=tuple(Label(name=name) for name in labels),
            html_url=f"{SITE}/issues/{number}",
        )
        self.listed[number] = issue
        self._answer()
        return issue

    def update_issue(
        self,
        number: int,
        *,
        body: str | None = None,
        state: Literal["open", "closed"] | None = None,
        state_reason: str | None = None,
    ) -> Issue:
        self._ask("update_issue")
        issue = self.listed[number]
        if body is not None and not self.keeps_old_body:
            issue = replace(issue, body=body)
        if state is not None:
            issue = replace(issue, state=state, state_reason=state_reason)
        self.listed[number] = issue
        return issue

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        self._ask("add_labels")
        issue = self.listed[number]
        fresh = tuple(Label(name=name) for name in labels)
        self.listed[number] = replace(issue, labels=(*issue.labels, *fresh))

    def react(self, comment_id: int, content: Literal["+1", "confused"]) -> None:
        self._ask("react")
        self.reactions.append((comment_id, content))

    def create_comment(self, number: int, body: str) -> Comment:
        self._ask("create_comment")
        self._doubt()
        each = self._number()
        url = f"{SITE}/issues/{number}#issuecomment-{each}"
        comment = Comment(id=each, body=body, user=BOT, html_url=url)
        self.said.setdefault(number, []).append(comment)
        self._answer()
        return comment

    def update_comment(self, number: int, comment_id: int, body: str) -> Comment:
        self._ask("update_comment")
        comments = self.said[number]
        at = next(i for i, comment in enumerate(comments) if comment.id == comment_id)
        comments[at] = replace(comments[at], body=body)
        return comments[at]

    def delete_comment(self, number: int, comment_id: int) -> None:
        self._ask("delete_comment")
        self.said[number] = [c for c in self.said[number] if c.id != comment_id]

    def start_workflow(self, file: str, inputs: Mapping[str, str]) -> None:
        self._ask("start_workflow")
        self.started.append((file, dict(inputs)))

    def rerun_failed_jobs(self, run_id: int) -> None:
        self._ask("rerun_failed_jobs")
        self.reruns.append(run_id)
