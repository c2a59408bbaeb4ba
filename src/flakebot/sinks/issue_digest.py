"""The issue that lists the flaky tests for which one run had no room. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace

from flakebot.changes import Change, OpenIssue, UpdateIssue
from flakebot.keys import HUGGING_FACE
from flakebot.planner import Capped
from flakebot.sinks.context import Context, Views
from flakebot.views import issue_text, markers
from flakebot.views.markers import DIGEST, DigestRow, DigestState
from flakebot.views.tracking import Tracked
from flakebot.wording import plural


def changes(
    capped: Capped, tracked: Mapping[str, tuple[Tracked, ...]], context: Context
) -> Iterator[Change]:
    """Open it, bring it up to date, or close it once it lists nothing any more; one that is closed
    comes back for tests that had no room, and not because another left it.
    """
    before = tracked.get(DIGEST, (None,))[0]
    waiting = [opening for opening in capped.rest if opening.key != HUGGING_FACE]
    lives = before is not None and before.open
    if not (lives or waiting) or (before is not None and before.dismissed):
        return
    served = tracked.keys() | {opening.key for opening in capped.kept}
    rows = _rows(waiting, before, served, context)
    body = issue_text.digest_body(rows, context.settings.limits)
    reason = f"{plural(len(rows), 'flaky test')} above the limit of new issues"
    if before is None:
        labels = context.settings.issue_labels
        title = issue_text.DIGEST_TITLE
        yield OpenIssue(key=DIGEST, title=title, body=body, labels=labels, reason=reason)
    elif markers.plain(body) != markers.plain(before.issue.body):
        yield UpdateIssue(
            number=before.number,
            key=DIGEST,
            body=body,
            state="open" if rows else "closed",
            reason=reason,
        )


def pruned(tracked: Mapping[str, tuple[Tracked, ...]], views: Views) -> Iterator[Change]:
    """Take out tests with an issue of their own and those that no longer fail, and count the others
    anew. One whose failures may be what the ledger has lost stays as it is.
    """
    before = tracked.get(DIGEST, (None,))[0]
    old = markers.reveal(before.issue.body, DigestState) if before and before.open else None
    if before is None or old is None:
        return
    rows = []
    for row in old.rows:
        rate = views.history.summary(row.key, views.now).rate
        if row.key not in tracked and rate.failures:
            rows.append(replace(row, failures=rate.failures, builds=rate.builds))
        elif row.key not in tracked and views.doubt:
            rows.append(row)
    if tuple(rows) != old.rows:
        yield UpdateIssue(
            number=before.number,
            key=DIGEST,
            body=issue_text.digest_body(rows, views.settings.limits),
            state="open" if rows else "closed",
            reason=f"{plural(len(rows), 'flaky test')} of {len(old.rows)} still belong there",
        )


def _rows(
    waiting: Iterable[OpenIssue], before: Tracked | None, served: Container[str], context: Context
) -> tuple[DigestRow, ...]:
    """The tests that wait: those of before that still have no issue, and those of now."""
    old = markers.reveal(before.issue.body, DigestState) if before else None
    rows = {row.key: row for row in (old.rows if old else ()) if row.key not in served}
    day = f"{context.report.run.created_at or context.now:%Y-%m-%d}"
    for opening in waiting:
        rate = context.history.summary(opening.key, context.now).rate
        rows[opening.key] = DigestRow(
            key=opening.key, failures=rate.failures, builds=rate.builds, seen=day
        )
    return tuple(sorted(rows.values(), key=lambda row: (-row.failures, row.key)))
