"""Real logs of rules, `RULE/NAME.log` each: the folder's rule must be told as the first cause."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from flakebot import json_files
from flakebot.errors import InputError
from flakebot.model import value
from flakebot.reading import classify
from flakebot.reading.causes import UNREPORTED
from flakebot.reading.project_rules import ProjectRules
from flakebot.reading.rules import RuleSet
from flakebot.settings import Limits
from flakebot.wording import listing, plural

FOLDER = Path("tests/fixtures/rules")

WITHOUT = "without-log.txt"
"""Names the rules that have no real log, one a line, with the reason behind it; where it stands, no
other rule may lack one. It is made to shrink."""


@value
class Told:
    """What logs say of rules, in sentences."""

    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def recorded(folder: Path) -> dict[str, list[Path]]:
    """The logs below a folder by the rule that they are for."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*/*.log")):
        found.setdefault(path.parent.name, []).append(path)
    return found


def check(known: ProjectRules, folder: Path | None) -> Told:
    """Read every log of the folder, by default `FOLDER` if there is one.

    Raises:
        InputError: the folder that was asked for is not there, or a log cannot be read.

    """
    place = folder or FOLDER
    if not os.path.isdir(place):  # noqa: PTH112  `Path.is_dir` raises for a name too long
        if folder is not None:
            raise InputError(f"--logs: there is no folder {folder}.")
        return Told()
    logs = recorded(place)
    lost = [fault for rule in logs for fault in _lost(rule, logs[rule], known.rules)]
    silent = missing(known, place)
    count = plural(sum(map(len, logs.values())), "log")
    excused = _excused(place)
    unexcused = [rule for rule in silent if excused is not None and rule not in excused]
    return Told(
        faults=(*lost, *(f"{place}: rule `{rule}` has no real log." for rule in unexcused)),
        notes=(f"{place}: {count} of {plural(len(logs), 'rule')}{_none_yet(silent)}",),
    )


def _none_yet(silent: Sequence[str]) -> str:
    return f"; none yet of {listing(silent)}" if silent else ""


def missing(known: ProjectRules, folder: Path) -> list[str]:
    """Rules without a log: the project's, or the built-in ones where it has none of its own."""
    logs = recorded(folder)
    return [rule.id for rule in known.own or known.rules.rules if rule.id not in logs]


def _excused(folder: Path) -> set[str] | None:
    content = json_files.read_bytes(folder / WITHOUT)
    if content is None:
        return None
    rows = content.decode(errors="replace").splitlines()
    return {row.split()[0] for row in rows if row.strip() and not row.startswith("#")}


def _lost(rule: str, paths: Sequence[Path], known: RuleSet) -> Iterator[str]:
    names = {each.id for each in known.rules} | {classify.HANG_RULE, UNREPORTED}
    for path in paths:
        if rule not in names:
            yield f"{path}: there is no rule `{rule}`."
            continue
        told = first_rule(_content(path), known)
        if told != rule:
            yield f"{path}: told by {f'`{told}`' if told else 'no rule'}, not by `{rule}`."


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def first_rule(log: bytes, known: RuleSet) -> str:
    """The rule of the first cause of a log, empty when nothing failed."""
    reading = classify.read_log("log", [log], known, Limits())
    return reading.causes[0].rule if reading.causes else ""
