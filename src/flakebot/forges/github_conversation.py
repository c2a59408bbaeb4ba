"""What a comment with a command needs to know of GitHub; see `ports.Conversation`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from flakebot.errors import GitHubError, NotFoundError
from flakebot.forges.github_tasks import PULLS, RUNS
from flakebot.github_api import Api, Task
from flakebot.github_objects import Account, Issue, PullRequest, Run, RunList
from flakebot.model import value

_WRITERS = frozenset({"admin", "maintain", "write"})
_PER_PAGE = 100
"""Runs of one commit that are looked at."""

_PERMISSION = Task(doing="read who may write", permission="metadata: read")
_REACTIONS = Task(doing="read reactions", permission="issues: read", on_pull="pull-requests: read")
_ISSUE = Task(doing="read an issue", permission="issues: read")
_COMMIT = Task(doing="read commits", permission="contents: read")


@value
class _Permission:
    permission: str


@value
class _Reaction:
    user: Account | None = None


@value
class _Commit:
    sha: str


class GitHubConversation:
    """Asks GitHub on behalf of one comment.

    Args:
        api: the connection; the caller closes it.
        full_name: `owner/name`, the present one.
    """

    def __init__(self, api: Api, full_name: str) -> None:
        self._api = api
        self._base = f"/repos/{full_name}"

    def may_write(self, login: str) -> bool:
        """By the person's permission, in which teams and the organisation are counted in; one that
        GitHub does not know may not.
        """
        path = f"{self._base}/collaborators/{quote(login, safe='')}/permission"
        try:
            return self._api.get(path, _Permission, _PERMISSION).permission in _WRITERS
        except NotFoundError:
            return False

    def reacted(self, comment_id: int, login: str) -> bool:
        """Whether an account reacted to a comment."""
        path = f"{self._base}/issues/comments/{comment_id}/reactions"
        pages = self._api.pages(path, tuple[_Reaction, ...], _REACTIONS)
        users = [each.user for page in pages for each in page if each.user]
        return any(user.login.casefold() == login.casefold() for user in users)

    def issue(self, number: int) -> Issue:
        """An issue as it is now."""
        return self._api.get(f"{self._base}/issues/{number}", Issue, _ISSUE)

    def commit(self, name: str) -> str | None:
        """The full hash of a commit."""
        path = f"{self._base}/commits/{quote(name, safe='')}"
        try:
            return self._api.get(path, _Commit, _COMMIT).sha
        except NotFoundError:
            return None
        except GitHubError as error:
            if error.status == HTTPStatus.UNPROCESSABLE_ENTITY:  # "No commit found for SHA"
                return None
            raise

    def runs(self, pull_request: int) -> Sequence[Run]:
        """The runs of a pull request's head commit, newest first."""
        pull = self._api.get(f"{self._base}/pulls/{pull_request}", PullRequest, PULLS)
        if pull.state != "open":
            return ()
        path = f"{self._base}/actions/runs"
        found = self._api.get(path, RunList, RUNS, head_sha=pull.head.sha, per_page=_PER_PAGE)
        return found.workflow_runs

    def has_started(self, file: str, login: str, since: datetime) -> bool:
        """Whether the newest start of a workflow by an account was since; not where there is no
        such workflow.
        """
        path = f"{self._base}/actions/workflows/{quote(file, safe='')}/runs"
        try:
            found = self._api.get(
                path, RunList, RUNS, event="workflow_dispatch", actor=login, per_page=1
            )
        except NotFoundError:
            return False
        return any(run.created_at and run.created_at >= since for run in found.workflow_runs)
