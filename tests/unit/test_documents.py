"""What the documents, `action.yml` and `--help` say is what the code has."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest
from ruamel.yaml import YAML
from tools import pictures

from flakebot import __version__, config
from flakebot.reading.project_rules import ProjectRule
from flakebot.report import Overall
from flakebot.settings import Limits, Settings, Thresholds
from flakebot.sinks import json_report

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = YAML(typ="safe").load(ROOT / "action.yml")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text()
OTHER_INPUTS = {"token", "run-id", "run-attempt", "config", "hf-token"}


def _kebab(name: str) -> str:
    return name.replace("_", "-")


def _rows(heading: str) -> dict[str, tuple[str, ...]]:
    """The table below a heading of the configuration page: first cell to the others."""
    part = CONFIGURATION.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): tuple(row[1:]) for row in rows}


def test_the_inputs_are_the_same_everywhere() -> None:
    """`action.yml`, the documentation and the code name the same inputs."""
    in_code = {_kebab(name) for name in config.INPUTS} | OTHER_INPUTS
    assert in_code == set(ACTION["inputs"])
    assert in_code == set(_rows("## Inputs"))


@pytest.mark.parametrize("name", config.INPUTS)
def test_the_default_of_an_input_is_the_same_everywhere(name: str) -> None:
    """A default in `action.yml` is read as the code's default."""
    text = ACTION["inputs"][_kebab(name)]["default"]
    assert isinstance(text, str)
    environ = {f"INPUT_{_kebab(name).upper()}": text}
    assert config.inputs_from_environ(environ).given == {}
    assert f"`{text}`" == _rows("## Inputs")[_kebab(name)][0]


def test_the_outputs_are_the_same_everywhere() -> None:
    """`action.yml`, the documentation and the code name the same outputs."""
    in_code = set(json_report.no_outputs(report_path="x"))
    assert in_code == set(ACTION["outputs"])
    assert in_code == set(_rows("## Outputs"))


TYPES: dict[str, Any] = YAML(typ="safe").load(ROOT / "action-types.yml")
_TYPED = {bool: "boolean", int: "integer", str: "string", tuple[str, ...]: "list"}


@pytest.mark.parametrize("name", config.INPUTS)
def test_the_type_of_an_input_is_the_type_of_the_setting(name: str) -> None:
    """`action-types.yml` tells other tools what the code takes."""
    hint = get_type_hints(Settings)[name]
    typed = TYPES["inputs"][_kebab(name)]
    if get_origin(hint) is Literal:
        assert {"type": "enum", "allowed-values": [*get_args(hint)]} == typed
    else:
        assert _TYPED[hint] == typed["type"]


def test_every_input_and_output_has_a_type() -> None:
    """And nothing else has one."""
    assert [*ACTION["inputs"]] == [*TYPES["inputs"]]
    assert [*ACTION["outputs"]] == [*TYPES["outputs"]]
    assert [*Overall] == TYPES["outputs"]["verdict"]["allowed-values"]


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.yml")), ids=lambda p: p.stem)
def test_an_example_gives_inputs_that_exist(example: Path) -> None:
    """And values that the code takes."""
    jobs = YAML(typ="safe").load(example)["jobs"].values()
    steps = [
        step
        for job in jobs
        for step in job.get("steps", [])
        if step.get("uses", "").startswith("ai-dynamo/flakebot@")
    ]
    called = [job for job in jobs if job.get("uses", "").startswith("ai-dynamo/flakebot/.github")]
    assert steps or called
    for job in called:
        path = job["uses"].removeprefix("ai-dynamo/flakebot/").partition("@")[0]
        workflow = YAML(typ="safe").load(ROOT / path)
        assert set(job["with"]) <= set(workflow["on"]["workflow_call"]["inputs"])
    for given in (step.get("with", {}) for step in steps):
        assert set(given) <= set(ACTION["inputs"])
        config.inputs_from_environ({f"INPUT_{name.upper()}": str(v) for name, v in given.items()})


@pytest.mark.parametrize(
    ("heading", "kind"), [("### `[thresholds]`", Thresholds), ("### `[limits]`", Limits)]
)
def test_the_tables_of_the_settings_file_are_documented(heading: str, kind: type) -> None:
    """Each key stands in the documentation with its default."""
    defaults = {
        _kebab(field.name): f"`{getattr(kind(), field.name)}`" for field in dataclasses.fields(kind)
    }
    assert defaults == {key: cells[0] for key, cells in _rows(heading).items()}


def test_the_keys_of_a_rule_are_documented() -> None:
    """Each key stands in the documentation with its default, or as required."""
    defaults = {
        field.name: "required" if field.required else str(field.default).lower() or "empty"
        for field in msgspec.structs.fields(ProjectRule)
    }
    defaults |= dict.fromkeys(("match", "no_match"), "required")  # a rule without is left out
    assert {key: cells[0].strip("`") for key, cells in _rows("### `[[rule]]`").items()} == defaults


def test_every_setting_is_documented() -> None:
    """What is no input and no table stands in the list of other keys."""
    others = {_kebab(f.name) for f in dataclasses.fields(Settings)} - {
        *(_kebab(name) for name in config.INPUTS),
        "thresholds",
        "limits",
    }
    assert others == set(_rows("## Settings file"))


def test_the_entry_point_of_the_action_is_the_one_of_the_image() -> None:
    """Kubernetes runners read it from `action.yml`, others from the image."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f'ENTRYPOINT ["{ACTION["runs"]["entrypoint"]}"]' in dockerfile
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert Path(ACTION["runs"]["entrypoint"]).name in scripts


def test_the_changelog_knows_the_version() -> None:
    """A released version has a section of its own."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert "## [Unreleased]" in changelog
    if not __version__.startswith("0.1.0"):
        assert f"## [{__version__}]" in changelog


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md")))
def test_links_between_the_documents_lead_somewhere(page: Path) -> None:
    """A relative link names a file of the repository."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


def test_the_commands_in_the_readme_exist() -> None:
    """`flakebot COMMAND` and `make TARGET` in README are commands and targets."""
    from flakebot import cli

    readme = (ROOT / "README.md").read_text()
    commands = {c.name or c.callback.__name__ for c in cli.app.registered_commands if c.callback}
    commands |= {str(group.name) for group in cli.app.registered_groups}
    assert set(re.findall(r"^flakebot (\w+) .*#", readme, re.MULTILINE)) <= commands
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([\w-]+)", readme, re.MULTILINE)) <= targets


def _layers() -> list[set[str]]:
    """What stands directly below the package, from the top down, as import-linter proves it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = [
        each for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers"
    ]
    return [set(layer.split(" | ")) for layer in contract["layers"]]


def _rows_of_layers() -> list[str]:
    page = (ROOT / "docs" / "architecture.md").read_text()
    return re.findall(r"(?m)^\| .* \|$", page.split("## Layers")[1].split("\n## ")[0])


def test_the_architecture_has_every_module_in_its_layer_once() -> None:
    """A row of its table imports nothing from the rows above, as the contract has it."""
    depths = {name: depth for depth, layer in enumerate(_layers()) for name in layer}
    told = [[n for n in re.findall(r"`(\w+)`", row) if n in depths] for row in _rows_of_layers()]
    assert sorted(name for row in told for name in row) == sorted(depths)
    rows_of = [[depths[name] for name in row] for row in told if row]
    assert all(max(above) < min(below) for above, below in pairwise(rows_of))


@pytest.mark.parametrize("package", ["pipeline", "sinks"])
def test_the_architecture_names_every_part_of_a_package(package: str) -> None:
    """Of those whose parts are steps, or things that flakebot writes."""
    (row,) = [row for row in _rows_of_layers() if f"`{package}`" in row]
    parts = {path.stem for path in (ROOT / "src" / "flakebot" / package).glob("[a-z]*.py")}
    assert parts <= set(re.findall(r"\w+", row))


def test_the_pictures_show_the_examples_as_they_are() -> None:
    """`make pictures` was run after the examples changed last."""
    made_of = json.loads(pictures.MADE_OF.read_text())
    assert made_of == pictures.made_of()
    heads = {name: (pictures.FOLDER / f"{name}.png").read_bytes()[:4] for name in made_of}
    assert heads == dict.fromkeys(pictures.PICTURES, b"\x89PNG")
