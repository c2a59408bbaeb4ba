"""Titles and bodies of tracking issues, rendered from the ledger alone. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from flakebot import untrusted
from flakebot.feedback import Feedback
from flakebot.judging.external import ExternalSummary
from flakebot.judging.sightings import Sighting
from flakebot.judging.summaries import Count, FingerprintRow, TestSummary
from flakebot.keys import HUGGING_FACE
from flakebot.model import Category
from flakebot.rerun_commands import rerun_command
from flakebot.settings import Limits
from flakebot.views import markers, outage_remedies, render
from flakebot.views.markers import DigestRow, DigestState, IssueState, Mark, Namesake, Together
from flakebot.views.remedies import REMEDIES
from flakebot.views.source_path import source_path

TITLE_CHARACTERS = 200
"""GitHub takes 256; the rest is for people who add to it."""

FINGERPRINTS = 100
"""Ways of failing that an issue remembers, the most frequent; with as many, one more is no news."""

WORDS = 10
"""Of maintainers, newest first, that an issue shows."""

DIGEST_TITLE = "Flaky tests: more than fit in one run"
HUGGING_FACE_TITLE = "Hugging Face fetch failures"

_DIGEST_STEPS = (200, 100, 50, 20, 5, 1)


def title(key: str) -> str:
    """The title of a test's issue; people may change it."""
    # A title is no Markdown but for code spans, and mentions nobody
    # (https://docs.github.com/en/issues), so it is only made one visible line.
    return render.short(f"Flaky test: {untrusted.clean(key.partition(':')[2])}", TITLE_CHARACTERS)


def state_of(
    summary: TestSummary,
    previous: IssueState | None,
    *,
    run_id: int,
    told: int,
    together: Mapping[str, Together] | None = None,
    namesakes: Mapping[str, Namesake] | None = None,
) -> IssueState:
    """What the issue remembers once its body says what the summary says.

    `together` are the tests that fail together with others, `namesakes` those that may have been
    renamed; None keeps what is remembered of that.
    """
    before = previous or IssueState(opened=run_id)
    seen = [row.fingerprint for row in summary.by_fingerprint]
    fingerprints = tuple(dict.fromkeys([*seen, *before.fingerprints]))[:FINGERPRINTS]
    new = set(fingerprints) - set(before.fingerprints) if previous else set()
    earlier = before.added if before.added_by == run_id or not new else ()
    return IssueState(
        opened=before.opened,
        added_by=run_id if new else before.added_by,
        added=tuple(sorted({*new, *earlier})),
        told=told,
        state=str(summary.state),
        fingerprints=tuple(sorted(fingerprints)),
        closed_by=before.closed_by,
        together=before.together if together is None else together.get(summary.key),
        namesake=before.namesake if namesakes is None else namesakes.get(summary.key),
    )


def test_body(
    summary: TestSummary,
    state: IssueState,
    *,
    owners: Sequence[str],
    limits: Limits,
    said: Sequence[Feedback],
) -> str:
    """The body of one test's issue; `said` are maintainers' words on the test, oldest first."""
    newest = summary.occurrences[0] if summary.occurrences else None
    category = summary.by_fingerprint[0].category if summary.by_fingerprint else Category.UNKNOWN
    return render.fitting(
        "test_issue",
        limits,
        marker=render.ours(markers.mark(Mark.ISSUE, summary.key)),
        state=render.ours(markers.hide(state)),
        name=summary.key.partition(":")[2],
        summary=summary,
        levels=sorted(summary.by_workers, key=_level),
        remedy=render.ours(REMEDIES.get(category, "")),
        together=state.together or Together(),
        namesake=state.namesake,
        said=said[: -WORDS - 1 : -1],
        commands=_commands(summary, newest) if newest else (),
        owners=owners,
    )


def note_body(
    key: str,
    summary: TestSummary,
    *,
    previous: IssueState,
    new: Sequence[FingerprintRow],
    limits: Limits,
) -> str:
    """The one comment that a new way of failing or a change of state is worth."""
    return render.fitting(
        "issue_note",
        limits,
        marker=render.ours(markers.mark(Mark.NOTE, key)),
        summary=summary,
        previous=previous.state,
        new=new,
    )


def duplicate_body(key: str, canonical: int) -> str:
    """The comment under which a second issue for the same test is closed."""
    return f"{markers.mark(Mark.NOTE, key)}\nThe same test is tracked in #{canonical}.\n"


def hugging_face_body(summary: ExternalSummary, state: IssueState, limits: Limits) -> str:
    """The body of the one issue for Hugging Face."""
    return render.fitting(
        "outage_issue",
        limits,
        marker=render.ours(markers.mark(Mark.ISSUE, HUGGING_FACE)),
        state=render.ours(markers.hide(state)),
        summary=summary,
        remedies=[render.ours(remedy) for remedy in outage_remedies.remedies(summary)],
    )


def digest_body(rows: Sequence[DigestRow], limits: Limits) -> str:
    """The body of the digest: as many rows as fit, and it remembers those that it shows."""
    *larger, least = _DIGEST_STEPS
    texts = (_digest(rows, most) for most in larger)
    return next((text for text in texts if render.fits(text, limits)), _digest(rows, least))


def _digest(rows: Sequence[DigestRow], most: int) -> str:
    shown = tuple(rows[:most])
    return render.markdown(
        "digest_issue",
        marker=render.ours(markers.mark(Mark.ISSUE, markers.DIGEST)),
        state=render.ours(markers.hide(DigestState(rows=shown))),
        rows=shown,
        left=len(rows) - len(shown),
    )


def _level(count: Count) -> int:
    """A level of parallelism by its number of workers, serial first."""
    return int(count.name[1:]) if count.name[1:].isdecimal() else 0


def _commands(summary: TestSummary, newest: Sighting) -> tuple[str, ...]:
    """How to run the failing test as the job did, quoted for a shell."""
    framework = summary.key.partition(":")[0]
    alone = tuple(filter(None, [rerun_command(framework, newest.test)]))
    parallel = next((s.occurrence.workers for s in summary.occurrences if s.occurrence.workers), 0)
    file = source_path(newest.test) if framework == "pytest" else ""
    if not parallel or not file:
        return alone
    return (*alone, f"python -m pytest {shlex.quote(file)} -n {parallel}  # under its usual load")
