"""Whether a diff touches a test or what it imports, as far as is known. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from flakebot.github_objects import ChangedFile
from flakebot.wording import listing


def touches(test: str, changed: Iterable[ChangedFile]) -> str:
    """A clause on how a diff touches a test, as `touches the test's own file`, or nothing.

    What the test file imports is known where it was read; beyond that names are compared.
    """
    files = tuple(changed)
    paths = [PurePosixPath(each.filename) for each in files]
    location = test.partition("::")[0]
    file = PurePosixPath(location)
    if any(_same(path, file) for path in paths):
        return "touches the test's own file"
    if any(path.name == "conftest.py" and _above(path.parent, file) for path in paths):
        return "touches a conftest.py above the test"
    if known := sorted(each.filename for each in files if location in each.imported_by):
        return f"touches what the test imports: {listing(known)}"
    subjects = _subjects(test, file)
    named = sorted(str(path) for path in paths if subjects & {path.stem, path.parent.name})
    return f"touches what the test is named for: {listing(named)}" if named else ""


def _same(path: PurePosixPath, file: PurePosixPath) -> bool:
    """A test may run in a sub-folder, then its id lacks the front of its path."""
    return bool(file.suffix) and path.parts[-len(file.parts) :] == file.parts


def _above(folder: PurePosixPath, file: PurePosixPath) -> bool:
    """Whether a folder of the repository is one of the file's parents, as far as the id tells."""
    parts = folder.parts
    if not file.suffix:
        return False
    return not parts or any(
        parent.parts and parts[-len(parent.parts) :] == parent.parts for parent in file.parents
    )


def _subjects(test: str, file: PurePosixPath) -> set[str]:
    """What a test is named for: `router` of `test_router.py`, `recorder` of `recorder::tests`."""
    if not file.suffix:
        return {test.partition("::")[0]} - {""}
    stem = file.stem
    return {stem.removeprefix("test_"), stem.removesuffix("_test")} - {stem, ""}
