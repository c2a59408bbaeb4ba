"""The one issue that shows how all flaky tests of a repository stand. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from flakebot.judging.accuracy import Row as Accuracy
from flakebot.judging.external import ExternalSummary
from flakebot.judging.standing import Health, Standing
from flakebot.judging.states import State, Transition
from flakebot.model import value
from flakebot.settings import Settings
from flakebot.views import markers, render
from flakebot.views.markers import DASHBOARD, Mark

TITLE = "Flaky tests: state of the repository"

_STATES = (State.BROKEN, State.FLAKY, State.SUSPECT, State.FIXED_WATCHING, State.HEALTHY)

_BLOCKS = "▁▂▃▄▅▆▇█"


@value
class Row:
    """A test with its open issue, 0 for none, and its owners by `CODEOWNERS`."""

    standing: Standing
    number: int
    owners: tuple[str, ...] = ()
    opened: datetime | None = None

    @property
    def name(self) -> str:
        """The test as its framework prints it."""
        return self.standing.key.partition(":")[2]

    @property
    def trend(self) -> str:
        """A block for each week, as high as the week had failing builds; a dot for none."""
        most = max(self.standing.weeks, default=0)
        return "".join(
            _BLOCKS[(count * len(_BLOCKS) - 1) // most] if count else "·"
            for count in self.standing.weeks
        )


@value
class Fixed:
    """An issue that was closed as done."""

    number: int
    name: str
    closed: datetime


@value
class Dashboard:
    """Everything it shows; `changes` are tests with their changes of state, the newest first."""

    rows: Sequence[Row]
    fixed: Sequence[Fixed]
    changes: Sequence[tuple[str, Transition]]
    outage: ExternalSummary
    health: Health
    accuracy: Sequence[Accuracy] = ()

    @property
    def states(self) -> Sequence[tuple[State, int]]:
        """How many of them are in each state, those that want an eye first: one may have passed for
        weeks, and its issue is still open.
        """
        counts = Counter(row.standing.state for row in self.rows)
        return [(state, counts[state]) for state in _STATES if counts[state]]

    @property
    def broken(self) -> Sequence[Row]:
        """Those that fail on the default branch without any pass."""
        return [row for row in self.rows if row.standing.state is State.BROKEN]

    @property
    def unowned(self) -> Sequence[Row]:
        """Those whose issue nobody owns, the oldest first."""
        found = [(row.opened, row.number, row) for row in self.rows if row.opened]
        return [row for _, _, row in sorted(found, key=lambda one: one[:2]) if not row.owners]


def body(shown: Dashboard, settings: Settings) -> str:
    """The text."""
    return render.fitting(
        "dashboard_issue",
        settings.limits,
        marker=render.ours(markers.mark(Mark.ISSUE, DASHBOARD)),
        shown=shown,
        days=settings.thresholds.window_days,
    )
