"""What a release checks, says and writes, on a copy of the files it reads."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tools import release

from flakebot import __version__

ROOT = Path(__file__).parents[2]
IMAGE = "ghcr.io/ai-dynamo/flakebot@sha256:" + "0123456789abcdef" * 4
CHANGELOG = """# Changelog

## [Unreleased]

### Added

* Next.

## [1.2.3] - 2026-12-01

### Fixed

* This.

## [1.2.2] - 2026-11-01

* That.
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree that is ready to be released as 1.2.3."""
    package = tmp_path / "src" / "flakebot"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    shutil.copy(ROOT / "action.yml", tmp_path)
    shutil.copy(ROOT / "README.md", tmp_path)
    return tmp_path


def test_a_ready_tree_is_ready(tree: Path) -> None:
    """Version, notes and action.yml fit."""
    assert release.main(["check", "1.2.3"], tree) == "ready to release 1.2.3"


def test_this_tree_can_rehearse_its_release() -> None:
    """What is on main can always be tried, with the unreleased notes."""
    assert "ready" in release.main(["check", __version__, "--rehearse"])


def test_the_notes_are_the_section_of_the_version(tree: Path) -> None:
    """Neither what comes next nor what was before."""
    assert release.main(["notes", "1.2.3"], tree) == "### Fixed\n\n* This."
    assert release.main(["notes", "1.2.3", "--rehearse"], tree) == "### Added\n\n* Next."


def test_the_links_of_readme_lead_somewhere_on_pypi(tree: Path) -> None:
    """All of them, and the pictures, to the files of the version's tag."""
    assert release.main(["readme", "1.2.3"], tree) == "README.md leads to v1.2.3"
    targets = re.findall(r"(?:\]\(|src=\")([^)\"]+)", (tree / "README.md").read_text())
    begin = "https://github.com/ai-dynamo/flakebot"
    here = (target.removeprefix(f"{begin}/") for target in targets if target.startswith(begin))
    ours = [path.split("/", 2) for path in here]
    assert all((ROOT / path).exists() and tag == "v1.2.3" for _, tag, path in ours)
    assert ["raw", "v1.2.3", "docs/pictures/comment.png"] in ours
    assert ["blob", "v1.2.3", "docs/quickstart.md"] in ours
    assert all(target.startswith("https://") for target in targets)


def test_the_links_of_notes_lead_to_the_tag(tree: Path) -> None:
    """A release on GitHub has no files beside it."""
    changelog = CHANGELOG.replace("* This.", "* This ([how](docs/how.md), [why](https://x.y)).")
    (tree / "CHANGELOG.md").write_text(changelog)
    how = "https://github.com/ai-dynamo/flakebot/blob/v1.2.3/docs/how.md"
    assert f"* This ([how]({how}), [why](https://x.y))." in release.notes(tree, "1.2.3")


@pytest.mark.parametrize(
    ("version", "changelog", "says"),
    [
        ("1.2.3rc1", CHANGELOG, "no version like 1.2.3, and v1 would be moved to it"),
        ("", CHANGELOG, "no version like 1.2.3"),
        ("0.2.3", CHANGELOG, "README.md does not say 'uses: ai-dynamo/flakebot@v0'"),
        ("1.2.4", CHANGELOG, "the tag says 1.2.4, src/flakebot/__init__.py says 1.2.3"),
        ("1.2.3", "# Changelog\n", "no section '## [1.2.3] - YYYY-MM-DD'"),
        ("1.2.3", "# Changelog\n\n## [1.2.3]\n\n* This.\n", "has no date"),
        ("1.2.3", "# Changelog\n\n## [1.2.3] - 2026-12-01\n\n## [1.2.2]\n", "is empty"),
    ],
    ids=[
        "pre-release",
        "no-version",
        "other-major",
        "other-version",
        "no-section",
        "no-date",
        "empty",
    ],
)
def test_a_tree_that_is_not_ready_says_why(
    tree: Path, version: str, changelog: str, says: str
) -> None:
    """One sentence with what is to be done."""
    (tree / "CHANGELOG.md").write_text(changelog)
    with pytest.raises(release.NotReadyError) as caught:
        release.check(tree, version)
    assert says in str(caught.value)


def test_the_digest_replaces_the_dockerfile_and_nothing_else(tree: Path) -> None:
    """The published action.yml differs from main's in one line."""
    release.pin(tree, IMAGE)
    before: dict[str, Any] = YAML(typ="safe").load(ROOT / "action.yml")
    after: dict[str, Any] = YAML(typ="safe").load(tree / "action.yml")
    assert after["runs"].pop("image") == f"docker://{IMAGE}"
    assert before["runs"].pop("image") == "Dockerfile"
    assert before == after


@pytest.mark.parametrize(
    "image",
    ["ghcr.io/ai-dynamo/flakebot:1.2.3", "ghcr.io/x@sha256:12", f"{IMAGE}\nenv: x", "@sha256:"],
)
def test_an_image_without_its_whole_digest_is_refused(tree: Path, image: str) -> None:
    """A tag can be moved; and nothing else gets into action.yml."""
    with pytest.raises(release.NotReadyError, match="no image with its digest"):
        release.pin(tree, image)
    assert (tree / "action.yml").read_bytes() == (ROOT / "action.yml").read_bytes()


def test_a_pinned_tree_is_neither_pinned_nor_released_again(tree: Path) -> None:
    """The digest belongs to the tagged commit; main keeps the Dockerfile."""
    release.pin(tree, IMAGE)
    for step in (["pin", IMAGE], ["check", "1.2.3"]):
        with pytest.raises(release.NotReadyError, match="has no line 'image: Dockerfile'"):
            release.main(step, tree)


def test_nothing_waits_for_the_tag_of_the_major_version() -> None:
    """GitHub may refuse to move it, which then is red alone."""
    jobs = YAML(typ="safe").load(ROOT / ".github/workflows/release.yml")["jobs"]
    forcing = [name for name, job in jobs.items() if "push --force" in str(job["steps"])]
    needed = {name for job in jobs.values() for name in job.get("needs", ())}
    assert (forcing, "major" in needed) == (["major"], False)
