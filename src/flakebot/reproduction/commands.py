"""The command line of an iteration, on this machine or in a container. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from flakebot.model import value
from flakebot.reproduction.iterations import Level, Setup, Variant

PLUGIN = "flakebot_journal"
"""The module of the pytest plug-in in `resources/reproduce`."""

IN_CONTAINER = "/flakebot"
"""Where a container sees the plug-in's folder and the folder of its iteration."""


PID_FILE = "pid"
"""In the journal's folder: the number that pytest has in its container."""

_JOURNAL, _SEED = "FLAKEBOT_JOURNAL", "FLAKEBOT_SEED"
_HIDDEN = "…"
_LISTS = ("PYTHONPATH", ":"), ("PYTEST_PLUGINS", ",")
"""The variables that load the plug-in, which a project or an image may have set for itself."""


def _with_plugin(folder: str) -> str:
    """Assignments for a shell that load the plug-in beside what the variables hold already."""
    own = (shlex.quote(folder), PLUGIN)
    return " ".join(
        f"{name}={word}${{{name}:+{end}${name}}}"
        for word, (name, end) in zip(own, _LISTS, strict=True)
    )


_LOADED = f'export {_with_plugin(f"{IN_CONTAINER}/plugin")}; exec "$@"'
_INNER = f"{{ echo $$ >{IN_CONTAINER}/journal/{PID_FILE}; }} 2>/dev/null; {_LOADED} 2>&1"
_FIRST_PROCESS = ("sh", "-c", 'sh -c "$0" "$@"; exit $?', _INNER, "sh")
"""What a container starts, with pytest as its child.

Container engines carry standard output and error apart and mix them by the piece, so that a crash's
`Fatal Python error: Aborted` would lie in two halves around other lines: they are one from here on.
And the first process of a container gets no signal that it does not handle, so that an abort in it
would end as a segmentation fault (https://man7.org/linux/man-pages/man7/pid_namespaces.7.html).
"""


@value
class Place:
    """What one iteration gets of its own: its number, a folder, a range of ports, and its seed when
    the tests are shuffled.

    `plugin` is the folder of the pytest plug-in, `journal` where it writes, `temporary` the
    iteration's TMPDIR.
    """

    number: int
    plugin: str
    journal: str
    temporary: str
    ports: tuple[int, int]
    seed: int | None = None


@value
class Engine:
    """How containers are started: `docker`, or `podman --runtime runc`."""

    command: tuple[str, ...]

    @property
    def is_podman(self) -> bool:
        """Whether it speaks podman's dialect."""
        return any(word.rpartition("/")[2].startswith("podman") for word in self.command[:1])


def pytest_arguments(setup: Setup, level: Level, variant: Variant) -> list[str]:
    """What a person would type: the level stands last, so that it wins over the arguments.

    `-v` names each test in the log as it runs; without it a log cut by a crash or a time-out names
    none.
    """
    command = [*setup.pytest, *setup.tests, *setup.arguments, *variant.arguments, "-v"]
    return [*command, "-n", str(level.processes)] if level.processes else command


def local(setup: Setup, level: Level, variant: Variant, place: Place) -> list[str]:
    """The command on this machine; nothing of one iteration is seen by another."""
    own = [f"--basetemp={place.temporary}/pytest", "-o", f"cache_dir={place.temporary}/cache"]
    return [*pytest_arguments(setup, level, variant), *own]


def environment(given: Mapping[str, str], place: Place) -> dict[str, str]:
    """The environment on this machine: what was given, and the iteration's own."""
    lists = {
        name: end.join(filter(None, (own, given.get(name))))
        for own, (name, end) in zip((place.plugin, PLUGIN), _LISTS, strict=True)
    }
    return {**given, **lists, **own_variables(place), "TMPDIR": place.temporary}


def own_variables(place: Place) -> dict[str, str]:
    """What tests may ask an iteration about."""
    own = {
        "FLAKEBOT_ITERATION": str(place.number),
        _JOURNAL: place.journal,
        "FLAKEBOT_PORT_FIRST": str(place.ports[0]),
        "FLAKEBOT_PORT_LAST": str(place.ports[1]),
    }
    return own if place.seed is None else {**own, _SEED: str(place.seed)}


def in_container(
    engine: Engine,
    setup: Setup,
    level: Level,
    variant: Variant,
    place: Place,
    labels: Sequence[str],
) -> list[str]:
    """The command that runs an iteration in a fresh container; `labels` hold its name first.

    Variables are named and not written out: what is secret stays out of the list of processes.
    The folders are relabelled (`z`) for SELinux, which would hide them otherwise.
    """
    name, *rest = labels
    folders = [
        f"{place.plugin}:{IN_CONTAINER}/plugin:ro,z",
        f"{place.journal}:{IN_CONTAINER}/journal:z",
    ]
    inside = {**own_variables(place), _JOURNAL: f"{IN_CONTAINER}/journal"}
    options = ["--rm", "--name", name]
    options += [word for label in rest for word in ("--label", label)]
    options += [word for folder in folders for word in ("-v", folder)]
    run = _run(engine, setup, [*options, *_set_inside(inside)])
    return [*run, *_FIRST_PROCESS, *pytest_arguments(setup, level, variant)]


def _run(engine: Engine, setup: Setup, options: Sequence[str]) -> list[str]:
    passed = [word for mount in setup.mounts for word in ("-v", mount)]
    passed += [word for name in setup.environment for word in ("-e", name)]
    passed += gpu_options(engine, setup.gpus)
    return [*engine.command, "run", *options, *passed, *setup.container_arguments, setup.image]


def gpu_options(engine: Engine, gpus: str) -> list[str]:
    """`--gpus` as the engine wants it: podman ignores docker's option and takes CDI names.

    https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/cdi-support.html
    """
    if not gpus:
        return []
    if not engine.is_podman:
        return ["--gpus", gpus]
    names = gpus.removeprefix("device=").split(",")
    return [word for name in names for word in ("--device", f"nvidia.com/gpu={name}")]


def repeat(
    setup: Setup,
    level: Level,
    variant: Variant,
    place: Place,
    assigned: Mapping[str, str | None],
    engine: Engine | None = None,
) -> str:
    """The command that repeats an iteration in a POSIX shell.

    It leaves out the folders of the iteration, which are gone; a shuffled order needs the plug-in.
    Variables are `assigned` as the command line did, with `…` for a value that is not to be shown.
    """
    own = {name: text for name, text in own_variables(place).items() if name != _JOURNAL}
    command = pytest_arguments(setup, level, variant)
    shuffled = place.seed is not None
    if engine is None:
        plugin = [_with_plugin(place.plugin)] if shuffled else []
        return " ".join([*plugin, *_assignments({**own, **assigned}), shlex.join(command)])
    options = ["--rm", *_set_inside(own)]
    if shuffled:
        options += ["-v", f"{place.plugin}:{IN_CONTAINER}/plugin:ro,z"]
        command = ["sh", "-c", _LOADED, "sh", *command]
    run = _run(engine, setup, options)
    return " ".join([*_assignments(assigned), shlex.join([*run, *command])])


def _assignments(values: Mapping[str, str | None]) -> list[str]:
    return [
        f"{shlex.quote(name)}={_HIDDEN if text is None else shlex.quote(text)}"
        for name, text in values.items()
    ]


def _set_inside(values: Mapping[str, str]) -> list[str]:
    return [word for name, text in values.items() for word in ("-e", f"{name}={text}")]
