"""What a release needs beside GitHub: the checks, the notes, and the digest in `action.yml`.

    python -m tools.release check VERSION   # is the tree ready to be released as this version?
    python -m tools.release notes VERSION   # its section of CHANGELOG
    python -m tools.release readme VERSION  # links and pictures of README, for PyPI
    python -m tools.release pin IMAGE@sha256:…   # name the published image in action.yml

`release.yml` calls it; `--rehearse` takes the unreleased section in place of the version's own, so
that a branch can try all of it before there is anything to release.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILT_HERE = "  image: Dockerfile\n"
VERSION = re.compile(r'^__version__ = "(?P<version>[^"]+)"$', re.MULTILINE)  # noqa: TID251 -- our own file
DIGEST = re.compile(r"[a-z0-9][a-z0-9./_-]*@sha256:[0-9a-f]{64}")  # noqa: TID251 -- our own workflow's text
PLAIN = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")  # noqa: TID251 -- our own tag
LINK = re.compile(r"(?P<before>\]\()(?![a-z]+:|#)|(?P<source>src=\")(?![a-z]+:)")  # noqa: TID251 -- our own pages
REPOSITORY = "https://github.com/ai-dynamo/flakebot"
SECTION = "## [{}]"


class NotReadyError(Exception):
    """The tree cannot be released; the message says what is to be done."""


def check(root: Path, version: str, *, rehearse: bool = False) -> None:
    """See that the source, CHANGELOG and `action.yml` are ready for this version.

    Raises:
        NotReadyError: with the first thing that is not.
    """
    if not PLAIN.fullmatch(version):
        raise NotReadyError(f"{version!r} is no version like 1.2.3, and v1 would be moved to it")
    used = f"uses: ai-dynamo/flakebot@v{version.partition('.')[0]}\n"
    if not rehearse and used not in (root / "README.md").read_text():
        raise NotReadyError(f"README.md does not say {used.strip()!r}, which {version} would be")
    source = (root / "src" / "flakebot" / "__init__.py").read_text()
    found = VERSION.search(source)
    here = found["version"] if found else "none"
    if here != version:
        raise NotReadyError(f"the tag says {version}, src/flakebot/__init__.py says {here}")
    notes(root, version, rehearse=rehearse)
    if (root / "action.yml").read_text().count(BUILT_HERE) != 1:
        raise NotReadyError("action.yml has no line 'image: Dockerfile' to replace")


def notes(root: Path, version: str, *, rehearse: bool = False) -> str:
    """The version's section of CHANGELOG, without its heading.

    Raises:
        NotReadyError: when there is none, it has no date, or it is empty.
    """
    heading = SECTION.format("Unreleased" if rehearse else version)
    _, found, rest = (root / "CHANGELOG.md").read_text().partition(f"\n{heading}")
    if not found:
        raise NotReadyError(f"CHANGELOG.md has no section '{heading} - YYYY-MM-DD'")
    day, _, rest = rest.partition("\n")
    if not rehearse and not _is_date(day.removeprefix(" - ")):
        raise NotReadyError(f"the section '{heading}' of CHANGELOG.md has no date")
    text = rest.split("\n## [", 1)[0].strip()
    if not text:
        raise NotReadyError(f"the section '{heading}' of CHANGELOG.md is empty")
    return absolute(text, version)


def absolute(text: str, version: str) -> str:
    """The text with links and pictures at the version's tag, for where no files lie beside it."""

    def at_tag(found: re.Match[str]) -> str:
        kind = "raw" if found["source"] else "blob"
        return f"{found[0]}{REPOSITORY}/{kind}/v{version}/"

    return LINK.sub(at_tag, text)


def readme(root: Path, version: str) -> None:
    """Write README as PyPI shows it, before the wheel is built."""
    path = root / "README.md"
    path.write_text(absolute(path.read_text(), version))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def pin(root: Path, image: str) -> None:
    """Name the published image in `action.yml`, by digest, in place of the Dockerfile.

    Kubernetes runners cannot build images, and who pins the Action by its commit must get the image
    of that commit for ever: a tag could be moved, a digest cannot.

    Raises:
        NotReadyError: when this is no image with a digest, or `action.yml` names one already.
    """
    if not DIGEST.fullmatch(image):
        raise NotReadyError(f"{image!r} is no image with its digest (NAME@sha256:…)")
    path = root / "action.yml"
    text = path.read_text()
    if text.count(BUILT_HERE) != 1:
        raise NotReadyError("action.yml has no line 'image: Dockerfile' to replace")
    path.write_text(text.replace(BUILT_HERE, f"  image: docker://{image}\n"))


def main(arguments: list[str], root: Path = ROOT) -> str:
    """Do what the arguments ask for; the text to print."""
    parser = argparse.ArgumentParser(prog="python -m tools.release")
    parser.add_argument("step", choices=["check", "notes", "readme", "pin"])
    parser.add_argument("what", metavar="VERSION|IMAGE")
    parser.add_argument("--rehearse", action="store_true")
    given = parser.parse_args(arguments)
    if given.step == "pin":
        pin(root, given.what)
        return f"action.yml names {given.what}"
    if given.step == "readme":
        readme(root, given.what)
        return f"README.md leads to v{given.what}"
    if given.step == "notes":
        return notes(root, given.what, rehearse=given.rehearse)
    check(root, given.what, rehearse=given.rehearse)
    return f"ready to release {given.what}"


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except NotReadyError as problem:
        sys.exit(f"release: {problem}")
