"""`flakebot reproduce`: its options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

# ------------------------------------------------------------------------------------------
# What runs

_Given = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[TEST]... [-- PYTEST ARGS]",
        help="What pytest is given; with --merge, output folders.",
    ),
]
_Issue = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help="Verify a fix: take test, level and rate from this tracking issue, "
        "or from FOLDER/issues/NUMBER.",
    ),
]
_Variants = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=ARGS", help="Compare with these arguments added, as `forked=--forked`."
    ),
]
_Pytest = Annotated[
    str, typer.Option(metavar="COMMAND", help="What starts pytest, as `python -m pytest`.")
]

# ------------------------------------------------------------------------------------------
# How often, and under what load

_Iterations = Annotated[
    int | None,
    typer.Option(min=1, max=1_000_000, help="Of each level and variant; 100 by default."),
]
_Levels = Annotated[
    str, typer.Option(help="Processes of pytest-xdist, as `serial,16,32`; `serial` by default.")
]
_Timeout = Annotated[float, typer.Option(min=0.1, help="Seconds for one iteration.")]
_TotalTimeout = Annotated[float, typer.Option(min=0, help="Seconds for all of them; 0 for no end.")]
_Jobs = Annotated[
    int,
    typer.Option(min=1, max=256, help="Iterations side by side, which changes what is measured."),
]
_Load = Annotated[int, typer.Option(min=0, max=1024, help="Processes that burn CPU meanwhile.")]
_RandomOrder = Annotated[
    bool, typer.Option("--random-order", help="Shuffle the tests, anew in each iteration.")
]
_Seed = Annotated[
    int, typer.Option(min=0, help="Of the order: iteration N is shuffled by seed + N.")
]
_Until = Annotated[
    str, typer.Option(metavar="CONFIDENCE", help="Stop when the question is answered: `95%`.")
]
_ExpectRate = Annotated[
    str,
    typer.Option(metavar="RATE", help="The failure rate looked for; plans the iterations."),
]
_Confirm = Annotated[
    bool,
    typer.Option("--confirm", help="Then run the first suspect with its victim, and that alone."),
]
_Shard = Annotated[
    str, typer.Option(metavar="K/N", help="Run only the K-th of N parts; see --merge.")
]

# ------------------------------------------------------------------------------------------
# In a container

_Image = Annotated[str, typer.Option(help="A fresh container of this image for each iteration.")]
_Engine = Annotated[
    str, typer.Option(metavar="COMMAND", help="Instead of `docker` or `podman` as found.")
]
_Gpus = Annotated[str, typer.Option(help="For the container: `all`, or `device=0,1`.")]
_Mounts = Annotated[
    list[str] | None,
    typer.Option("--mount", "-v", metavar="HOST:CONTAINER[:ro]", help="For the container."),
]
_Env = Annotated[
    list[str] | None,
    typer.Option("--env", "-e", metavar="NAME[=VALUE]", help="Pass on, or set, a variable."),
]
_ContainerArgs = Annotated[
    list[str] | None,
    typer.Option(metavar="ARG", help="Another argument of `docker run`, as `--ipc=host`."),
]

# ------------------------------------------------------------------------------------------
# What is told

_Output = Annotated[Path, typer.Option(help="Where logs, records and the report go.")]
_Merge = Annotated[
    bool, typer.Option("--merge", help="Report on the outputs of several machines together.")
]
_Post = Annotated[bool, typer.Option("--post", help="Keep the report as one comment on the issue.")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


def reproduce(  # noqa: PLR0913  # one option each
    given: _Given = None,
    *,
    issue: _Issue = "",
    post: _Post = False,
    confirm: _Confirm = False,
    iterations: _Iterations = None,
    levels: _Levels = "",
    output: _Output = Path("flakebot-reproduce"),
    timeout: _Timeout = 600.0,
    total_timeout: _TotalTimeout = 0.0,
    jobs: _Jobs = 1,
    load: _Load = 0,
    random_order: _RandomOrder = False,
    seed: _Seed = 0,
    variant: _Variants = None,
    until: _Until = "",
    expect_rate: _ExpectRate = "",
    shard: _Shard = "",
    merge: _Merge = False,
    pytest: _Pytest = "",
    image: _Image = "",
    engine: _Engine = "",
    gpus: _Gpus = "",
    mount: _Mounts = None,
    env: _Env = None,
    container_arg: _ContainerArgs = None,
    as_json: _AsJson = False,
) -> int:
    """Run tests again and again, and say how often, where and why they fail."""
    from flakebot import reproduce_command, reproduce_options

    options = reproduce_options.Options(
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
    return (reproduce_command.merge if merge else reproduce_command.run)(options, os.environ)
