"""`flakebot reproduce`: run tests again and again, and say what that shows."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console

from flakebot import issue_source, untrusted
from flakebot.errors import InputError
from flakebot.model import value
from flakebot.reading.rules import builtin
from flakebot.reproducing import containers, iterating, load, merging, processes
from flakebot.reproducing.iterating import Iterations, Tools
from flakebot.reproducing.ports import Ports
from flakebot.reproducing.progress import Shown
from flakebot.reproducing.running import Answer, Runner
from flakebot.reproducing.stop import Stop
from flakebot.reproducing.store import Store
from flakebot.reproduction import (
    asking,
    commands,
    inference,
    planning,
    report,
    suspects,
    tracked,
)
from flakebot.reproduction.iterations import Campaign, Iteration, Setup, Variant
from flakebot.reproduction.suspects import Suspect
from flakebot.sinks import reproduction_comment
from flakebot.system import processors
from flakebot.wording import plural

INTERRUPTED = 130

_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
"""Flakebot's own, for the issue; tests get them only when `--env` names them."""

DEFAULT_ITERATIONS = 100
"""As many as the investigation ran: silence then means a rate below 3.7 %, by Wilson's interval."""


@value
class Options:
    """What stands on the command line, as it stands there."""

    given: tuple[str, ...]
    output: Path
    iterations: int | None = None
    levels: str = ""
    timeout: float = 600.0
    total_timeout: float = 0.0
    jobs: int = 1
    load: int = 0
    random_order: bool = False
    seed: int = 0
    variants: tuple[str, ...] = ()
    shard: str = ""
    until: str = ""
    expected: str = ""
    pytest: str = ""
    image: str = ""
    engine: str = ""
    gpus: str = ""
    mounts: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    container_arguments: tuple[str, ...] = ()
    issue: str = ""
    post: bool = False
    confirm: bool = False
    as_json: bool = False


def run(options: Options, environ: Mapping[str, str]) -> int:
    """Run what is not yet done, write the report, and print its summary.

    Raises:
        FlakebotError: the options are wrong, or no iteration can run.

    """
    if not options.given and not options.issue:
        raise InputError("Name tests, or --issue.")
    inference.require()
    campaign = _campaign(options, environ)
    console = Console(stderr=True)
    with Store(options.output) as store:
        found, problems = store.resume(campaign)
        for problem in problems:
            _say(console, f"{problem.source} is left out: {problem.reason}")
        _introduce(console, campaign, found)
        done = list(found)
        stop = Stop(options.total_timeout)
        try:
            _iterate(options, campaign, store, stop, done, environ, console)
        finally:
            if done:
                _write(store, campaign, done)
        _print(options, campaign, done)
        if options.confirm and not stop():
            _confirm(options, campaign, store, stop, done, environ, console)
        if options.post and done:
            _post(options.issue, campaign, done, environ)
        if stop.interrupted:
            _say(console, "Interrupted; the same command goes on where it stopped.")
            return INTERRUPTED
        if stop.late:
            _say(console, "The time of --total-timeout is over; the same command goes on.")
    return 0


def merge(options: Options, environ: Mapping[str, str]) -> int:
    """Put the outputs of several machines together, and report on them as on one.

    Raises:
        InputError: there are none, they cannot be read, or are of different campaigns.

    """
    if not options.given:
        raise InputError("Name output folders to merge.")
    inference.require()
    with Store(options.output) as store:
        campaign, iterations = merging.merge([Path(each) for each in options.given], store)
        _write(store, campaign, iterations)
    _print(options, campaign, iterations)
    if options.post:
        _post(options.issue or campaign.target.issue, campaign, iterations, environ)
    return 0


# ------------------------------------------------------------------------------------------
# What was asked


def _campaign(options: Options, environ: Mapping[str, str]) -> Campaign:
    """The campaign of the command line, completed by the tracking issue when there is one."""
    base = _as_asked(options)
    if not options.issue:
        if options.post:
            raise InputError("--post needs to know where: name the issue with --issue.")
        return base
    found = issue_source.read(options.issue, environ, datetime.now(UTC))
    return tracked.campaign(base, found, iterations=options.iterations, levels=bool(options.levels))


def _as_asked(options: Options) -> Campaign:
    tests, arguments = asking.tests_and_arguments(options.given)
    campaign = Campaign(
        setup=Setup(
            tests=tests,
            pytest=_pytest(options),
            arguments=arguments,
            image=options.image,
            gpus=options.gpus,
            mounts=options.mounts,
            container_arguments=options.container_arguments,
            environment=tuple(asking.environment(options.environment)),
            timeout=options.timeout,
            jobs=options.jobs,
            seed=options.seed,
        ),
        levels=asking.levels(
            options.levels or asking.SERIAL, load=options.load, random_order=options.random_order
        ),
        iterations=options.iterations or DEFAULT_ITERATIONS,
        variants=asking.variants(options.variants),
        shard=asking.shard(options.shard),
        until=asking.share(options.until, "--until"),
        expected=asking.share(options.expected, "--expect-rate"),
        machine=_machine(),
    )
    if options.iterations is None and campaign.expected:
        compared = len(campaign.levels) * len(campaign.variants) > 1
        plan = planning.to_compare if compared else planning.to_see
        return replace(campaign, iterations=plan(campaign.expected))
    return campaign


def _pytest(options: Options) -> tuple[str, ...]:
    """The command that starts pytest: the one given, else the one beside this flakebot, else the
    first on the path.
    """
    if options.pytest:
        return asking.command(options.pytest, "--pytest")
    if options.image:
        return ("pytest",)
    beside, first = Path(sys.executable).with_name("pytest"), shutil.which("pytest")
    if beside.exists() and (first is None or Path(first).resolve() != beside.resolve()):
        return (str(beside),)
    if first is None:
        raise InputError("There is no pytest on the path: name the command with --pytest.")
    return ("pytest",)


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {plural(processors(), 'CPU')}"


def _introduce(console: Console, campaign: Campaign, found: Sequence[Iteration]) -> None:
    """Say what will run, and what that can show."""
    shown = commands.pytest_arguments(campaign.setup, campaign.levels[0], Variant())
    _say(console, f"{' '.join(level.name for level in campaign.levels)}: {' '.join(shown)}")
    for sentence in planning.forecast(campaign):
        _say(console, sentence)
    if found:
        verb = "is" if len(found) == 1 else "are"
        _say(console, f"{plural(len(found), 'iteration')} {verb} there already.")


# ------------------------------------------------------------------------------------------
# Running


def _iterate(
    options: Options,
    campaign: Campaign,
    store: Store,
    stop: Stop,
    done: list[Iteration],
    environ: Mapping[str, str],
    console: Console,
) -> None:
    engine = containers.find(options.engine) if options.image else None
    if processes.end_left_over(f"{store.mark}-"):
        _say(console, "Ended what an earlier run of this output left running.")
    if engine is not None:
        containers.remove_left_over(engine, store.mark)
    iterating.remove_left_over(store.mark)
    store.install_plugin()
    given = asking.environment(options.environment)
    tools = Tools(
        environment={
            **{
                name: text for name, text in environ.items() if name not in _TOKENS or name in given
            },
            **{name: text for name, text in given.items() if text is not None},
        },
        rules=builtin(),
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


def _confirm(
    options: Options,
    campaign: Campaign,
    store: Store,
    stop: Stop,
    done: Sequence[Iteration],
    environ: Mapping[str, str],
    console: Console,
) -> None:
    """Run the first suspect with its victim in one process, then the victim alone."""
    found = suspects.rank(done)
    if not found:
        _say(console, "There is nothing to confirm: no test that ran before is under suspicion.")
        return
    asked = suspects.confirmation(campaign, found[0])
    folder = options.output / "confirm" / _digest(found[0])
    results = []
    for name, part in (("together", asked.together), ("alone", asked.alone)):
        with Store(folder / name) as place:
            ran = list(place.resume(part)[0])
            try:
                _iterate(options, part, place, stop, ran, environ, console)
            finally:
                if ran:
                    _write(place, part, ran)
        results.append(ran)
    if not stop():
        sentence = suspects.confirmed(found[0], *results)
        store.write_text("confirm.txt", f"{sentence}\n")
        _say(console, sentence)


def _digest(suspect: Suspect) -> str:
    """A folder's name for a suspicion: another one, found with more iterations, gets its own."""
    both = f"{suspect.polluter}\n{suspect.victim}"
    return hashlib.sha256(both.encode()).hexdigest()[:12]


# ------------------------------------------------------------------------------------------
# Telling


def _post(
    issue: str, campaign: Campaign, iterations: Sequence[Iteration], environ: Mapping[str, str]
) -> None:
    """Keep the report as the one comment on the issue."""
    if not issue:
        raise InputError("--post needs to know where: name the issue with --issue.")
    body = report.comment(campaign, iterations, reproduction_comment.KEY)
    address = issue_source.post(issue, body, environ, datetime.now(UTC))
    print(f"The report stands at {untrusted.terminal(address)}.", file=sys.stderr)


def _write(store: Store, campaign: Campaign, iterations: Sequence[Iteration]) -> None:
    told = msgspec.json.format(msgspec.json.encode(report.as_json(campaign, iterations)), indent=2)
    store.write_text("report.json", told.decode() + "\n")
    store.write_text("report.md", report.markdown(campaign, iterations))
    store.write_text("summary.txt", report.summary(campaign, iterations))


def _print(options: Options, campaign: Campaign, iterations: Sequence[Iteration]) -> None:
    """The summary, or the report as JSON, to standard output."""
    if not iterations:
        return
    if options.as_json:
        told = report.as_json(campaign, iterations)
        print(untrusted.json_line(msgspec.to_builtins(told)))
        return
    for line in report.summary(campaign, iterations).splitlines():
        print(untrusted.terminal(line))
    print(f"\n{options.output}/report.md has everything.")


def _say(console: Console, text: str) -> None:
    console.print(untrusted.terminal(text), markup=False, highlight=False, soft_wrap=True)
