"""`flakebot reproduce`: run tests again and again, and say what that shows."""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from flakebot import issue_source, reproduce_options, untrusted
from flakebot.errors import DONE, INTERRUPTED, InputError
from flakebot.model import Problem
from flakebot.reading.rules import builtin
from flakebot.reproduce_options import Options
from flakebot.reproducing import containers, iterating, load, merging, processes
from flakebot.reproducing.iterating import Iterations, Tools
from flakebot.reproducing.ports import Ports
from flakebot.reproducing.progress import Shown
from flakebot.reproducing.running import Answer, Runner, rounds
from flakebot.reproducing.stop import Stop
from flakebot.reproducing.store import Store
from flakebot.reproduction import (
    asking,
    commands,
    confirming,
    findings,
    inference,
    planning,
    report,
    report_json,
    suspects,
)
from flakebot.reproduction.findings import Findings
from flakebot.reproduction.iterations import Campaign, Iteration, Variant
from flakebot.reproduction.suspects import Suspect
from flakebot.sinks import reproduction_comment
from flakebot.wording import plural

_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
"""Flakebot's own, for the issue; tests get them only when `--env` names them."""


def run(options: Options, environ: Mapping[str, str]) -> int:
    """Run what is not yet done, write the report, and print its summary.

    Raises:
        FlakebotError: the options are wrong, or no iteration can run.

    """
    if not options.given and not options.issue:
        raise InputError("Name tests, or --issue.")
    inference.require()
    campaign = reproduce_options.campaign(options, environ, datetime.now(UTC))
    console = Console(stderr=True)
    with Store(options.output) as store:
        found, problems = store.resume(campaign)
        _say_left_out(console, problems)
        _introduce(console, campaign, found)
        done = list(found)
        stop = Stop(options.total_timeout)
        try:
            left = _iterate(options, campaign, store, stop, done, environ, console)
        finally:
            told = findings.of(campaign, done)
            if done:
                _write(store, told)
        if done:
            _print(options, told)
        if options.confirm:
            left = stop() or _confirm(options, campaign, store, stop, done, environ, console)
        if options.post and done:
            _post(options.issue, told, environ)
        if stop.interrupted:
            _say(console, "Interrupted; the same command goes on where it stopped.")
            return INTERRUPTED
        if left and stop.late:
            _say(console, "The time of --total-timeout is over; the same command goes on.")
    return DONE


def merge(options: Options, environ: Mapping[str, str]) -> int:
    """Put the outputs of several machines together, and report on them as on one.

    Raises:
        InputError: there are none, they cannot be read, or are of different campaigns.

    """
    if not options.given:
        raise InputError("Name output folders to merge.")
    inference.require()
    with Store(options.output) as store:
        folders = [Path(each) for each in options.given]
        campaign, iterations, problems = merging.merge(folders, store)
        _say_left_out(Console(stderr=True), problems)
        told = findings.of(campaign, iterations)
        _write(store, told)
    _print(options, told)
    if options.post:
        _post(options.issue or campaign.target.issue, told, environ)
    return DONE


# ------------------------------------------------------------------------------------------
# Running


def _introduce(console: Console, campaign: Campaign, found: Sequence[Iteration]) -> None:
    """Say what will run, and what that can show."""
    shown = commands.pytest_arguments(campaign.setup, campaign.levels[0], Variant())
    _say(console, f"{' '.join(level.name for level in campaign.levels)}: {shlex.join(shown)}")
    for sentence in planning.forecast(campaign):
        _say(console, sentence)
    if found:
        verb = "is" if len(found) == 1 else "are"
        _say(console, f"{plural(len(found), 'iteration')} {verb} there already.")


def _iterate(
    options: Options,
    campaign: Campaign,
    store: Store,
    stop: Stop,
    done: list[Iteration],
    environ: Mapping[str, str],
    console: Console,
) -> bool:
    """Run what is not yet done; returns whether anything is left for the same command."""
    engine = containers.find(options.engine) if options.image else None
    if processes.end_left_over(f"{store.mark}-"):
        _say(console, "Ended what an earlier run of this output left running.")
    if engine is not None:
        containers.remove_left_over(engine, store.mark)
    iterating.remove_left_over(store.mark)
    store.install_plugin()
    given = asking.environment(options.environment)
    rules = builtin()
    tools = Tools(
        environment={
            **{
                name: text for name, text in environ.items() if name not in _TOKENS or name in given
            },
            **{name: text for name, text in given.items() if text is not None},
        },
        assigned=asking.assigned(given, rules.mask),
        rules=rules,
        ports=Ports(os.getpid()),
        now=lambda: datetime.now(UTC),
        stopwatch=time.monotonic,
        stopping=stop,
        kill=os.kill,
        engine=engine,
    )
    answered = Answer(campaign, done)
    with Shown(campaign, done, console) as shown, stop.on_signals(), load.burning(options.load):

        def take(iteration: Iteration) -> None:
            done.append(iteration)
            shown.add(iteration)

        runner = Runner(
            campaign,
            Iterations(campaign, store, tools),
            stopping=stop,
            stop=stop.now,
            enough=answered,
            done=take,
        )
        runner.run(tuple(done))
    if answered.sentence:
        _say(console, answered.sentence)
        return False
    return any(rounds(campaign, done))


def _confirm(
    options: Options,
    campaign: Campaign,
    store: Store,
    stop: Stop,
    done: Sequence[Iteration],
    environ: Mapping[str, str],
    console: Console,
) -> bool:
    """Run the first suspect with its victim in one process, then the victim alone; returns whether
    anything is left for the same command.
    """
    found = suspects.rank(done)
    if not found:
        _say(console, "There is nothing to confirm: no test that ran before is under suspicion.")
        return False
    asked = confirming.confirmation(campaign, found[0])
    folder = options.output / "confirm" / _digest(found[0])
    results, left = [], False
    for name, part in (("together", asked.together), ("alone", asked.alone)):
        with Store(folder / name) as place:
            ran = list(place.resume(part)[0])
            try:
                left |= _iterate(options, part, place, stop, ran, environ, console)
            finally:
                if ran:
                    _write(place, findings.of(part, ran))
        results.append(ran)
    if not left:
        sentence = confirming.confirmed(found[0], *results)
        store.write_text("confirm.txt", f"{sentence}\n")
        _say(console, sentence)
    return left


def _digest(suspect: Suspect) -> str:
    """A folder's name for a suspicion: another one, found with more iterations, gets its own."""
    both = f"{suspect.polluter}\n{suspect.victim}"
    return hashlib.sha256(both.encode()).hexdigest()[:12]


# ------------------------------------------------------------------------------------------
# Telling


def _post(issue: str, found: Findings, environ: Mapping[str, str]) -> None:
    """Keep the report as the one comment on the issue."""
    if not issue:
        raise InputError("--post needs to know where: name the issue with --issue.")
    body = report.comment(found, reproduction_comment.KEY)
    address = issue_source.post(issue, body, environ, datetime.now(UTC))
    print(f"The report stands at {untrusted.terminal(address)}.", file=sys.stderr)


def _write(store: Store, found: Findings) -> None:
    told = msgspec.json.format(msgspec.json.encode(report_json.as_json(found)), indent=2)
    store.write_text("report.json", told.decode() + "\n")
    store.write_text("report.md", report.markdown(found))
    store.write_text("summary.txt", report.summary(found))


def _print(options: Options, found: Findings) -> None:
    """The summary, or the report as JSON, to standard output."""
    if options.as_json:
        print(untrusted.json_line(msgspec.to_builtins(report_json.as_json(found))))
        return
    for line in report.summary(found).splitlines():
        print(untrusted.terminal(line))
    print(f"\n{options.output}/report.md has everything.")


def _say_left_out(console: Console, problems: Iterable[Problem]) -> None:
    for problem in problems:
        _say(console, f"{problem.source} is left out: {problem.reason}")


def _say(console: Console, text: str) -> None:
    console.print(untrusted.terminal(text), markup=False, highlight=False, soft_wrap=True)
