"""Where history begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from flakebot.github_objects import Run
from flakebot.pipeline.tools import since
from flakebot.settings import Settings

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
EAST = timezone(timedelta(hours=5))


@pytest.mark.parametrize(
    ("created", "begun"),
    [
        (None, NOW),
        (datetime(2026, 2, 3, tzinfo=UTC), datetime(2026, 2, 3, tzinfo=UTC)),
        (datetime(2027, 2, 3, tzinfo=UTC), NOW),
        (datetime(1, 1, 1, tzinfo=UTC), FIRST),
        (datetime(1, 1, 1, tzinfo=EAST), FIRST),
    ],
)
def test_history_begins_a_window_before_the_run(created: datetime | None, begun: datetime) -> None:
    """Before now at the latest, and never before there were runs at all."""
    run = Run(id=1, head_sha="a", created_at=created)
    assert since(run, Settings(), NOW) == begun - timedelta(days=90)
