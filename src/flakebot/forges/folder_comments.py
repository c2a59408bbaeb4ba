"""Comments of a folder in place of GitHub, with GitHub's limits and refusals.

Beside the JSON stands a text to read: `issues/7.comments/123.md`. The text is written first, so the
JSON, which counts, is the last step of every write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from flakebot import json_files
from flakebot.errors import GitHubError, NotFoundError
from flakebot.forges.folder_files import MAX_BODY, FolderFiles, Object, refuse_longer
from flakebot.github_objects import ACTIONS_BOT, Comment


class FolderComments(FolderFiles):
    """The comments on issues and pull requests."""

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
        refuse_longer("body", body, MAX_BODY)
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
        refuse_longer("body", body, MAX_BODY)
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


def _comment_text(number: int, comment: Comment) -> str:
    author = comment.user.login if comment.user else "nobody"
    body = (comment.body or "").rstrip()
    return f"Comment {comment.id} on #{number} by {author}\n\n---\n\n{body}\n"
