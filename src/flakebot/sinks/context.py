"""What every sink is given. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from flakebot.changes import Plan
from flakebot.feedback import Feedback
from flakebot.github_objects import Issue, Repository
from flakebot.judging.history import History
from flakebot.model import value
from flakebot.ports import Forge
from flakebot.report import Report
from flakebot.settings import Settings
from flakebot.views.markers import Namesake, Together


@value
class Views:
    """What every view of the ledger needs, with a run's report or without one.

    `listed` are the issues under our label as they were read a moment ago; None when they were not,
    and then no issue is written. `said` are what maintainers said of tests. `together` has the
    tests that fail together with others and `namesakes` those that may have been renamed, by
    tracking key; None leaves what issues say of that as it is, since it takes all tests of the
    history to tell. Before `doubt` the ledger has lost something; None when it has not.
    """

    history: History
    settings: Settings
    repository: Repository
    now: datetime
    listed: Sequence[Issue] | None = None
    said: tuple[Feedback, ...] = ()
    together: Mapping[str, Together] | None = None
    namesakes: Mapping[str, Namesake] | None = None
    doubt: datetime | None = None

    @property
    def run_id(self) -> int:
        """The run that the views are drawn after; 0 when it is none."""
        return 0


@value
class Context(Views):
    """A run's report with all that a view of it may need.

    `opening` are the keys of the issues that this run is about to open, `asking` says that it is
    about to request a re-run.
    """

    report: Report
    opening: frozenset[str] = frozenset()
    asking: bool = False

    @property
    def run_id(self) -> int:
        """The run of the report."""
        return self.report.run.id


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
