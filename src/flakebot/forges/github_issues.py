"""Labels, issues and comments on GitHub, the part of the forge that flakebot writes most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote

from flakebot.errors import GitHubError, InputError, NotFoundError
from flakebot.forges import texts
from flakebot.forges.github_tasks import CODE
from flakebot.github_api import Api, Task, is_full_name
from flakebot.github_objects import Comment, Issue, Label, Repository
from flakebot.model import value

_REPOSITORY = Task(doing="read the repository", permission="metadata: read")
_ISSUES = Task(doing="list the issues", permission="issues: read")
_COMMENTS = Task(
    doing="list the comments", permission="issues: read", on_pull="pull-requests: read"
)
_LABELS = Task(doing="list the labels", permission="issues: read")
_WRITE_LABEL = Task(doing="create a label", permission="issues: write")
_WRITE_ISSUE = Task(doing="write issues", permission="issues: write")
_WRITE_COMMENT = Task(
    doing="write comments", permission="issues: write", on_pull="pull-requests: write"
)
_CREATE_COMMENT = replace(_WRITE_COMMENT, named=True)


@value
class _Commit:
    sha: str


@value
class _Reaction:
    id: int


@value
class _IssueEvent:
    event: str = ""
    commit_id: str | None = None
    commit_url: str | None = None


class GitHubIssues:
    """Labels, issues and comments of one repository on GitHub; see `ports.Forge`.

    Args:
        api: the connection; the caller closes it.
        full_name: `owner/name`.
        repository: the repository, when an event has brought it along.
    """

    def __init__(self, api: Api, full_name: str, repository: Repository | None) -> None:
        if not is_full_name(full_name):
            raise InputError(f"{full_name!r} is no repository: it takes the form `owner/name`.")
        self._api = api
        self._full_name = full_name
        self._repository = repository

    def repository(self) -> Repository:
        """The repository, asked for once; under a former name it comes back with its new one."""
        if self._repository is None:
            path = f"/repos/{self._full_name}"
            self._repository = self._api.get(path, Repository, _REPOSITORY)
        return self._repository

    # -- reads ---------------------------------------------------------------------------

    def labels(self) -> Sequence[Label]:
        """All labels."""
        pages = self._api.pages(self._path("labels"), tuple[Label, ...], _LABELS)
        return [label for page in pages for label in page]

    def label(self, name: str) -> Label | None:
        """One label."""
        try:
            return self._api.get(self._path(f"labels/{quote(name, safe='')}"), Label, _LABELS)
        except NotFoundError:
            return None

    def issues(self, label: str) -> Sequence[Issue]:
        """All issues with a label, oldest first: from the list, as the search's index is late."""
        pages = self._api.pages(
            self._path("issues"),
            tuple[Issue, ...],
            _ISSUES,
            labels=label,
            state="all",
            sort="created",
            direction="asc",
        )
        issues = {issue.number: issue for page in pages for issue in page}
        return [issue for issue in issues.values() if issue.pull_request is None]

    def comments(self, number: int, since: datetime | None = None) -> Sequence[Comment]:
        """All comments of an issue or pull request, or those changed since, oldest first."""
        path = self._path(f"issues/{number}/comments")
        wanted = {"since": texts.stamp(since)} if since else {}
        pages = self._api.pages(path, tuple[Comment, ...], _COMMENTS, **wanted)
        return list({comment.id: comment for page in pages for comment in page}.values())

    def closing_commit(self, issue: Issue) -> str | None:
        """The commit of the last closing event, else the default branch's newest commit by
        then.
        """
        if issue.closed_at is None:
            return None
        closings = [event for event in self._events(issue.number) if event.event == "closed"]
        last = closings[-1] if closings else _IssueEvent()
        name = self.repository().full_name.casefold()
        # A commit of another repository may close an issue of this one; it says nothing here.
        if last.commit_id and f"/repos/{name}/" in (last.commit_url or "").casefold():
            return last.commit_id
        commits = self._api.get(
            self._path("commits"),
            tuple[_Commit, ...],
            CODE,
            sha=self.repository().default_branch,
            until=issue.closed_at.isoformat(),
            per_page=1,
        )
        return commits[0].sha if commits else None

    # -- writes --------------------------------------------------------------------------

    def create_label(self, label: Label) -> None:
        """Create a label; a second try finds it there, which is as good."""
        body = {"name": label.name, "color": label.color, "description": label.description or ""}
        try:
            self._api.send("POST", self._path("labels"), Label, _WRITE_LABEL, body)
        except GitHubError as error:
            # Refusals are worded as GitHub pleases, so look rather than read.
            if error.status != HTTPStatus.UNPROCESSABLE_ENTITY or self.label(label.name) is None:
                raise

    def create_issue(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Open an issue."""
        fields = {"title": title, "body": body, "labels": list(labels)}
        return self._api.create(self._path("issues"), Issue, _WRITE_ISSUE, fields)

    def update_issue(
        self,
        number: int,
        *,
        body: str | None = None,
        state: Literal["open", "closed"] | None = None,
        state_reason: str | None = None,
    ) -> Issue:
        """Edit an issue; an oversize body is answered with 200 and kept back, so look at the
        result.
        """
        given = {"body": body, "state": state, "state_reason": state_reason}
        fields = {name: text for name, text in given.items() if text is not None}
        return self._api.send("PATCH", self._path(f"issues/{number}"), Issue, _WRITE_ISSUE, fields)

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Add labels to an issue."""
        path = self._path(f"issues/{number}/labels")
        self._api.send("POST", path, tuple[Label, ...], _WRITE_ISSUE, {"labels": [*labels]})

    def react(self, comment_id: int, content: Literal["+1", "confused"]) -> None:
        """React to a comment; GitHub answers a second time with the first reaction."""
        path = self._path(f"issues/comments/{comment_id}/reactions")
        self._api.send("POST", path, _Reaction, _WRITE_COMMENT, {"content": content})

    def create_comment(self, number: int, body: str) -> Comment:
        """Comment on an issue or pull request."""
        path = self._path(f"issues/{number}/comments")
        return self._api.create(path, Comment, _CREATE_COMMENT, {"body": body})

    def update_comment(self, number: int, comment_id: int, body: str) -> Comment:  # noqa: ARG002
        """Edit a comment; GitHub knows it by its own id alone."""
        path = self._path(f"issues/comments/{comment_id}")
        return self._api.send("PATCH", path, Comment, _WRITE_COMMENT, {"body": body})

    def delete_comment(self, number: int, comment_id: int) -> None:  # noqa: ARG002
        """Delete a comment; one that is gone already is no error."""
        try:
            self._api.delete(self._path(f"issues/comments/{comment_id}"), _WRITE_COMMENT)
        except NotFoundError:
            return

    # ------------------------------------------------------------------------------------

    def _path(self, rest: str) -> str:
        # PyGithub drops the query when GitHub redirects from a former name, so a list would come
        # unfiltered: always ask under the present one.
        return f"/repos/{self.repository().full_name}/{rest}"

    def _events(self, number: int) -> Sequence[_IssueEvent]:
        path = self._path(f"issues/{number}/events")
        pages = self._api.pages(path, tuple[_IssueEvent, ...], _ISSUES)
        return [event for page in pages for event in page]
