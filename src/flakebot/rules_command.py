"""`flakebot rules`: show the rules in order of precedence, and hold each to its examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from flakebot import config, rule_logs, settings_file, untrusted
from flakebot.model import Category
from flakebot.reading import causes, classify, rules
from flakebot.reading.project_rules import ProjectRule, ProjectRules
from flakebot.reading.rule_faults import faults_of
from flakebot.reading.rules import Rule, RuleSet
from flakebot.settings_file import Project
from flakebot.wording import plural

_FILE = "resources/rules.toml"

BUILT_IN, PROJECT = "built-in", "project"

_SILENCE = """\
Time stamps, not a pattern: ten minutes without output before a cancel, or one before a time-out. \
Beats cancelled and job-timeout."""

_UNREPORTED = """\
A test failed and no rule knows a line of its report, or there is none. \
The category follows from the outcome: a time-out is test-timeout, a crash worker-crash, \
a stated error exception, anything else unknown."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What `rules list --json` says of one rule; `pattern` is empty where none is searched."""

    id: str
    category: Category
    owner: str
    severity: str
    pattern: str = ""
    scope: str = "any"
    needs: str = ""
    assertions: bool = False
    decides: bool = False
    before: str = ""
    origin: str = BUILT_IN
    note: str = ""
    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()


def show(project: Project, *, as_json: bool) -> int:
    """Print the rules that hold for a project, what is asked first on top."""
    entries = listed(project.rules.rules)
    if as_json:
        print(untrusted.json_line(msgspec.to_builtins(entries), indent=1))
        return 0
    width = max(len(entry.id) for entry in entries)
    for entry in entries:
        said = "(project)" if entry.origin == PROJECT else entry.note
        row = f"{entry.id:{width}}  {entry.category:19} {entry.owner:8}  {said}"
        print(untrusted.terminal(row.rstrip()))
    return 0


def check(paths: Sequence[Path], project: Project, logs: Path | None) -> int:
    """Hold rules to their examples and to their logs: those of the files, or all that hold here.

    Raises:
        InputError: a file or the folder of logs cannot be read.
        SettingsError: a file is no TOML.

    """
    wrong = 0 if paths else _check_built_in()
    files = [(str(path), _of_file(path)) for path in paths]
    if project.name and not paths:
        files = [(project.name, project.rules)]
    for name, known in files:
        wrong += _report(name, len(known.own), known.faults)
    if logs or not paths:
        held = [known for _, known in files] or [project.rules]
        wrong += sum(_check_logs(known, logs) for known in held)
    return 1 if wrong else 0


def _check_built_in() -> int:
    built_in = rules.builtin()
    faults = [f"{_FILE}, {fault}." for fault in faults_of(built_in)]
    return _report(_FILE, len(built_in.rules), faults)


def _report(name: str, count: int, faults: Sequence[str]) -> int:
    _say([*faults, f"{name}: {plural(count, 'rule')}, {plural(len(faults), 'fault')}"])
    return len(faults)


def _check_logs(known: ProjectRules, logs: Path | None) -> int:
    told = rule_logs.check(known, logs)
    _say([*told.faults, *told.notes])
    return len(told.faults)


def _of_file(path: Path) -> ProjectRules:
    return config.rules_from(settings_file.read(path), path=str(path))


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        print(untrusted.terminal(line))


def listed(found: RuleSet) -> tuple[Entry, ...]:
    """Every cause that can be named with these rules, in order of precedence."""
    notes = comments(_text())
    own = tuple(_entry(rule, notes) for rule in found.rules)
    first = _fixed(classify.HANG_RULE, Category.HANG, _SILENCE)
    return (first, *own, _fixed(causes.UNREPORTED, Category.UNKNOWN, _UNREPORTED))


def _fixed(name: str, category: Category, note: str) -> Entry:
    owner, severity = category.owner.value, category.severity.value
    return Entry(id=name, category=category, owner=owner, severity=severity, note=note)


def _entry(rule: Rule, notes: Mapping[str, str]) -> Entry:
    fields: dict[str, Any] = msgspec.structs.asdict(rule)
    return Entry(
        **fields,
        origin=PROJECT if isinstance(rule, ProjectRule) else BUILT_IN,
        owner=rule.category.owner.value,
        severity=rule.category.severity.value,
        note=notes.get(rule.id, ""),
    )


def comments(text: str) -> dict[str, str]:
    """The comment above each rule, by the rule's id."""
    notes: dict[str, str] = {}
    block: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            block.append(line.removeprefix("#").strip())
        elif line.startswith('id = "'):
            notes[line.split('"')[1]] = " ".join(block)
        elif not line.startswith("[[rule]]"):
            block = []
    return notes


def _text() -> str:
    return resources.files("flakebot").joinpath(_FILE).read_text(encoding="utf-8")
