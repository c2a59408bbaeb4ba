"""`flakebot explain`: why a log was read as it was, for a person or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.text import Text

from flakebot import address, log_sources, screen, untrusted
from flakebot.errors import FlakebotError
from flakebot.model import LogReading, LogText, Owner, Problem, TestId
from flakebot.reading import classify, explaining
from flakebot.reading.explaining import ExplainedCause, Explanation, PassedOver
from flakebot.reading.trace import Trace
from flakebot.settings_file import Project
from flakebot.wording import listing, plural

MOST = 12
"""Lines of one list that are shown; the JSON has them all."""

_COLOURS = {
    Owner.EXTERNAL: "cyan",
    Owner.INFRA: "magenta",
    Owner.TEST: "red",
    Owner.CODE: "yellow",
    Owner.NONE: "white",
}


def explain(
    path: str, test: str, project: Project, environ: Mapping[str, str], *, as_json: bool
) -> int:
    """Read the logs of a path as `classify` does, and say which rules decided and why.

    Raises:
        InputError: no log tells of the test.
        FlakebotError: nothing could be read.

    """
    problems: list[Problem] = []
    read = list(_read(path, project, environ, problems))
    if not read:
        told = "; ".join(f"{problem.source}: {problem.reason}" for problem in problems)
        raise FlakebotError(f"Nothing could be read: {told}")
    rules = project.rules.rules
    ids = list(dict.fromkeys(each.id for reading, _ in read for each in reading.tests))
    nothing = f"No log tells of a test {test!r} that did not simply pass"
    found = TestId(address.named_test(test, ids, nothing)) if test else None
    if found:
        read = [(r, trace) for r, trace in read if found in {each.id for each in r.tests}]
    explanations = [explaining.explain(r, trace, rules, found) for r, trace in read]
    if as_json:
        print(untrusted.json_line(explaining.to_json(explanations, problems)))
    else:
        _show(explanations, problems)
    return 0


def _read(
    path: str, project: Project, environ: Mapping[str, str], problems: list[Problem]
) -> Iterator[tuple[LogReading, Trace]]:
    rules, limits = project.rules.rules, project.settings.limits
    for source, log in log_sources.logs([path], environ):
        if not isinstance(log, LogText):
            problems.append(Problem(source=source, reason=log.reason))
            continue
        trace = Trace()
        reading = classify.read_log(source, log.chunks, rules, limits, trace)
        problems += reading.problems
        if reading.lines:
            yield reading, trace


# ------------------------------------------------------------------------------------------
# For a person


def _show(explanations: Sequence[Explanation], problems: Sequence[Problem]) -> None:
    for explanation in explanations:
        screen.show(_log(explanation), cut=True)
    for problem in problems:
        print(untrusted.terminal(f"{problem.source}: {problem.reason}"))


def _log(explanation: Explanation) -> Iterator[Text]:
    reading = explanation.reading
    counts = ", ".join(f"{count} {status}" for status, count in reading.counts.items() if count)
    told = ", ".join(reading.frameworks) or "no test framework"
    head = screen.styled(
        (reading.source, "bold"), (f"  {told}{'; ' if counts else ''}{counts}", "dim")
    )
    yield head
    if not explanation.causes:
        yield screen.styled(("  Nothing failed." if not reading.causes else "  No cause.", ""))
    for number, explained in enumerate(explanation.causes, 1):
        yield Text()
        yield from _cause(number, explained)
    if explanation.passed_over:
        yield Text()
        yield screen.styled(("Passed over outside the reports of tests", "bold"))
        yield from _passed_over(explanation.passed_over)
    if explanation.left_out:
        yield screen.styled(
            (f"{plural(explanation.left_out, 'more match', 'more matches')} not noted", "")
        )
    yield Text()


def _cause(number: int, explained: ExplainedCause) -> Iterator[Text]:
    cause = explained.cause
    owner = cause.category.owner
    yield screen.styled(
        (f"{number}. {cause.category}", f"bold {_COLOURS[owner]}"),
        (f"  {owner}, {cause.category.severity}, line {cause.line}", "dim"),
    )
    yield screen.styled(("   │ ", "dim"), (cause.text, ""))
    place = f", {explained.origin}, {explained.rank} of {explained.rules}" if explained.rank else ""
    yield screen.styled(("   rule   ", "dim"), (cause.rule, "bold"), (place, "dim"))
    for sentence in explained.why:
        yield screen.styled(("   why    ", "dim"), (sentence, ""))
    if cause.tests:
        yield screen.styled(("   tests  ", "dim"), (listing(cause.tests), ""))
    if explained.passed_over:
        about = f" in the report of {explained.test}" if len(cause.tests) > 1 else ""
        yield screen.styled((f"   passed over{about}", "dim"))
        yield from _passed_over(explained.passed_over)


def _passed_over(passed: Sequence[PassedOver]) -> Iterator[Text]:
    """A row for each run of lines with the same rule and reason."""
    runs = [list(run) for _, run in groupby(passed, key=lambda each: (each.rule, each.reason))]
    shown = [run[0] for run in runs[:MOST]]
    number = max(len(str(each.line)) for each in shown)
    rule = max(len(each.rule) for each in shown)
    reason = max(len(each.reason) for each in shown)
    for each, run in zip(shown, runs, strict=False):
        more = f" (and {plural(len(run) - 1, 'more line')})" if len(run) > 1 else ""
        yield screen.styled(
            (f"   {each.line:{number + 2}}  ", "dim"),
            (f"{each.rule:{rule}}  ", ""),
            (f"{each.reason + more:{reason}}  ", "green"),
            (each.text, "dim"),
        )
    if left := sum(map(len, runs[MOST:])):
        yield screen.styled((f"     and {left} more; --json has them all", "dim"))
