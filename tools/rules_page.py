"""The text of docs/rules.md, from the built-in rules: `BLESS=1 make test` writes it anew."""

from __future__ import annotations

from flakebot import rules_command
from flakebot.model import Category
from flakebot.reading import rules

_INTRODUCTION = """\
# Rules

<!-- Generated from src/flakebot/resources/rules.toml: `BLESS=1 make test` writes it anew. -->

The {rules} rules that tell what went wrong, and the two causes that need none.
What stands first is asked first: a cause before its symptom, the specific before the generic.
Patterns are RE2, so none takes more than linear time.
`flakebot rules list --json` prints them; `flakebot rules check` holds each to its examples.
Lines below error level, lines about a retry, hints and echoed scripts are never asked.
"""


def page() -> str:
    """The page: categories, then every rule in order of precedence with its examples."""
    entries = rules_command.listed(rules.builtin())
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


def _section(rank: int, entry: rules_command.Entry) -> list[str]:
    lines = [f"### {rank}. `{entry.id}` → `{entry.category.value}`", "", entry.note, ""]
    if entry.pattern:
        lines += ["```text", *entry.match, "```", ""]
    return lines
