"""Labels and issues of a folder in place of GitHub, with GitHub's limits and refusals.

Beside the JSON stands a text to read: `issues/7.md`. The text is written first, so the JSON, which
counts, is the last step of every write.

Limits: https://docs.github.com/en/rest/issues; an issue's body that is too long is refused on
creation and silently kept as it was on an update, as GitHub does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from flakebot import json_files
from flakebot.errors import GitHubError, NotFoundError
from flakebot.forges.folder_files import MAX_BODY, FolderFiles, Object, refuse_longer
from flakebot.github_objects import ACTIONS_BOT, Issue, Label

MAX_TITLE = 256
MAX_LABELS = 100
MAX_LABEL_NAME = 50
MAX_LABEL_DESCRIPTION = 100


class FolderIssues(FolderFiles):
    """The labels and issues."""

    # -- labels ----------------------------------------------------------------------------

    def labels(self) -> Sequence[Label]:
        """All labels of `labels.json`."""
        return self._read("labels.json", tuple[Label, ...]) or ()

    def label(self, name: str) -> Label | None:
        """One label; names are compared without case, as GitHub does."""
        same = (label for label in self.labels() if label.name.casefold() == name.casefold())
        return next(same, None)

    def create_label(self, label: Label) -> None:
        """Add a label to `labels.json`; one that exists already is no error."""
        if self.label(label.name):
            return
        refuse_longer("name", label.name, MAX_LABEL_NAME)
        refuse_longer("description", label.description or "", MAX_LABEL_DESCRIPTION)
        labels = self._read("labels.json", list[Object]) or []
        self._write("labels.json", [*labels, msgspec.to_builtins(label)])

    # -- issues ----------------------------------------------------------------------------

    def issues(self, label: str) -> Sequence[Issue]:
        """All issues with a label, by number; one unreadable file makes the list partial."""
        wanted = label.casefold()
        return tuple(
            issue
            for issue in self._complete("issues", self._all_issues)
            if issue.pull_request is None
            and any(wanted == own.name.casefold() for own in issue.labels)
        )

    def create_issue(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Open an issue; labels the repository lacks are created, as GitHub does."""
        if not self.repository().has_issues:
            raise GitHubError("Issues has been disabled in this repository.", status=410)
        refuse_longer("title", title, MAX_TITLE)
        refuse_longer("body", body, MAX_BODY)
        if len(labels) > MAX_LABELS:
            raise GitHubError("Issues cannot have more than 100 labels.", status=422)
        for name in labels:
            self.create_label(Label(name=name))
        known = {label.name.casefold(): label for label in self.labels()}
        number = max((*self._numbers("issues"), *self._numbers("pulls")), default=0) + 1
        return self._save_issue(
            number,
            {
                "number": number,
                "title": title,
                "body": body,
                "state": "open",
                "state_reason": None,
                "user": {"login": ACTIONS_BOT, "type": "Bot"},
                "labels": msgspec.to_builtins([known[name.casefold()] for name in labels]),
                "created_at": self._time(),
                "updated_at": self._time(),
                "closed_at": None,
                "html_url": f"{self._url()}/issues/{number}",
                "locked": False,
            },
        )

    def update_issue(
        self,
        number: int,
        *,
        body: str | None = None,
        state: Literal["open", "closed"] | None = None,
        state_reason: str | None = None,
    ) -> Issue:
        """Edit an issue; a body over the limit is silently not taken."""
        issue = self._read(f"issues/{number}.json", Object)
        if issue is None:
            raise NotFoundError(f"Issue {number} is not in {self.root}.")
        issue["updated_at"] = self._time()
        if body is not None and len(body) <= MAX_BODY:
            issue["body"] = body
        if state is not None and state != issue.get("state", "open"):
            closed = state == "closed"
            issue["closed_at"] = self._time() if closed else None
            issue["state_reason"] = "completed" if closed else "reopened"
        if state is not None:
            issue["state"] = state
            issue["state_reason"] = state_reason or issue.get("state_reason")
        return self._save_issue(number, issue)

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Add labels to an issue; those the repository lacks are made."""
        issue = self._read(f"issues/{number}.json", Object)
        if issue is None:
            raise NotFoundError(f"Issue {number} is not in {self.root}.")
        for name in labels:
            self.create_label(Label(name=name))
        known = {label.name.casefold(): label for label in self.labels()}
        has = issue.setdefault("labels", [])
        there = {each["name"].casefold() for each in has}
        fresh = [known[name.casefold()] for name in labels if name.casefold() not in there]
        issue["labels"] = [*has, *msgspec.to_builtins(fresh)]
        self._save_issue(number, issue)

    def _save_issue(self, number: int, issue: Object) -> Issue:
        name = f"issues/{number}.json"
        saved = json_files.convert(issue, Issue, self.root / name)
        json_files.replace(self.root / f"issues/{number}.md", _issue_text(saved).encode())
        self._write(name, issue)
        return saved

    def _all_issues(self) -> Sequence[Issue]:
        numbers = self._numbers("issues")
        found = (self._read(f"issues/{number}.json", Issue) for number in numbers)
        return [issue for issue in found if issue]


def _issue_text(issue: Issue) -> str:
    reason = f" ({issue.state_reason})" if issue.state_reason else ""
    facts = [f"#{issue.number}", issue.state + reason, *(label.name for label in issue.labels)]
    return f"# {issue.title}\n\n{' · '.join(facts)}\n\n---\n\n{(issue.body or '').rstrip()}\n"
