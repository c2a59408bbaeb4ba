"""What `flakebot reproduce` was asked on the command line, as a campaign."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from flakebot import issue_source
from flakebot.errors import InputError
from flakebot.model import value
from flakebot.reproduction import asking, planning, tracked
from flakebot.reproduction.iterations import Campaign, Setup
from flakebot.system import processors
from flakebot.wording import plural

DEFAULT_ITERATIONS = 100
"""As many as the investigation ran: silence then means a rate below 3.7 %, by Wilson's interval."""

MOST_ITERATIONS = 1_000_000
"""Of one level: more is a slip of the finger."""


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


def campaign(options: Options, environ: Mapping[str, str], now: datetime) -> Campaign:
    """The campaign of the command line, completed by the tracking issue when there is one.

    Raises:
        FlakebotError: an option cannot be read, or the issue.
    """
    _check_text(options)
    base = _as_asked(options)
    if not options.issue:
        if options.post:
            raise InputError("--post needs to know where: name the issue with --issue.")
        return base
    found = issue_source.read(options.issue, environ, now)
    return tracked.campaign(base, found, iterations=options.iterations, levels=bool(options.levels))


def _check_text(options: Options) -> None:
    """Records and reports are UTF-8."""
    words = (options.pytest, options.image, options.engine, options.gpus, options.output.resolve())
    lists = (options.variants, options.mounts, options.environment, options.container_arguments)
    for text in map(str, (*words, *options.given, *chain(*lists))):
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InputError(f"{text!a} is not UTF-8, as records and reports are.") from error


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
        return replace(campaign, iterations=_planned(campaign))
    return campaign


def _planned(campaign: Campaign) -> int:
    compared = len(campaign.levels) * len(campaign.variants) > 1
    needed = (planning.to_compare if compared else planning.to_see)(campaign.expected)
    if needed > MOST_ITERATIONS:
        raise InputError(
            f"--expect-rate: a rate of {campaign.expected:g} needs {needed} iterations, and "
            f"{MOST_ITERATIONS} are the most; name fewer with --iterations."
        )
    return needed


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
