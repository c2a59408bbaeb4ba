"""Keeps one comment with the latest report of `flakebot reproduce` on an issue."""

from __future__ import annotations

from flakebot.github_objects import Comment
from flakebot.ports import Forge
from flakebot.sinks import sole
from flakebot.views import markers
from flakebot.views.markers import Mark

KEY = "latest"
"""There is one report on an issue: a new one takes the place of the last."""


def post(forge: Forge, number: int, body: str) -> str:
    """Write the comment, or bring the one that stands there up to date; gives its address.

    Args:
        forge: where.
        number: the issue's.
        body: begins with the marker of `KEY`.

    Raises:
        FlakebotError: it could not be written; nothing is written twice.
    """
    found = _ours(forge, number)
    if found is not None:
        if markers.plain(found.body) == markers.plain(body):
            return found.html_url
        return forge.update_comment(number, found.id, body).html_url
    made = sole.once(lambda: forge.create_comment(number, body), lambda: _ours(forge, number))
    return made.html_url


def _ours(forge: Forge, number: int) -> Comment | None:
    found = sole.ours(forge, number, Mark.REPRODUCTION)
    return next((comment for key, comment in found if key == KEY), None)
