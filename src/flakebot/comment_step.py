"""A step on `issue_comment`: builds what a command needs on GitHub, and answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flakebot import wiring
from flakebot.commands import Asked
from flakebot.forges.github_conversation import GitHubConversation
from flakebot.pipeline import answering
from flakebot.pipeline.answering import Answered
from flakebot.retrying import Patience


def respond(
    server: wiring.Server,
    asked: Asked,
    *,
    given: Mapping[str, object],
    config_path: str = wiring.SETTINGS_PATH,
    say: Callable[[str], None],
    patience: Patience | None = None,
) -> Answered:
    """Answer a comment with the settings of the default branch.

    Raises:
        FlakebotError: the settings are broken, or what must be known cannot be read.

    """
    with wiring.github_api(server, patience) as api:
        place = wiring.on_github(api, server, given=given, config_path=config_path)
        conversation = GitHubConversation(api, place.forge.repository().full_name)
        return answering.respond(
            asked, place.forge, conversation, place.ledger, place.settings, say
        )
