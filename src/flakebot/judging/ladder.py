"""The ladder from evidence to the verdict of one failure. Pure.

Strongest evidence first; the first rung that applies decides, and says why in sentences:
docs/how-it-decides.md has all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from flakebot.judging.builds import Failure, flaked, passed_beside, returns_after_pass
from flakebot.judging.case import Case, Unmet, verdict
from flakebot.judging.origins import TRUNK, UNTOLD
from flakebot.judging.persistence import by_chance, too_steady
from flakebot.judging.regression import broken
from flakebot.judging.related import touches
from flakebot.judging.stats import wilson, zero_upper_bound
from flakebot.judging.words import affirmed, against, denied
from flakebot.model import Category, Owner, Status
from flakebot.report import Kind, Level, Verdict
from flakebot.wording import listing, percent, plural, rate_words

MANY = 1000
"""Failing builds beyond which nobody waits for a verdict to change."""


def judge(case: Case) -> Verdict:
    """The verdict of one failure."""
    found = next(found for _, found in climb(case) if isinstance(found, Verdict))
    return replace(found, confidence=case.confidence[found.kind, found.level])


def climb(case: Case) -> Iterator[tuple[str, Verdict | Unmet]]:
    """What each rung says of a failure, strongest first, by the rung's name."""
    for rung in (owned, proven, broken, known, likely, unread, new):
        yield rung.__name__, rung(case)


def owned(case: Case) -> Verdict | Unmet:
    """External or infrastructure: the cause has an owner, and it is not the test."""
    category = case.entry.category
    found = owner_verdict(category, case.execution.job.name)
    return found or Unmet(reason=f"the cause is {category}, no fault of a service or machine")


def owner_verdict(category: Category, job: str) -> Verdict | None:
    """The verdict on whatever one of these categories hit in a job."""
    kinds = {Owner.EXTERNAL: Kind.EXTERNAL, Owner.INFRA: Kind.INFRA}
    kind = kinds.get(category.owner)
    return (
        verdict(kind, [f"the cause in job {job} is {category}, no fault of a test"])
        if kind
        else None
    )


def proven(case: Case) -> Verdict | Unmet:
    """Failed and passed in one build: the code was the same, so the test is flaky."""
    job, attempt = case.execution.job.name, case.execution.record.attempt
    passed = passed_beside(case.execution, case.past.executions, case.entry)
    if flaked(case.entry):
        reason = f"failed then passed in the same session of job {job}"
    elif passed:
        reason = f"failed in attempt {attempt} and passed in attempt {passed} of job {job}"
    else:
        return Unmet(
            reason=f"no pass of it in job {job} of this run is on record",
            wanting=f"flaky, proven: a pass of it in another attempt of job {job} of this run",
        )
    return verdict(Kind.FLAKY, [reason, against(case), _rate_reason(case)], Level.PROVEN)


def known(case: Case) -> Verdict | Unmet:
    """A maintainer says so, or an open issue tracks it, it is frequent enough, and it comes and
    goes.
    """
    if said := affirmed(case):
        seen = _rate_reason(case) if case.past.rate.failures else ""
        return _flake(case, [said, seen], Level.KNOWN)
    if case.issue is None or not case.covered:
        return Unmet(reason=_untracked(case))
    if case.past.rate.low <= case.thresholds.rate_floor:
        return _too_rare(case)
    if not returns_after_pass(case.past.counted, case.same):
        return Unmet(
            reason=f"open issue #{case.issue.number} tracks it, but no pass is on record between "
            "its failures",
            wanting="flaky, known: a pass, and the same failure after it",
        )
    said = f"open issue #{case.issue.number} tracks this fingerprint"
    return _comes_and_goes(case, said, Level.KNOWN)


def likely(case: Case) -> Verdict | Unmet:
    """Seen where this change is not, with passes in between, over enough builds."""
    where, lacks = _where(case), _lacks(case)
    if not case.compares:
        return Unmet(reason="no cause was read, so it is not known where else it failed this way")
    if not where or lacks:
        places = "" if where else _too_few_places(case)
        reasons = [where or _seen_in(case), places, lacks]
        return Unmet(reason="; ".join(filter(None, reasons)), wanting=_likely_wanting(case))
    return _comes_and_goes(case, where, Level.LIKELY)


def _comes_and_goes(case: Case, reason: str, level: Level) -> Verdict:
    """A flake by what others saw."""
    return _flake(case, [reason, against(case), _rate_reason(case), "it passed in between"], level)


def _flake(case: Case, reasons: list[str], level: Level) -> Verdict:
    """A flake, unless a maintainer says that it is none, or it only stays here: then this change
    broke it as well.
    """
    if own := denied(case) or too_steady(case):
        return new(case, own)
    return verdict(Kind.FLAKY, reasons, level)


def unread(case: Case) -> Verdict | Unmet:
    """Something was seen before, or not seen at all, so that neither flaky nor new can be said."""
    if case.entry.final is Status.UNFINISHED and case.entry.category.owner is Owner.NONE:
        return verdict(Kind.UNCLASSIFIED, ["the log ends while the test runs and does not say why"])
    if not case.compares:
        return _incomparable(case)
    if said := denied(case):
        return Unmet(reason=said)
    if not _seen_before(case):
        return Unmet(reason="a cause was read, and this failure was not seen before")
    seen = f"the same failure is on record in {_places(case.elsewhere)}" if case.elsewhere else ""
    issue = f"open issue #{case.issue.number} tracks it" if case.issue and case.covered else ""
    return verdict(Kind.UNCLASSIFIED, [seen, issue, _lacks(case) or _too_few_places(case)])


def new(case: Case, own: str = "") -> Verdict:
    """First seen here, or seen elsewhere and nobody's flake by its `own` reason: for the author to
    look at.
    """
    own = own or denied(case)
    where = "the default branch" if case.on_trunk else _change_name(case)
    touched = touches(case.entry.id, case.changed)
    return verdict(
        Kind.NEW,
        [
            own or f"first seen on {where}",
            f"the diff {touched}" if touched else "",
            _own_reason(case),
            f"{'also' if own else 'before that only'} in {_places(case.elsewhere)}"
            if case.elsewhere
            else "",
            _clean_reason(case),
        ],
    )


# ------------------------------------------------------------------------------------------
# Words and numbers


def _rate_reason(case: Case) -> str:
    """The rate since it last changed."""
    rate, cut = case.past.rate, case.past.segments
    if case.past.without_fix and not rate.failures:
        return "its commit lacks what a maintainer says fixed it, so it does not count"
    since = f" since {cut[-1].since:%Y-%m-%d}" if len(cut) > 1 else ""
    return f"failed in {rate_words(rate)}{since}"


def _where(case: Case) -> str:
    """Where it was seen, if these places are unrelated to each other and to this change."""
    changes = {failure.change for failure in by_chance(case)}
    if TRUNK in changes:
        return f"failed on the default branch {'before' if case.on_trunk else 'too'}"
    unrelated = _unrelated(case, changes)
    if len(unrelated) < case.thresholds.min_pull_requests:
        return ""
    return f"failed in {len(unrelated)} unrelated changes: {listing(sorted(unrelated))}"


def _unrelated(case: Case, changes: Iterable[str]) -> set[str]:
    """The changes that nothing connects, this one included; the default branch is nobody's."""
    return {*changes, case.change} - {TRUNK, UNTOLD}


def _lacks(case: Case) -> str:
    """What keeps the evidence from showing a flake; empty when nothing does."""
    builds, needed = len(case.past.counted), case.thresholds.min_builds
    if builds < needed:
        return f"{plural(builds, 'build is', 'builds are')} on record and {needed} are needed"
    if not returns_after_pass(case.past.builds, case.same):
        return "no pass is on record in between"
    return ""


def _untracked(case: Case) -> str:
    issue = case.issue
    if issue is None:
        return "no issue tracks this test"
    if not issue.open:
        return f"issue #{issue.number} is closed"
    if not issue.testifies:
        return f"issue #{issue.number} was opened by this very run"
    if not case.compares:
        return f"no cause was read, so it is not known whether open issue #{issue.number} tracks it"
    return f"open issue #{issue.number} does not list this fingerprint"


def _too_rare(case: Case) -> Unmet:
    """The rate is too uncertain, and how many failures more would make it certain enough."""
    rate, floor = case.past.rate, case.thresholds.rate_floor
    more = range(1, MANY)
    enough = (n for n in more if wilson(rate.failures + n, rate.builds + n)[0] > floor)
    found = next(enough, 0)
    return Unmet(
        reason=f"it {_rate_reason(case)}: the lower end is not above {percent(floor)}",
        wanting=f"flaky, known: {plural(found, 'more failing build')}" if found else "",
    )


def _seen_in(case: Case) -> str:
    places = _places(case.elsewhere)
    return f"elsewhere it failed so in {places}" if places else "it did not fail so elsewhere"


def _likely_wanting(case: Case) -> str:
    """What is missing of builds and unrelated changes."""
    changes = {failure.change for failure in by_chance(case)}
    unrelated = _unrelated(case, changes)
    places = 0 if _where(case) else case.thresholds.min_pull_requests - len(unrelated)
    builds = case.thresholds.min_builds - len(case.past.counted)
    returned = returns_after_pass(case.past.builds, case.same)
    wanted = [
        f"the same failure in {plural(places, 'other change')}" if places > 0 else "",
        f"{plural(builds, 'more build')} in which it runs" if builds > 0 else "",
        "" if returned else "a pass between two such failures",
    ]
    return f"flaky, likely: {listing([each for each in wanted if each])}"


def _too_few_places(case: Case) -> str:
    return f"{case.thresholds.min_pull_requests} unrelated changes are needed to call it flaky"


def _seen_before(case: Case) -> bool:
    """Whether `first seen here` would be untrue.

    On the default branch a sighting in one pull request is most likely the one that was merged.
    """
    changes = {failure.change for failure in case.elsewhere}
    needed = 2 if case.on_trunk and TRUNK not in changes else 1
    return len(changes) >= needed or case.covered


def _incomparable(case: Case) -> Verdict | Unmet:
    failed = sum(any(map(case.is_elsewhere, build.failures)) for build in case.past.builds)
    if not failed:
        return Unmet(reason="no cause was read, and no other build of this test failed")
    others = plural(failed, "other build")
    reason = f"no cause was read, so it cannot be compared with {others} that failed"
    return verdict(Kind.UNCLASSIFIED, [reason])


def _places(failures: Iterable[Failure]) -> str:
    return listing(sorted({failure.change for failure in failures}))


def _change_name(case: Case) -> str:
    if case.change == UNTOLD:
        return UNTOLD
    return f"pull request {case.change}" if case.change.startswith("#") else f"branch {case.change}"


def _own_reason(case: Case) -> str:
    """The same failure at other commits of this change, which is no evidence of a flake."""
    failures = (
        failure for build in case.past.builds if case.same(build) for failure in build.failures
    )
    commits = {
        failure.execution.record.head_sha
        for failure in failures
        if not case.is_this_run(failure) and case.is_own(failure.execution.record)
    }
    return (
        f"also failed at {plural(len(commits), 'other commit')} of this change" if commits else ""
    )


def _clean_reason(case: Case) -> str:
    """How many builds never failed this way, and what rate that still leaves possible."""
    clean = sum(not case.same(build) for build in case.past.counted)
    if not clean:
        return "no other build of this test is on record"
    bound = percent(zero_upper_bound(clean))
    return f"{plural(clean, 'other build')} on record did not fail this way (rate at most {bound})"
