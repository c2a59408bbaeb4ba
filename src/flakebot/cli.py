"""The command line: data on standard output, progress on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from flakebot import __version__
from flakebot.errors import InputError

if TYPE_CHECKING:
    from flakebot.model import LogReading, Problem
    from flakebot.settings_file import Project

app = typer.Typer(
    name="flakebot",
    help="Track, explain and reproduce flaky tests of GitHub Actions workflows.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


rules = typer.Typer(
    help="Show and check the rules that tell what went wrong, and collect logs for them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(rules, name="rules")


_Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="A settings file; by default .github/flakebot.toml of this folder, if there is one.",
    ),
]


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0, or 2 for wrong usage; errors are raised."""
    try:
        code = app(list(arguments), standalone_mode=False, prog_name="flakebot")
    except typer.Exit as done:
        return done.exit_code
    except typer.TyperException as error:
        asked = getattr(error, "ctx", None)  # wrong usage knows the command that was asked for
        command = asked.command_path if asked else "flakebot"
        print(f"flakebot: {error.format_message()}", file=sys.stderr)
        print(f"`{command} --help` says what it takes.", file=sys.stderr)
        return error.exit_code
    return int(code or 0)


def _version(value: bool) -> None:  # noqa: FBT001  # the shape typer calls
    if value:
        print(f"flakebot {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Track, explain and reproduce flaky tests of GitHub Actions workflows."""


@app.command()
def action() -> int:
    """Run as a step of a workflow: the container's entry point."""
    from flakebot import action as step

    return step.main(os.environ)


@app.command()
def classify(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Files, folders, `-`, or the address of a run or job on GitHub."
        ),
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: _Config = None,
) -> int:
    """Show the failing tests, causes and categories in logs."""
    from flakebot import log_text, untrusted
    from flakebot.errors import FlakebotError
    from flakebot.reading import classify as reader

    readings, problems = _read_all(paths, _project(config))
    if as_json:
        print(untrusted.json_line(reader.to_json(readings, problems)))
    else:
        print("\n".join(log_text.lines(readings, problems)))
    if not readings:
        raise FlakebotError("Nothing could be read: " + "; ".join(p.reason for p in problems))
    return 0


@app.command()
def run(
    target: Annotated[
        str, typer.Argument(help="The address of a run on GitHub, or FOLDER/runs/RUN_ID.")
    ],
    *,
    attempt: Annotated[int | None, typer.Option(min=1, help="The attempt to stop at.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write what the plan says.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON report.")] = False,
    now: Annotated[
        str, typer.Option(help="The time that counts as now, ISO 8601, for repeatable output.")
    ] = "",
    config: Annotated[
        Path | None,
        typer.Option(help="A settings file to use instead of the repository's own."),
    ] = None,
) -> int:
    """Analyse one run and print the plan; with --apply, write it."""
    from flakebot import run_command

    return run_command.run(
        target,
        attempt=attempt,
        apply=apply,
        as_json=as_json,
        now=_moment(now),
        config=_text(config) if config else None,
        environ=os.environ,
    )


@app.command()
def sweep(
    target: Annotated[
        str,
        typer.Argument(help="OWNER/REPO or its address on GitHub, or a FOLDER in place of it."),
    ],
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Write what the plan says.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON report.")] = False,
    now: Annotated[
        str, typer.Option(help="The time that counts as now, ISO 8601, for repeatable output.")
    ] = "",
    config: Annotated[
        Path | None,
        typer.Option(help="A settings file to use instead of the repository's own."),
    ] = None,
) -> int:
    """Bring the tracking issues of a repository up to date; with --apply, write it.

    Closes issues of tests that have not failed for long enough to mean something, opens again what
    came back, draws texts anew, and keeps one issue that shows how all flaky tests stand.
    """
    from flakebot import sweep_command

    return sweep_command.sweep(
        target,
        apply=apply,
        as_json=as_json,
        now=_moment(now),
        config=_text(config) if config else None,
        environ=os.environ,
    )


@app.command()
def reproduce(  # noqa: PLR0913  # one option each
    given: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEST]... [-- PYTEST ARGS]",
            help="What pytest is given; with --merge, output folders.",
        ),
    ] = None,
    *,
    issue: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="Verify a fix: take test, level and rate from this tracking issue, "
            "or from FOLDER/issues/NUMBER.",
        ),
    ] = "",
    post: Annotated[
        bool, typer.Option("--post", help="Keep the report as one comment on the issue.")
    ] = False,
    confirm: Annotated[
        bool,
        typer.Option(
            "--confirm", help="Then run the first suspect with its victim, and that alone."
        ),
    ] = False,
    iterations: Annotated[
        int | None,
        typer.Option(min=1, max=1_000_000, help="Of each level and variant; 100 by default."),
    ] = None,
    levels: Annotated[
        str,
        typer.Option(help="Processes of pytest-xdist, as `serial,16,32`; `serial` by default."),
    ] = "",
    output: Annotated[Path, typer.Option(help="Where logs, records and the report go.")] = Path(
        "flakebot-reproduce"
    ),
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one iteration.")] = 600.0,
    total_timeout: Annotated[
        float, typer.Option(min=0, help="Seconds for all of them; 0 for no end.")
    ] = 0.0,
    jobs: Annotated[
        int,
        typer.Option(
            min=1, max=256, help="Iterations side by side, which changes what is measured."
        ),
    ] = 1,
    load: Annotated[
        int, typer.Option(min=0, max=1024, help="Processes that burn CPU meanwhile.")
    ] = 0,
    random_order: Annotated[
        bool, typer.Option("--random-order", help="Shuffle the tests, anew in each iteration.")
    ] = False,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the order: iteration N is shuffled by seed + N.")
    ] = 0,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=ARGS", help="Compare with these arguments added, as `forked=--forked`."
        ),
    ] = None,
    until: Annotated[
        str, typer.Option(metavar="CONFIDENCE", help="Stop when the question is answered: `95%`.")
    ] = "",
    expect_rate: Annotated[
        str,
        typer.Option(metavar="RATE", help="The failure rate looked for; plans the iterations."),
    ] = "",
    shard: Annotated[
        str, typer.Option(metavar="K/N", help="Run only the K-th of N parts; see --merge.")
    ] = "",
    merge: Annotated[
        bool, typer.Option("--merge", help="Report on the outputs of several machines together.")
    ] = False,
    pytest: Annotated[
        str, typer.Option(metavar="COMMAND", help="What starts pytest, as `python -m pytest`.")
    ] = "",
    image: Annotated[
        str, typer.Option(help="A fresh container of this image for each iteration.")
    ] = "",
    engine: Annotated[
        str, typer.Option(metavar="COMMAND", help="Instead of `docker` or `podman` as found.")
    ] = "",
    gpus: Annotated[str, typer.Option(help="For the container: `all`, or `device=0,1`.")] = "",
    mount: Annotated[
        list[str] | None,
        typer.Option("--mount", "-v", metavar="HOST:CONTAINER[:ro]", help="For the container."),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option("--env", "-e", metavar="NAME[=VALUE]", help="Pass on, or set, a variable."),
    ] = None,
    container_arg: Annotated[
        list[str] | None,
        typer.Option(metavar="ARG", help="Another argument of `docker run`, as `--ipc=host`."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> int:
    """Run tests again and again, and say how often, where and why they fail."""
    from flakebot import reproduce_command

    if not given and (merge or not issue):
        raise InputError("Name output folders to merge." if merge else "Name tests, or --issue.")
    options = reproduce_command.Options(
        given=tuple(given or ()),
        issue=issue,
        post=post,
        confirm=confirm,
        output=output,
        iterations=iterations,
        levels=levels,
        timeout=timeout,
        total_timeout=total_timeout,
        jobs=jobs,
        load=load,
        random_order=random_order,
        seed=seed,
        variants=tuple(variant or ()),
        shard=shard,
        until=until,
        expected=expect_rate,
        pytest=pytest,
        image=image,
        engine=engine,
        gpus=gpus,
        mounts=tuple(mount or ()),
        environment=tuple(env or ()),
        container_arguments=tuple(container_arg or ()),
        as_json=as_json,
    )
    command = reproduce_command.merge if merge else reproduce_command.run
    return command(options, os.environ)


@app.command()
def explain(
    target: Annotated[
        str,
        typer.Argument(
            help="A run: its address on GitHub, or FOLDER/runs/RUN_ID. "
            "A log: a file, a folder, `-`, or the address of a job."
        ),
    ],
    test: Annotated[
        str, typer.Argument(help="A test's id, or a part of it that names only one.")
    ] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: _Config = None,
) -> int:
    """Show why the failures of a run were judged as they were, or why a log was read as it was.

    A run on record is judged from the ledger, as of its own time, also when its logs are gone.
    """
    from flakebot import explain_command, verdict_command

    if verdict_command.is_run(target):
        return verdict_command.explain(
            target,
            test,
            as_json=as_json,
            now=datetime.now(UTC),
            config_text=_text(config) if config else None,
            environ=os.environ,
        )
    return explain_command.explain(target, test, _project(config), os.environ, as_json=as_json)


@app.command()
def fetch(
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL[@REVISION]...", help="What the tests load.")
    ],
    *,
    include: Annotated[
        list[str] | None,
        typer.Option(help="Only files whose path matches this glob; may be given more than once."),
    ] = None,
    repo_type: Annotated[
        Literal["model", "dataset", "space"], typer.Option(help="What MODEL names.")
    ] = "model",
    cache_dir: Annotated[
        Path | None, typer.Option(help="The cache; else that of HF_HUB_CACHE or HF_HOME.")
    ] = None,
    retry_max_attempts: Annotated[int, typer.Option(min=1, help="Downloads begun per model.")] = 5,
    retry_max_seconds: Annotated[
        int, typer.Option(min=0, help="Seconds of waiting between them, for all models together.")
    ] = 300,
    lock_seconds: Annotated[
        int, typer.Option(min=0, help="Seconds to wait for another process with the same cache.")
    ] = 1800,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> int:
    """Download models from Hugging Face with back-off, before the tests start.

    Uses Hugging Face's client (pip install 'flakebot[fetch]') and its settings: HF_TOKEN,
    HF_ENDPOINT, HF_HOME. Files that are in the cache already are kept. At the end every file is
    loaded from the cache with HF_HUB_OFFLINE=1.
    """
    from flakebot import fetch_command

    return fetch_command.fetch(
        models,
        include=include or (),
        kind=repo_type,
        cache=cache_dir,
        attempts=retry_max_attempts,
        seconds=retry_max_seconds,
        lock_seconds=lock_seconds,
        as_json=as_json,
        environ=os.environ,
        now=datetime.now(UTC),
    )


@app.command()
def demo(
    *,
    output: Annotated[
        Path, typer.Option(help="Where the copy of the sample and all results go.")
    ] = Path("flakebot-demo"),
) -> int:
    """Do the main job on a sample run, offline, on a folder in place of GitHub."""
    from flakebot import demo as show

    return show.main(output)


@rules.command("list")
def rules_list(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
    config: _Config = None,
) -> int:
    """Print every cause that can be named, in order of precedence."""
    from flakebot import rules_command

    return rules_command.show(_project(config), as_json=as_json)


@rules.command("check")
def rules_check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Settings files; without any, the built-in rules and those of --config.",
        ),
    ] = None,
    *,
    config: _Config = None,
    logs: Annotated[
        Path | None,
        typer.Option(help="A folder RULE/NAME.log each; by default tests/fixtures/rules."),
    ] = None,
) -> int:
    """Hold each rule to its examples and its logs; exit code 1 if one does not keep them."""
    from flakebot import rules_command, settings_file

    return rules_command.check(paths or (), settings_file.load(config), logs)


@rules.command("pull")
def rules_pull(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...", help="Files, folders, `-`, or the address of a run or job on GitHub."
        ),
    ],
    *,
    rule: Annotated[
        list[str] | None,
        typer.Option("--rule", help="Only for this rule; may be given several times."),
    ] = None,
    output: Annotated[
        Path, typer.Option(help="The folder that RULE/NAME.log is written to; never over a file.")
    ] = Path("tests/fixtures/rules"),
    config: _Config = None,
) -> int:
    """Cut from logs what shows the rules that won, as fixtures with secrets masked."""
    from flakebot import pull_command

    return pull_command.pull(paths, rule or (), output, _project(config), os.environ)


def _project(config: Path | None) -> Project:
    from flakebot import settings_file

    project = settings_file.load(config)
    settings_file.announce(project)
    return project


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--config: {path} cannot be read: {error}.") from error


def _moment(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)  # the entry layer reads the clock
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"--now: {text!r} is no ISO 8601 time.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# ------------------------------------------------------------------------------------------
# classify: where logs come from


def _read_all(paths: Sequence[str], project: Project) -> tuple[list[LogReading], list[Problem]]:
    from flakebot import log_readings
    from flakebot.model import MissingLog, Problem

    known, limits = project.rules.rules, project.settings.limits
    readings: list[LogReading] = []
    problems: list[Problem] = []
    for source, reading in log_readings.read(paths, os.environ, known, limits):
        if isinstance(reading, MissingLog):
            problems.append(Problem(source=source, reason=reading.reason))
            continue
        problems += reading.problems
        if reading.lines:
            readings.append(reading)
    return readings, problems
