"""Labels, issues and comments of a folder in place of GitHub, with GitHub's limits and refusals.

Beside the JSON stands a text to read: `issues/7.md` for an issue, `issues/7.comments/123.md` for a
comment. The text is written first, so the JSON, which counts, is the last step of every write.

Limits: https://docs.github.com/en/rest/issues; an issue's body that is too long is refused on
creation and silently kept as it was on an update, as GitHub does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from flakebot import json_files
from flakebot.errors import GitHubError, InputError, NotFoundError, PartialReadError
from flakebot.forges import texts
from flakebot.github_objects import ACTIONS_BOT, Comment, Issue, Label, Repository
from flakebot.settings import Limits

MAX_TITLE = 256
MAX_BODY = 65_536
MAX_LABELS = 100
MAX_LABEL_NAME = 50
MAX_LABEL_DESCRIPTION = 100

T = TypeVar("T")
Object = dict[str, Any]
"""One of GitHub's JSON objects, with the fields flakebot does not know."""


class FolderIssues:
    """The part of a folder that is written.

    Args:
        root: the folder of the contract, §8.
        now: the time of every write.
        limits: bounds on what is read.
    """

    def __init__(self, root: Path, *, now: datetime, limits: Limits) -> None:
        self.root = root
        self.now = now
        self.limits = limits

    def bot(self) -> str:
        """The login of the token that GitHub gives to a workflow."""
        return ACTIONS_BOT

    def repository(self) -> Repository:
        """The repository of `repository.json`, the one file beside the run that must exist."""
        return self._repository

    @cached_property
    def _repository(self) -> Repository:
        found = self._read("repository.json", Repository)
        if found is None:
            raise InputError(f"{self.root} has no repository.json, so it is no saved repository.")
        return found

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
        _refuse_longer("name", label.name, MAX_LABEL_NAME)
        _refuse_longer("description", label.description or "", MAX_LABEL_DESCRIPTION)
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
        _refuse_longer("title", title, MAX_TITLE)
        _refuse_longer("body", body, MAX_BODY)
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

    # -- comments --------------------------------------------------------------------------

    def comments(self, number: int, since: datetime | None = None) -> Sequence[Comment]:
        """All comments of an issue or pull request, or those made since, oldest first."""
        name = f"issues/{number}.comments.json"
        read = self._complete("comments", lambda: self._read(name, tuple[Comment, ...]) or ())
        wanted = (
            each
            for each in read
            if since is None or each.created_at is None or each.created_at >= since
        )
        return tuple(sorted(wanted, key=lambda comment: comment.id))

    def create_comment(self, number: int, body: str) -> Comment:
        """Comment on an issue or pull request; refused when the conversation is locked."""
        self._refuse_comment(number)
        _refuse_longer("body", body, MAX_BODY)
        identity = max(self._comment_ids(), default=0) + 1
        kind = "pull" if self._path(f"pulls/{number}.json").exists() else "issues"
        comment = {
            "id": identity,
            "body": body,
            "user": {"login": ACTIONS_BOT, "type": "Bot"},
            "created_at": self._time(),
            "updated_at": self._time(),
            "html_url": f"{self._url()}/{kind}/{number}#issuecomment-{identity}",
        }
        return self._save_comments(number, [*self._raw_comments(number), comment], comment)

    def update_comment(self, number: int, comment_id: int, body: str) -> Comment:
        """Edit a comment."""
        _refuse_longer("body", body, MAX_BODY)
        comments = self._raw_comments(number)
        comment = next((one for one in comments if one.get("id") == comment_id), None)
        if comment is None:
            raise NotFoundError(f"Comment {comment_id} of {number} is not in {self.root}.")
        comment |= {"body": body, "updated_at": self._time()}
        return self._save_comments(number, comments, comment)

    def delete_comment(self, number: int, comment_id: int) -> None:
        """Delete a comment; one that is gone already is no error."""
        comments = self._raw_comments(number)
        rest = [comment for comment in comments if comment.get("id") != comment_id]
        if len(rest) < len(comments):
            self._comment_text(number, comment_id).unlink(missing_ok=True)
            self._write(f"issues/{number}.comments.json", rest)

    def react(self, comment_id: int, content: Literal["+1", "confused"]) -> None:
        """Note our reaction in the comment; once is enough."""
        for number in (*self._numbers("issues"), *self._numbers("pulls")):
            comments = self._raw_comments(number)
            for comment in comments:
                if comment.get("id") == comment_id:
                    comment["reactions"] = {**comment.get("reactions", {}), content: 1}
                    self._save_comments(number, comments, comment)
                    return
        raise NotFoundError(f"Comment {comment_id} is not in {self.root}.")

    def _refuse_comment(self, number: int) -> None:
        """Refuse what GitHub refuses: a number that does not exist, a locked conversation."""
        found = [self._read(f"{kind}/{number}.json", Object) for kind in ("issues", "pulls")]
        if not any(found):
            raise NotFoundError(f"Issue or pull request {number} is not in {self.root}.")
        if any(one and one.get("locked") for one in found):
            raise GitHubError("Unable to create comment because issue is locked.", status=403)

    def _save_comments(self, number: int, comments: list[Object], changed: Object) -> Comment:
        name = f"issues/{number}.comments.json"
        comment = json_files.convert(changed, Comment, self.root / name)
        text = _comment_text(number, comment).encode()
        json_files.replace(self._comment_text(number, comment.id), text)
        self._write(name, comments)
        return comment

    def _comment_text(self, number: int, comment_id: int) -> Path:
        return self._path(f"issues/{number}.comments/{comment_id}.md")

    def _raw_comments(self, number: int) -> list[Object]:
        return self._read(f"issues/{number}.comments.json", list[Object]) or []

    def _comment_ids(self) -> Iterator[int]:
        """Ids are unique over the repository, as GitHub's are."""
        for path in sorted((self.root / "issues").glob("*.comments.json")):
            for comment in self._read(f"issues/{path.name}", tuple[Comment, ...]) or ():
                yield comment.id

    # -- files -----------------------------------------------------------------------------

    def _path(self, name: str) -> Path:
        return json_files.inside(self.root, name)

    def _read(self, name: str, kind: type[T]) -> T | None:
        return json_files.read(self.root, name, kind)

    def _write(self, name: str, data: object) -> None:
        json_files.write(self._path(name), data)

    def _complete(self, what: str, read: Callable[[], Sequence[T]]) -> Sequence[T]:
        """A list that must be whole, because writes rest on it."""
        try:
            return read()
        except InputError as error:
            raise PartialReadError(f"The {what} could not all be read: {error}") from error

    def _numbers(self, folder: str) -> Sequence[int]:
        """The numbers of `NUMBER.json` in a folder, in order."""
        stems = (path.stem for path in (self.root / folder).glob("*.json"))
        return sorted(int(stem) for stem in stems if stem.isascii() and stem.isdecimal())

    def _url(self) -> str:
        repository = self.repository()
        return repository.html_url or f"https://github.com/{repository.full_name}"

    def _time(self) -> str:
        return texts.stamp(self.now)


def _refuse_longer(field: str, text: str, limit: int) -> None:
    """GitHub's answer to a text that is too long."""
    if len(text) > limit:
        raise GitHubError(
            f"Validation Failed: {field} is too long (maximum is {limit} characters).", status=422
        )


def _issue_text(issue: Issue) -> str:
    reason = f" ({issue.state_reason})" if issue.state_reason else ""
    facts = [f"#{issue.number}", issue.state + reason, *(label.name for label in issue.labels)]
    return f"# {issue.title}\n\n{' · '.join(facts)}\n\n---\n\n{(issue.body or '').rstrip()}\n"


def _comment_text(number: int, comment: Comment) -> str:
    author = comment.user.login if comment.user else "nobody"
    body = (comment.body or "").rstrip()
    return f"Comment {comment.id} on #{number} by {author}\n\n---\n\n{body}\n"
