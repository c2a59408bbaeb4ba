"""What every sink is given. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar

from flakebot.changes import Plan
from flakebot.judging.history import History
from flakebot.model import Repository, value
from flakebot.ports import Forge
from flakebot.report import Report
from flakebot.settings import Settings


@value
class Context:
    """A run's report with all that a view of it may need."""

    report: Report
    history: History
    settings: Settings
    repository: Repository
    now: datetime


State = TypeVar("State")


class Sink(Protocol[State]):
    """A module that keeps one kind of thing on GitHub in line with the report."""

    NAME: str

    def observe(self, context: Context, forge: Forge) -> State:
        """Read what is there now; raises an expected error when that is not possible."""
        ...

    def plan(self, context: Context, state: State) -> Plan:
        """What to change, and what is held back and why; pure."""
        ...
