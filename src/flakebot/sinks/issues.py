"""Keeps one tracking issue per test function, one for Hugging Face, and a digest of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flakebot import planner
from flakebot.changes import CreateLabel, OpenIssue, Plan
from flakebot.github_objects import Issue
from flakebot.judging.settling import Settled, Settlement, settle
from flakebot.judging.summaries import TestSummary
from flakebot.keys import HUGGING_FACE
from flakebot.model import Category
from flakebot.ports import Forge
from flakebot.report import Finding, Kind
from flakebot.settings import Settings
from flakebot.sinks import issue_digest, upkeep
from flakebot.sinks.context import Context, Views
from flakebot.sinks.upkeep import State
from flakebot.views import issue_text, markers, tracking
from flakebot.views.markers import DIGEST
from flakebot.views.tracking import Tracked
from flakebot.wording import plural

NAME = "issues"

_OUTSIDE = frozenset({Kind.EXTERNAL, Kind.INFRA})
_LABEL_COLOR = "d4c5f9"
_LABEL_DESCRIPTION = "A test that fails without a reason in the change"


def list_ours(forge: Forge, settings: Settings) -> Sequence[Issue]:
    """All issues under the first of our labels; the search index lags behind, the list does not. A
    partial list is an error.
    """
    return forge.issues(settings.issue_labels[0])


def tracked(views: Views, login: str) -> Mapping[str, tuple[Tracked, ...]]:
    """Our issues by key, as they were listed; `login` is the account flakebot writes as."""
    return tracking.by_key(tracking.ours(views.listed or (), login))


def observe(context: Context, forge: Forge) -> State:
    """Read only what the coming plan needs."""
    if not _wanted(context):
        return State(tracked={})
    known = tracked(context, forge.bot())
    openings = [key for key in _candidates(context) if key not in known]
    existing = [known[key][0] for key in _targets(context) if key in known]
    unowned = not all(map(upkeep.knows_owners, existing))
    return State(
        tracked=known,
        reopen=frozenset(t.number for t in existing if _may_reopen(t, context, forge)),
        told=upkeep.told(known, existing, context, forge),
        labels=_missing_labels(context, forge) if openings else (),
        owners=upkeep.owners(forge) if openings or unowned else None,
    )


def plan(context: Context, state: State) -> Plan:
    """What to write, nothing without a list of our issues.

    Raises:
        UnsafePlanError: improbably many issues would be new.

    """
    if not context.settings.issues or context.listed is None:
        return Plan()
    if not context.repository.has_issues:
        return Plan(held_back=("The repository has no issues, so no test is tracked.",))
    elsewhere = _elsewhere(context)
    untracked = (key for key in _candidates(context) if key not in state.tracked)
    fresh = [_opening(key, context, state) for key in untracked if key not in elsewhere]
    opened = sum(_opened_here(group[0], context) for group in state.tracked.values())
    capped = planner.cap(fresh, context.settings, opened_before=opened)
    digest = issue_digest.changes(capped, state.tracked, context)
    changes = [
        *capped.kept,
        *(each for each in digest if not isinstance(each, OpenIssue) or DIGEST not in elsewhere),
    ]
    if any(isinstance(change, OpenIssue) for change in changes):
        changes[:0] = [
            CreateLabel(name=name, color=_LABEL_COLOR, description=_LABEL_DESCRIPTION)
            for name in state.labels
        ]
    for key in _targets(context):
        if key in state.tracked:
            changes += upkeep.changes(state.tracked[key][0], context, state)
    changes += upkeep.duplicates(state)
    return Plan(changes=tuple(changes), held_back=tuple(_held_back(capped.rest, context)))


def opening(context: Context, login: str) -> tuple[str, ...]:
    """Keys of the issues that this run opens unless another run was first to say so, worst first.

    Args:
        context: `listed` are our issues as they were when the run was judged.
        login: the account flakebot writes as.
    """
    known = tracked(context, login)
    untracked = [key for key in _candidates(context) if key not in known]
    opened = sum(_opened_here(group[0], context) for group in known.values())
    allowed = max(0, context.settings.max_new_issues - opened)
    waiting = [key for key in untracked[allowed:] if key != HUGGING_FACE]
    digest = (DIGEST,) if waiting and DIGEST not in known else ()
    return (*untracked[:allowed], *digest)


def awaited(context: Context, login: str) -> bool:
    """Whether another run opens an issue for something of this run that was not listed yet."""
    known = tracked(context, login)
    return any(key not in known for key in _elsewhere(context).intersection(_targets(context)))


def _elsewhere(context: Context) -> frozenset[str]:
    """Keys of the issues that another run opens at this moment, as the ledger has it."""
    said = [
        (record.run_id == context.run_id, record.opening.keys)
        for record in context.history.records
        if record.opening and record.opening.holds(context.now)
    ]
    own = {key for is_own, keys in said if is_own for key in keys}
    return frozenset(key for _, keys in said for key in keys if key not in own)


# ------------------------------------------------------------------------------------------
# Which issues this run speaks of


def _wanted(context: Context) -> bool:
    """Whether this run has anything to say in an issue at all."""
    enabled = context.settings.issues and context.repository.has_issues
    return enabled and bool(_targets(context))


def _targets(context: Context) -> tuple[str, ...]:
    """Keys with an occurrence in this run whose issue, if there is one, is brought up to date."""
    keys = [
        f.function for f in context.report.findings if f.verdict.kind not in _OUTSIDE and f.test
    ]
    hit = _outage(context, *(state for state in Settled if state is not Settled.NOT_HIT))
    return tuple(dict.fromkeys([*hit, *keys]))


def _candidates(context: Context) -> tuple[str, ...]:
    """Keys that deserve an issue, worst first."""
    keys = {f.function for f in context.report.findings if _deserves(f)}
    worst = sorted(keys, key=lambda key: _badness(upkeep.summary(key, context)))
    counted = _outage(context, Settled.COUNTED)
    return (*counted, *(key for key in worst if len(key) <= markers.KEY_CHARACTERS))


def _deserves(finding: Finding) -> bool:
    """Whether a finding is a flake of a test, on more evidence than one pull request's own."""
    return finding.counted and finding.verdict.kind is Kind.FLAKY and bool(finding.test)


def _badness(summary: TestSummary) -> tuple[float, int, str]:
    """Sorts the highest certain failure rate to the front."""
    return (-summary.rate.low, -summary.rate.failures, summary.key)


def _outage(context: Context, *states: Settled) -> tuple[str, ...]:
    """The key of Hugging Face's issue when this run was hit and stands like that, as the ledger
    has it.
    """
    return (HUGGING_FACE,) if _settlement(context).state in states else ()


def _settlement(context: Context) -> Settlement:
    run = context.run_id
    own = [record for record in context.history.records if record.run_id == run]
    return settle(Category.HF_FETCH, own, context.now)


def _held_back(rest: Sequence[OpenIssue], context: Context) -> Iterator[str]:
    """What is not given an issue of its own, and why."""
    limit = f"one run opens at most {plural(context.settings.max_new_issues, 'new issue')}."
    tests = [each.key for each in rest if each.key != HUGGING_FACE]
    if len(tests) < len(rest):
        yield f"The outage of Hugging Face has no issue yet: {limit}"
    if tests:
        own = "has no issue of its own" if len(tests) == 1 else "have no issue of their own"
        yield f"{plural(len(tests), 'more flaky test')} {own} yet: {limit}"
    for finding in context.report.findings:
        if _deserves(finding) and len(finding.function) > markers.KEY_CHARACTERS:
            yield (
                f"A test whose id has {len(finding.function)} characters is not tracked: "
                f"{markers.KEY_CHARACTERS} are the most."
            )


def _opening(key: str, context: Context, state: State) -> OpenIssue:
    """A new issue."""
    if key == HUGGING_FACE:
        title, reason = issue_text.HUGGING_FACE_TITLE, "Hugging Face could not be reached"
    else:
        rate = upkeep.summary(key, context).rate
        title = issue_text.title(key)
        builds = plural(rate.builds, "build")
        reason = f"a flake with no issue yet, failed in {rate.failures} of {builds}"
    return OpenIssue(
        key=key,
        title=title,
        body=upkeep.body(key, None, context, state, told=0),
        labels=context.settings.issue_labels,
        reason=reason,
    )


def _opened_here(tracked: Tracked, context: Context) -> bool:
    """Whether this very run opened an issue, before it was interrupted or looked at again."""
    opened = tracked.state.opened if tracked.state else 0
    return tracked.key != DIGEST and opened == context.run_id


# ------------------------------------------------------------------------------------------
# Reading


def _may_reopen(tracked: Tracked, context: Context, forge: Forge) -> bool:
    """Whether a closed issue fails again in spite of what closed it: by ancestry, not by time."""
    if tracked.open or tracked.dismissed or tracked.key not in _candidates(context):
        return False
    if tracked.key == HUGGING_FACE:
        return True  # no commit ends an outage
    return upkeep.contains_fix(context.report.head_sha, tracked, forge)


def _missing_labels(context: Context, forge: Forge) -> tuple[str, ...]:
    """Labels for new issues that the repository lacks; those in use are not asked for."""
    used = {label.name.casefold() for issue in context.listed or () for label in issue.labels}
    return tuple(
        name
        for name in context.settings.issue_labels
        if name.casefold() not in used and forge.label(name) is None
    )
