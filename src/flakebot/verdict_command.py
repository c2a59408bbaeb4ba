"""`flakebot explain` of a run: why each of its failures was judged as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from rich.text import Text

from flakebot import address, screen, untrusted, wiring
from flakebot.github_objects import RunRef
from flakebot.hugging_face.hub import HuggingFace
from flakebot.judging import explained
from flakebot.judging.explained import Evidence, ExplainedFailure, ExplainedFinding, Rung
from flakebot.pipeline import explaining
from flakebot.pipeline.explaining import Explained
from flakebot.ports import Hub
from flakebot.report import Finding
from flakebot.settings_file import Chosen
from flakebot.wording import listing, percent, plural, rate_words, short

MOST = 2
"""Failures of one finding that are shown in full; the JSON has them all, and all rungs."""

STATES = 3
"""Changes of a test's state that are shown, the newest first; the JSON has them all."""


def is_run(target: str) -> bool:
    """Whether a target is a run: the address of one and not of a job, or FOLDER/runs/ID."""
    if "://" in target:
        return address.parse(target).job_id is None
    path = Path(target)
    return path.parent.name == "runs" and path.name.isdecimal()


def explain(
    target: str,
    test: str,
    *,
    as_json: bool,
    now: datetime,
    settings: Chosen,
    environ: Mapping[str, str],
) -> int:
    """Print every verdict of a run, or that on one test, with its reasons.

    Raises:
        InputError: no finding is about the test.
        FlakebotError: neither ledger nor logs can be read.

    """
    where = _on_github if "://" in target else _in_folder
    found = where(target, now, settings, environ)
    told = _of_test(test, explained.explain(found.report, found.cases))
    if as_json:
        print(untrusted.json_line(explained.to_json(found.report, told)))
        return 0
    screen.show(_lines(found, told))
    return 0


def _on_github(
    target: str, now: datetime, settings: Chosen, environ: Mapping[str, str]
) -> Explained:
    where = address.parse(target)
    server = wiring.named_server(where, environ)
    with wiring.github_api(server) as api:
        place = wiring.on_github(api, server, **settings)
        ref = RunRef(run_id=where.run_id, attempt=where.attempt)
        return _explained(place, HuggingFace(place.settings), ref, now)


def _in_folder(
    target: str, now: datetime, settings: Chosen, _environ: Mapping[str, str]
) -> Explained:
    folder, run_id = wiring.folder_target(target)
    place = wiring.in_folder(folder, now=now, **settings)
    return _explained(place, wiring.scripted(folder, place.settings), RunRef(run_id=run_id), now)


def _explained(place: wiring.Place, hub: Hub, ref: RunRef, now: datetime) -> Explained:
    tools = place.tools(hub, screen.say)
    return explaining.explain(ref, tools, settings=place.settings, now=now)


def _of_test(name: str, found: Sequence[ExplainedFinding]) -> tuple[ExplainedFinding, ...]:
    """What is said of the test of that id, or of the only one whose id holds the name."""
    if not name:
        return tuple(found)
    ids = list(dict.fromkeys(test for one in found for test in _tests(one) if test))
    meant = address.named_test(name, ids, f"No verdict of this run is on a test {name!r}")
    return tuple(
        ExplainedFinding(told=one.told, failures=tuple(f for f in one.failures if f.test == meant))
        for one in found
        if meant in _tests(one)
    )


def _tests(one: ExplainedFinding) -> Sequence[str]:
    return [one.told.test] if isinstance(one.told, Finding) else one.told.tests


# ------------------------------------------------------------------------------------------
# For a person


def _lines(found: Explained, told: Sequence[ExplainedFinding]) -> Iterator[Text]:
    report = found.report
    last = report.records[-1]
    head = f"  {report.overall}; attempt {last.attempt} at {short(report.head_sha)}"
    yield screen.styled((f"run {report.run.id}", "bold"), (head, ""))
    source = "records of the ledger" if found.recorded else "its logs, as it is not on record"
    yield screen.styled((f"  judged from {source}, with what was on record when it began", "dim"))
    if found.later:
        yield screen.styled((f"  {plural(found.later, 'later record')} left out", "dim"))
    for problem in report.problems:
        yield screen.styled((f"  {problem}", "yellow"))
    if not told:
        yield screen.styled(("  Nothing failed.", ""))
    for number, one in enumerate(told, 1):
        yield Text()
        yield from _finding(number, one)


def _finding(number: int, one: ExplainedFinding) -> Iterator[Text]:
    told = one.told
    if isinstance(told, Finding):
        said = f"{told.verdict.kind} {told.verdict.level}".strip()
        name, reasons = told.test or told.function, told.verdict.reasons
    else:
        said, name, reasons = f"event, {told.kind}", told.text, told.reasons
    yield screen.styled((f"{number}. {said}", "bold"), (f"  {name}", ""))
    for reason in reasons:
        yield screen.styled(("   because  ", "dim"), (reason, ""))
    for failure in one.failures[:MOST]:
        yield from _failure(failure)
    if left := one.failures[MOST:]:
        yield screen.styled(
            (f"   and {plural(len(left), 'more failure')}; --json has them all", "dim")
        )


def _failure(failure: ExplainedFailure) -> Iterator[Text]:
    where = f"{failure.job}, attempt {failure.attempt}, line {failure.line}"
    yield screen.styled((f"   in job {where}", "bold"))
    if failure.rule:
        yield screen.styled(("     rule      ", "dim"), (f"{failure.rule}: {failure.text}", ""))
    for sentence in _evidence(failure.evidence):
        yield screen.styled(("     evidence  ", "dim"), (sentence, ""))
    for rung in failure.rungs:
        yield _rung(rung)
        if rung.decides:
            break
    for change in failure.changes:
        yield screen.styled(("     would be  ", "dim"), (change, ""))


def _evidence(evidence: Evidence) -> Iterator[str]:
    counted = f"failed in {rate_words(evidence.rate)} that count"
    record = plural(evidence.builds, "build is", "builds are")
    yield f"{counted if evidence.rate.builds else 'no build counts yet'}; {record} on record"
    yield from _changes(evidence)
    if evidence.same:
        places = [f"{name} ({count})" for name, count in evidence.elsewhere]
        between = "with" if evidence.passes_between else "no"
        yield (
            f"{plural(evidence.same, 'build')} failed in this way, {between} pass in between; "
            f"elsewhere: {listing(places) or 'nowhere'}"
        )
    if evidence.issue:
        tracks = "counts as evidence" if evidence.issue_tracks else "is no evidence"
        yield f"issue #{evidence.issue} {tracks}"
    if evidence.base_sha:
        yield f"base commit {short(evidence.base_sha)}"
    if evidence.row > 1:
        yield (
            f"all of the last {evidence.row} builds of this change failed so; of "
            f"{plural(evidence.others, 'other')} at most {percent(evidence.others_rate)} do"
        )
    if evidence.touches:
        yield f"the diff {evidence.touches}"


def _changes(evidence: Evidence) -> Iterator[str]:
    """Which builds the rate is of, and what the test was before."""
    for older, newer in reversed(list(pairwise(evidence.segments))):
        yield (
            f"since {newer.since:%Y-%m-%d}: {rate_words(newer.rate)}; "
            f"before, not in the rate: {rate_words(older.rate)}"
        )
    if evidence.without_fix:
        left_out = plural(evidence.without_fix, "build")
        be = "is" if evidence.without_fix == 1 else "are"
        yield f"{left_out} that failed on a commit without the fix {be} left out"
    if evidence.broken_commits:
        left_out = plural(evidence.broken_commits, "build is", "builds are")
        yield f"{left_out} left out: the commit broke too many jobs to blame a test"
    for each in evidence.transitions[: -STATES - 1 : -1]:
        commit = f" (commit {short(each.commit)})" if each.commit else ""
        since = f"{each.after} since {each.at:%Y-%m-%d}, {each.before} before"
        yield f"{since}: {each.reason}{commit}"


def _rung(rung: Rung) -> Text:
    mark, style = ("✓", "green") if rung.decides else ("·", "dim")
    applied = f"{rung.kind}: " if rung.applies else "no: "
    settings = ", ".join(f"{name} = {value:g}" for name, value in rung.settings.items())
    return screen.styled(
        (f"     {mark} {rung.name:8}", style),
        (applied + "; ".join(rung.why), "" if rung.decides else "dim"),
        (f"  [{settings}]" if settings else "", "dim"),
    )
