"""The command line of an iteration."""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
import sys
from dataclasses import replace

import pytest

from flakebot.reproduction import commands
from flakebot.reproduction.commands import Engine, Place
from flakebot.reproduction.iterations import Level, Setup, Variant

SETUP = Setup(tests=("tests/x.py",), arguments=("-k", "a or b"))
PLACE = Place(
    number=7, plugin="/out/plugin", journal="/tmp/i/journal", temporary="/tmp/i/tmp", ports=(10, 19)
)
SEEDED = replace(PLACE, seed=1007)
FORKED = Variant(name="forked", arguments=("--forked",))
N16 = Level(processes=16)
DOCKER, PODMAN = Engine(command=("docker",)), Engine(command=("/usr/bin/podman", "--log-level=x"))
OWN = "FLAKEBOT_ITERATION=7 FLAKEBOT_PORT_FIRST=10 FLAKEBOT_PORT_LAST=19"
IMAGE = replace(
    SETUP,
    image="dynamo:dev",
    gpus="all",
    mounts=("/data:/data:ro",),
    environment=("HF_TOKEN",),
    container_arguments=("--ipc=host",),
)


def test_the_level_is_said_last() -> None:
    """So it wins over the arguments, and each test is named as it runs."""
    expected = ["pytest", "tests/x.py", "-k", "a or b", "--forked", "-v", "-n", "16"]
    assert commands.pytest_arguments(SETUP, N16, FORKED) == expected
    assert commands.pytest_arguments(SETUP, Level(), Variant())[-1] == "-v"


def test_an_iteration_has_its_own_folders() -> None:
    """Pytest's temporary folder and its cache are the iteration's."""
    own = ["--basetemp=/tmp/i/tmp/pytest", "-o", "cache_dir=/tmp/i/tmp/cache"]
    assert commands.local(SETUP, N16, Variant(), PLACE)[-3:] == own


def test_the_environment_is_given_and_its_own() -> None:
    """The plug-in comes before what is there; HOME stays."""
    given = {"HOME": "/root", "PYTHONPATH": "/mine", "PYTEST_PLUGINS": "other"}
    found = commands.environment(given, SEEDED)
    assert found == {
        "HOME": "/root",
        "PYTHONPATH": "/out/plugin:/mine",
        "PYTEST_PLUGINS": "flakebot_journal,other",
        "FLAKEBOT_ITERATION": "7",
        "FLAKEBOT_JOURNAL": "/tmp/i/journal",
        "FLAKEBOT_PORT_FIRST": "10",
        "FLAKEBOT_PORT_LAST": "19",
        "FLAKEBOT_SEED": "1007",
        "TMPDIR": "/tmp/i/tmp",
    }
    assert "FLAKEBOT_SEED" not in commands.environment({}, PLACE)
    assert commands.environment({}, PLACE)["PYTHONPATH"] == "/out/plugin"


def test_a_container_gets_everything_by_name() -> None:
    """Values of variables stay out of the list of processes; what was asked for is passed on."""
    command = commands.in_container(DOCKER, IMAGE, N16, FORKED, PLACE, ("one", "of=this"))
    at = command.index("dynamo:dev")
    options = command[:at]
    assert command[at + 1 : at + 3] == ["sh", "-c"]
    assert command[at + 6 :] == commands.pytest_arguments(IMAGE, N16, FORKED)
    assert options[:7] == ["docker", "run", "--rm", "--name", "one", "--label", "of=this"]
    pairs = set(itertools.pairwise(options))
    assert {
        ("-v", "/out/plugin:/flakebot/plugin:ro,z"),
        ("-v", "/tmp/i/journal:/flakebot/journal:z"),
        ("-v", "/data:/data:ro"),
        ("-e", "HF_TOKEN"),
        ("-e", "FLAKEBOT_JOURNAL=/flakebot/journal"),
        ("--gpus", "all"),
    } <= pairs
    assert options[-1] == "--ipc=host"


@pytest.mark.parametrize(
    ("engine", "gpus", "expected"),
    [
        (DOCKER, "", []),
        (DOCKER, "device=0,1", ["--gpus", "device=0,1"]),
        (PODMAN, "all", ["--device", "nvidia.com/gpu=all"]),
        (
            PODMAN,
            "device=0,1",
            ["--device", "nvidia.com/gpu=0", "--device", "nvidia.com/gpu=1"],
        ),
    ],
)
def test_each_engine_is_asked_for_gpus_in_its_way(
    engine: Engine, gpus: str, expected: list[str]
) -> None:
    """Podman ignores docker's option."""
    assert commands.gpu_options(engine, gpus) == expected


def test_what_repeats_an_iteration_is_what_a_person_would_type() -> None:
    """With what its tests may have asked for, and no folder of the iteration, which is gone."""
    assigned = {"WORDS": "a b", "TOKEN": None}
    expected = f"{OWN} WORDS='a b' TOKEN=… pytest tests/x.py -k 'a or b' -v -n 16"
    assert commands.repeat(SETUP, N16, Variant(), PLACE, assigned) == expected


def test_a_shuffled_iteration_repeats_with_its_seed() -> None:
    """The plug-in is in the output folder."""
    assert commands.repeat(SETUP, Level(), Variant(), SEEDED, {}) == (
        "PYTHONPATH=/out/plugin${PYTHONPATH:+:$PYTHONPATH} "
        "PYTEST_PLUGINS=flakebot_journal${PYTEST_PLUGINS:+,$PYTEST_PLUGINS} "
        f"{OWN} FLAKEBOT_SEED=1007 pytest tests/x.py -k 'a or b' -v"
    )


@pytest.mark.parametrize(
    ("given", "path", "plugins"),
    [
        ({}, "/flakebot/plugin", "flakebot_journal"),
        (
            {"PYTHONPATH": "/app:/lib with space", "PYTEST_PLUGINS": "app.fixtures"},
            "/flakebot/plugin:/app:/lib with space",
            "flakebot_journal,app.fixtures",
        ),
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_a_container_keeps_the_paths_and_plug_ins_of_its_image(
    given: dict[str, str], path: str, plugins: str, *, again: bool
) -> None:
    """An image that sets PYTHONPATH for its own packages would not find them otherwise."""
    command = (
        shlex.split(commands.repeat(IMAGE, N16, Variant(), SEEDED, {}, DOCKER))
        if again
        else commands.in_container(DOCKER, IMAGE, N16, Variant(), SEEDED, ("one",))
    )
    shell = command[command.index("dynamo:dev") + 1 :]
    first = shell[: len(shell) - len(commands.pytest_arguments(IMAGE, N16, Variant()))]
    shown = "import os; print(os.environ['PYTHONPATH'], os.environ['PYTEST_PLUGINS'], sep='|')"
    ran = subprocess.run(
        [*first, sys.executable, "-c", shown],
        env={"PATH": os.defpath, **given},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ran.stdout == f"{path}|{plugins}\n"


@pytest.mark.parametrize("place", [PLACE, SEEDED])
def test_a_container_is_repeated_without_its_name(place: Place) -> None:
    """With the seed and the plug-in when the tests were shuffled."""
    told = shlex.split(commands.repeat(IMAGE, N16, Variant(), place, {"HF_TOKEN": None}, PODMAN))
    assert told[:5] == ["HF_TOKEN=…", "/usr/bin/podman", "--log-level=x", "run", "--rm"]
    assert {("-e", "FLAKEBOT_ITERATION=7"), ("-e", "HF_TOKEN")} <= set(itertools.pairwise(told))
    assert told[-7:] == commands.pytest_arguments(IMAGE, N16, Variant())
    assert ("FLAKEBOT_SEED=1007" in told) is (place.seed is not None)
    assert "--name" not in told
