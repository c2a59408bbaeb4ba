"""The Action starts no process, imports nothing by name and decodes no code, whatever it reads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

SOURCE = Path(__file__).parents[2] / "src"
MODULES = {"subprocess", "multiprocessing", "pty", "pickle", "marshal", "shelve", "runpy", "ctypes"}
CALLS = {"eval", "exec", "compile", "__import__", "import_module", "system", "popen", "execv"}
STEPS = ("flakebot.action", "flakebot.pipeline")


def reached() -> set[str]:
    """Every module of ours that the Action can come to import, late imports included."""
    graph = grimp.build_graph("flakebot", cache_dir=None)
    return set().union(*(graph.find_upstream_modules(step) | {step} for step in STEPS))


def used(tree: ast.AST) -> Iterator[str]:
    """What a module imports and calls, by its last name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).partition(".")[0]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr if not _is_pattern(node.func) else ""


def _is_pattern(function: ast.Attribute) -> bool:
    """`re2.compile` compiles no code."""
    return isinstance(function.value, ast.Name) and function.value.id in {"re", "re2"}


def parsed(module: str) -> ast.AST:
    """The source of a module or package."""
    path = SOURCE / module.replace(".", "/")
    file = path.with_suffix(".py")
    return ast.parse((file if file.is_file() else path / "__init__.py").read_text())


def test_the_action_starts_no_process_and_loads_no_code() -> None:
    """In none of the modules that it can reach."""
    found = {m: sorted(set(used(parsed(m))) & (MODULES | CALLS)) for m in sorted(reached())}
    assert {module: names for module, names in found.items() if names} == {}


def test_what_runs_tests_is_out_of_the_actions_reach() -> None:
    """`flakebot reproduce` and `flakebot fetch` start processes, and are other commands."""
    modules = reached()
    assert "flakebot.forges.github" in modules
    assert not {m for m in modules if m.startswith("flakebot.reproducing")}
    assert "flakebot.hugging_face.downloads" not in modules


@pytest.mark.parametrize("name", ["GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"])
def test_no_later_step_is_changed(name: str) -> None:
    """The files by which a step changes the environment of those after it are nowhere named."""
    assert [path for path in SOURCE.rglob("*.py") if name in path.read_text()] == []
