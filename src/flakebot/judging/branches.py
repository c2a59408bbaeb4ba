"""Which pull request a run was of, where its record names none. Pure.

A push before the pull request was opened, and a run of a fork that was read after the next push,
name none. What they test is still the author's of that branch: to take it for another change would
make two sightings of one fault.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from flakebot.judging.builds import order
from flakebot.judging.spans import Moment
from flakebot.records import RunRecord


class Branches:
    """The pull requests that were seen of each branch.

    Args:
        records: in the order of time.
    """

    def __init__(self, records: Iterable[RunRecord]) -> None:
        self._seen: dict[tuple[bool, str], list[tuple[Moment, int]]] = defaultdict(list)
        for record in records:
            if record.pull_request:
                self._seen[record.fork, record.branch].append((order(record), record.pull_request))

    def told(self, record: RunRecord) -> RunRecord:
        """The same record with the next pull request of its branch, else with the last one."""
        seen = self._seen.get((record.fork, record.branch))
        if record.trunk or record.pull_request or not seen:
            return record
        after = bisect_left(seen, (order(record), 0))
        return replace(record, pull_request=seen[min(after, len(seen) - 1)][1])
