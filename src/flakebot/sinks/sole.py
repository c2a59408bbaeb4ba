"""Comments that stand there once, whoever else writes the same at the same moment.

GitHub has no "create unless it is there". So whoever has written looks again: the oldest stays,
which all who look agree on, and what the others said of their own is merged into it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from flakebot.errors import DoubtfulWriteError
from flakebot.github_objects import Comment, Issue
from flakebot.ports import Forge
from flakebot.settings import Limits
from flakebot.views import comment_sections, markers
from flakebot.views.markers import Mark

LOOKS = 3
"""At what stands there after a write, while others go on writing."""

AROUND = timedelta(hours=1)
"""Comments changed longer ago than this were seen when the plan was made."""

_Written = TypeVar("_Written", Issue, Comment)


def ours(
    forge: Forge, number: int, mark: Mark, since: datetime | None = None
) -> Sequence[tuple[str, Comment]]:
    """Our comments with such a marker on an issue or pull request, each with its key, oldest first;
    only those that changed since a moment, if one is given.
    """
    login = forge.bot()
    found = [
        (key, each)
        for each in forge.comments(number, since)
        if markers.written_by(each.user, login)
        and (key := markers.key_of(mark, each.body)) is not None
    ]
    return sorted(found, key=lambda one: one[1].id)


def once(create: Callable[[], _Written], find: Callable[[], _Written | None]) -> _Written:
    """Create something; when nobody knows whether it happened, look for it before trying again."""
    try:
        return create()
    except DoubtfulWriteError:
        return find() or create()


def comment(forge: Forge, number: int, mark: Mark, key: str, body: str) -> Comment:
    """The one comment with a marker on an issue or pull request, with this text in it.

    Raises:
        FlakebotError: it could not be written, or what stands there could not be read.

    """

    def find(since: datetime | None = None) -> Sequence[Comment]:
        return [each for its, each in ours(forge, number, mark, since) if its == key]

    made = once(lambda: forge.create_comment(number, body), lambda: next(iter(find()), None))
    since = made.created_at - AROUND if made.created_at else None
    for _ in range(LOOKS):
        first, *extra = find(since) or [made]
        text = _merged([first.body, *(each.body for each in extra)], body)
        if not extra and text == first.body:
            return first
        if text != first.body:
            made = forge.update_comment(number, first.id, text)
        for each in extra:
            forge.delete_comment(number, each.id)
    return made


def update(forge: Forge, number: int, comment_id: int, body: str, part: str) -> Comment:
    """Our comment on a pull request with a text, in which only one workflow's part is new: another
    may have written its own since that was planned, and may do so at this moment, here or in a
    comment that is about to go.

    Raises:
        FlakebotError: it could not be written, or what stands there could not be read.

    """

    def look(made: Comment) -> tuple[Comment, str]:
        found = {each.id: each for _, each in ours(forge, number, Mark.PULL_REQUEST)}
        found = {comment_id: made} | found
        parts = comment_sections.gathered(each.body for each in found.values())
        return found[comment_id], comment_sections.renewed(parts, body, part)

    made, text = look(Comment(id=comment_id))
    for _ in range(LOOKS):
        if markers.plain(made.body) == markers.plain(text):
            break
        made, text = look(forge.update_comment(number, comment_id, text))
    return made


def _merged(standing: Sequence[str | None], body: str) -> str:
    """The first of what stands there with the parts of the others and of a text that are missing in
    it; a note has no parts.
    """
    commits = {section.sha for section in comment_sections.split(body)}
    parts = [each for each in comment_sections.gathered([*standing, body]) if each.sha in commits]
    if set(parts) <= set(comment_sections.split(standing[0])):
        return standing[0] or ""
    return comment_sections.join(parts, Limits())
