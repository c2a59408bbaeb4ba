"""The locked requirements."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FOLDER = Path(__file__).parents[2] / "requirements"


def _locked(name: str) -> dict[str, set[str]]:
    """The extras of each package of a lock, by its name."""
    found: dict[str, set[str]] = {}
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            pinned = Requirement(line.rstrip(" \\"))
            found.setdefault(canonicalize_name(pinned.name), set()).update(pinned.extras)
    return found


@pytest.mark.parametrize("name", ["runtime.txt", "reproduce.txt", "dev.txt"])
def test_what_is_asked_for_with_an_extra_is_locked_with_it(name: str) -> None:
    """On 2026-11-24 a new coverage came out, and `coverage[toml]`, which pytest-cov asks for, was
    pinned by nothing: from then on no clean clone could be installed.
    """
    locked = _locked(name)
    asked = [
        (package, requirement)
        for package in locked
        for text in _requires(package)
        if (requirement := Requirement(text)).extras
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    ]
    assert asked
    for package, requirement in asked:
        extras = locked[canonicalize_name(requirement.name)]
        assert requirement.extras <= extras, f"{package} asks for {requirement}"


def _requires(package: str) -> list[str]:
    try:
        return metadata.requires(package) or []
    except metadata.PackageNotFoundError:  # of another platform or Python
        return []
