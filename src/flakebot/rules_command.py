"""`flakebot rules`: show the rules in order of precedence, and hold each to its examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import re2

from flakebot import untrusted
from flakebot.errors import InputError
from flakebot.model import Category
from flakebot.reading import causes, classify, rules
from flakebot.reading.rules import Rule, RuleSet

_FILE = "resources/rules.toml"

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
    note: str = ""
    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()


def show(*, as_json: bool) -> int:
    """Print the built-in rules, what is asked first on top."""
    entries = built_in()
    if as_json:
        print(json.dumps(msgspec.to_builtins(entries), ensure_ascii=True, indent=1))
        return 0
    width = max(len(entry.id) for entry in entries)
    for entry in entries:
        print(f"{entry.id:{width}}  {entry.category:19} {entry.owner:8}  {entry.note}".rstrip())
    return 0


def check(paths: Sequence[Path]) -> int:
    """Hold the rules of the files, or the built-in ones, to their examples.

    Raises:
        InputError: a file cannot be read.
        SettingsError: a file or a pattern is wrong.

    """
    texts = [(str(path), _read(path)) for path in paths] or [(_FILE, _text())]
    wrong = 0
    for name, text in texts:
        found = rules.parse(text, name)
        faults = list(faults_of(RuleSet(found)))
        wrong += len(faults)
        faults.append(f"{len(found)} rules, {len(faults)} faults")
        print("\n".join(untrusted.terminal(f"{name}: {line}") for line in faults))
    return 1 if wrong else 0


def faults_of(found: RuleSet) -> Iterator[str]:
    """One sentence for every example that its rule does not keep."""
    for rule in found.rules:
        if not (rule.match and rule.no_match):
            yield f"`{rule.id}` needs an example in `match` and one in `no_match`."
        yield from (f"`{rule.id}` misses {text!r}." for text in rule.match if not _hits(rule, text))
        yield from (f"`{rule.id}` matches {text!r}." for text in rule.no_match if _hits(rule, text))
        yield from _hidden(rule, found)


def _hits(rule: Rule, text: str) -> bool:
    return re2.search(rule.pattern, text) is not None and not rules.is_noise(text)


def _hidden(rule: Rule, found: RuleSet) -> Iterator[str]:
    """The first example must be won; what another rule needs in addition is not known here."""
    for text in rule.match[:1]:
        matching = found.search(text, "job" if rule.scope == "job" else "test")
        winner = next((r for r in matching if r.id == rule.id or not r.needs), rule)
        if winner.id != rule.id:
            yield f"`{rule.id}` loses its first example to `{winner.id}`, which is asked before it."


def built_in() -> tuple[Entry, ...]:
    """Every cause that flakebot can name, in order of precedence."""
    notes = comments(_text())
    own = tuple(_entry(rule, notes) for rule in rules.builtin().rules)
    first = _fixed(classify.HANG_RULE, Category.HANG, _SILENCE)
    return (first, *own, _fixed(causes.UNREPORTED, Category.UNKNOWN, _UNREPORTED))


def _fixed(name: str, category: Category, note: str) -> Entry:
    owner, severity = category.owner.value, category.severity.value
    return Entry(id=name, category=category, owner=owner, severity=severity, note=note)


def _entry(rule: Rule, notes: Mapping[str, str]) -> Entry:
    fields: dict[str, Any] = msgspec.structs.asdict(rule)
    return Entry(
        **fields,
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


def page() -> str:
    """`docs/rules.md`, which is generated."""
    entries = built_in()
    owners = dict.fromkeys(category.owner for category in Category)
    lines = [_INTRODUCTION.format(rules=len(entries) - 2)]
    lines += ["## Categories", "", "| owner | category | rules |", "|---|---|---|"]
    for owner in owners:
        for category in (each for each in Category if each.owner is owner):
            names = [f"`{entry.id}`" for entry in entries if entry.category is category]
            lines.append(f"| {owner.value} | `{category.value}` | {', '.join(names)} |")
    lines += ["", "## In order of precedence", ""]
    for rank, entry in enumerate(entries, 1):
        lines += _section(rank, entry)
    return "\n".join(lines).rstrip() + "\n"


def _section(rank: int, entry: Entry) -> list[str]:
    lines = [f"### {rank}. `{entry.id}` → `{entry.category.value}`", "", entry.note, ""]
    if entry.pattern:
        lines += ["```text", *entry.match, "```", ""]
    return lines


_INTRODUCTION = """\
# Rules

<!-- Generated from src/flakebot/resources/rules.toml: `BLESS=1 make test` writes it anew. -->

The {rules} rules that tell what went wrong, and the two causes that need none.
What stands first is asked first: a cause before its symptom, the specific before the generic.
Patterns are RE2, so none takes more than linear time.
`flakebot rules list --json` prints them; `flakebot rules check` holds each to its examples.
Lines below error level, lines about a retry, hints and echoed scripts are never asked.
"""


def _text() -> str:
    return resources.files("flakebot").joinpath(_FILE).read_text(encoding="utf-8")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}.") from error
