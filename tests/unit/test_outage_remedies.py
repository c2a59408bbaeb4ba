"""Remedies that fit what was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flakebot.judging.external import ExternalSummary, OutageRow, Signs
from flakebot.judging.hub_kinds import HubKind
from flakebot.model import Category
from flakebot.views.outage_remedies import remedies

STAMPEDE = "Warm the cache first"
FORKS = "Forks have no token"
QUOTA = "Stay off the small quota"
TOKEN = "Give jobs a token"
DOWNLOAD = "Download before the tests"
OFFLINE = "Then go offline"
LONGER = "Wait longer"
XET = "Leave Xet out"
NETWORK = "Look at the runners' network"


def row(name: str) -> OutageRow:
    return OutageRow(name=name, runs=1, jobs=1, tests=1, minutes=1)


def summary(*kinds: HubKind, **signs: int) -> ExternalSummary:
    """What was seen: kinds of failure, and signs of why."""
    return ExternalSummary(
        category=Category.HF_FETCH,
        events=1,
        recovered=0,
        pending=0,
        runs=9,
        total=row("total"),
        by_kind=tuple(row(kind) for kind in kinds),
        signs=replace(Signs(), **signs),
    )


@pytest.mark.parametrize(
    ("seen", "titles"),
    [
        (summary(), [OFFLINE]),
        (summary(HubKind.SERVER), [OFFLINE]),
        (summary(HubKind.RATE_LIMIT, together=1), [TOKEN, OFFLINE]),
        (summary(HubKind.RATE_LIMIT, together=2), [STAMPEDE, TOKEN, OFFLINE]),
        (summary(HubKind.RATE_LIMIT, together=1, forks=1), [FORKS, OFFLINE]),
        (summary(HubKind.RATE_LIMIT, small_quota=3), [QUOTA, TOKEN, OFFLINE]),
        (summary(HubKind.SERVER, inside_tests=2, jobs=3), [DOWNLOAD, OFFLINE]),
        (summary(HubKind.TIMEOUT), [OFFLINE, LONGER]),
        (summary(HubKind.XET), [OFFLINE, XET]),
        (summary(HubKind.DNS), [OFFLINE, NETWORK]),
        (summary(HubKind.TLS, HubKind.CONNECTION), [OFFLINE, NETWORK]),
    ],
)
def test_only_what_fits_is_advised(seen: ExternalSummary, titles: list[str]) -> None:
    """The most telling first, each with a title and the numbers it rests on."""
    found = [remedy.split("**")[1].rstrip(".") for remedy in remedies(seen)]
    assert found == titles


def test_the_numbers_are_told() -> None:
    """So that a reader can judge the advice."""
    found = " ".join(
        remedies(summary(HubKind.RATE_LIMIT, together=6, small_quota=2, inside_tests=5, jobs=7))
    )
    assert "6 jobs of one attempt" in found
    assert "In 2 runs the quota" in found
    assert "In 5 of 7 jobs" in found
