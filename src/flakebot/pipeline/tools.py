"""What a run of flakebot is given, and how a step may fail without the others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from flakebot.errors import FlakebotError
from flakebot.github_objects import PullRequest, Repository, Run
from flakebot.model import value
from flakebot.ports import EVER, Forge, Hub, Ledger
from flakebot.reading.rules import RuleSet
from flakebot.settings import Settings

_T = TypeVar("_T")

Say = Callable[[str], None]
"""Where progress goes, a sentence at a time."""


class Watch(Protocol):
    """Shows somebody who looks on how far a long step is, by passing its items through."""

    def __call__(self, items: Iterable[_T], what: str, total: int, /) -> Iterable[_T]:
        """The same items."""
        ...


def unwatched(items: Iterable[_T], _what: str, _total: int, /) -> Iterable[_T]:
    """Nobody looks on."""
    return items


@value
class Tools:
    """The outer world and the rules, as one run needs them; `faulty_rules` are sentences about
    rules of the project that are left out.
    """

    forge: Forge
    ledger: Ledger
    hub: Hub
    rules: RuleSet
    say: Say
    watch: Watch = unwatched
    faulty_rules: tuple[str, ...] = ()


@value
class Subject:
    """The run under analysis and where it belongs.

    `unsure` says that its pull request could not be asked for now, which is no answer for good.
    """

    repository: Repository
    run: Run
    pull: PullRequest | None
    inside: bool
    unsure: bool = False


def since(run: Run, settings: Settings, now: datetime) -> datetime:
    """Where history begins: a saved run of long ago is judged by what was known then, too."""
    begun = max(EVER, min(now, run.created_at or now))
    return begun - timedelta(days=settings.thresholds.window_days)


def attempted(step: Callable[[], _T], otherwise: _T, problems: list[str]) -> _T:
    """Do a step that others can do without; its failure is a sentence in the report."""
    try:
        return step()
    except FlakebotError as error:
        problems.append(str(error))
        return otherwise
