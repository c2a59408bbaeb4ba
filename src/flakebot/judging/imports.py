"""What a Python test file imports, told from its text alone; nothing of it is executed. Pure."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import re2

from flakebot.model import value

MOST_BYTES = 300_000
"""Of a test file; a parser's time and memory grow with it."""

_ENDLESS_NAME = re2.compile(r"(?:\.[\s\\]*[^\s.,:;=#()\[\]{}]+[\s\\]*){100}")
"""A name of a hundred parts: the parser's time grows with their square, to minutes."""

MOST_MODULES = 500


@value
class Module:
    """A module by the parts of its name, which is its whole path in the repository when `exact`."""

    parts: tuple[str, ...]
    exact: bool = False


def modules(source: str, file: str) -> frozenset[Module]:
    """The modules that a file names in its import statements, wherever they stand in it.

    Args:
        source: its text; what is no Python, or would take a parser long, imports nothing.
        file: its path in the repository, which relative imports start from.
    """
    if len(source) > MOST_BYTES or _ENDLESS_NAME.search(source):
        return frozenset()
    try:
        with warnings.catch_warnings(action="ignore"):  # of its escapes; nobody here wrote it
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    found: set[Module] = set()
    for statement in ast.walk(tree):
        if len(found) >= MOST_MODULES:
            break
        found.update(_of(statement, PurePosixPath(file).parent))
    return frozenset(found)


def imported(path: str, file: str, named: Iterable[Module]) -> bool:
    """Whether a file of the repository is one of the modules that a test file names.

    A module of several parts is told by the end of its path, whatever folder the sources lie in;
    one of a single part only beside the test or at the top of the sources, since half a project has
    a `utils.py`.
    """
    changed = PurePosixPath(path)
    if changed.suffix != ".py":
        return False
    parts = changed.with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    beside = changed.parent == PurePosixPath(file).parent
    top = len(changed.parts) <= 2  # noqa: PLR2004  # `x.py` and `src/x.py`
    return any(
        parts == module.parts
        if module.exact
        else parts[-len(module.parts) :] == module.parts
        and (len(module.parts) > 1 or beside or top)
        for module in named
    )


def _of(statement: ast.AST, folder: PurePosixPath) -> Iterator[Module]:
    if isinstance(statement, ast.Import):
        for name in statement.names:
            yield Module(parts=tuple(name.name.split(".")))
    elif isinstance(statement, ast.ImportFrom):
        base = tuple(statement.module.split(".")) if statement.module else ()
        if statement.level:
            parents = (folder, *folder.parents)
            place = parents[min(statement.level, len(parents)) - 1]
            base = (*place.parts, *base)
        if base:
            yield Module(parts=base, exact=statement.level > 0)
        for name in statement.names:
            if name.name != "*":
                yield Module(parts=(*base, name.name), exact=statement.level > 0)
