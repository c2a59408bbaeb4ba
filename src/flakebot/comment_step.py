"""A step on `issue_comment`: builds what a command needs on GitHub, and answers it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from flakebot import config, wiring
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
        forge = wiring.github_forge(server, api)
        settings = config.settings_from(given, forge.contents(config_path), path=config_path)
        api.limits = settings.limits
        if settings.bot_login:
            named = dataclasses.replace(server, bot_login=settings.bot_login)
            forge = wiring.github_forge(named, api)
        name = forge.repository().full_name
        conversation = GitHubConversation(api, name)
        ledger = wiring.ledger(settings.history, api, name)
        return answering.respond(asked, forge, conversation, ledger, settings, say)
