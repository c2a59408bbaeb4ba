"""Rules as data: which line means which category, and in which order they are asked. Pure.

Order in the file is precedence: a cause stands before its symptom, infrastructure before tests, the
specific before the generic. Within one rule the last match wins. Patterns are RE2, so no rule can
take more than linear time. Each rule proves itself by its examples.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
import re2

from flakebot.errors import SettingsError
from flakebot.model import Category
from flakebot.reading import literals
from flakebot.secrets_mask import Masker, mask

Scope = Literal["test", "job", "any"]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of evidence.

    Args:
        id: kebab-case, unique.
        category: what a match means.
        pattern: RE2, searched in one line.
        scope: `test` for lines that report a failing test, `job` for all other output, or `any`.
        needs: RE2 that must match somewhere in the same report, as "huggingface" for a bare 503.
        assertions: whether the line may be the text of a failed assertion, which quotes what it
            likes.
        decides: whether it explains the job even where failing tests have causes of their own.
        match: lines it must match.
        no_match: lines it must not match.
    """

    id: str
    category: Category
    pattern: str
    scope: Scope = "any"
    needs: str = ""
    assertions: bool = False
    decides: bool = False
    match: tuple[str, ...] = ()
    no_match: tuple[str, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The shape of a rules file."""

    rule: tuple[Rule, ...]


_RETRIED = re2.compile(
    r"(?i)\bretrying in \d|\[retry \d+/\d+\]|retrying \(Retry\(|, retrying \d of \d|will retry"
    r"|thrown while requesting|a common cause is|trying to resume download|\bretry attempt \d"
    r"|error while downloading from https?://|[,.;:] retrying\b"
)
"""Lines about a retry that may have helped, and hints."""

_AGAIN = re2.compile(r"(?i)\bretrying in \d|will retry|before trying again|^retrying\.+$")
"""What a program says below an error when it goes on: curl, wget, `actions/checkout`."""

_QUIET = re2.compile(
    r"^.{0,60}\b(?:WARN|WARNING|INFO|DEBUG|TRACE)\b|^##\[(?:warning|debug|notice)\]"
    r"|^(?:npm )?(?:warn|warning|Warning):? |^npm (?:http|info|verb|notice) |^\S+:\d+: \w*Warning: "
    r"|\blevel=\"?(?:warn|info|debug|trace)|\"level\": ?\"(?:warn|info|debug|trace)"
    r"|^[WI]\d{4} \d\d:|^\d{4}-\d\d-\d\d [\d:.]+: [WI] |^W: |^ +[A-Z].*\[IP: \S+ \d+\]$"
    r"|^\+{1,9} |^> [a-z]|^\s+Running `"
)
"""Lines below error level: of loggers, Python, npm, glog and apt, which says under `Ign:` what it
tries again; and commands that a shell, npm or cargo shows before running them.
"""


def is_retried(text: str) -> bool:
    """Whether a line tells of a retry or gives a hint, and so proves nothing."""
    return _RETRIED.search(text) is not None


def is_again(text: str) -> bool:
    """Whether a line tells that what the line above says was no end."""
    return _AGAIN.search(text) is not None


def is_noise(text: str) -> bool:
    """Whether a line of output is no evidence at all."""
    return _QUIET.search(text) is not None or is_retried(text)


class RuleSet:
    """Rules in order of precedence, compiled for searching, and what hides secrets in the lines
    that they are asked about.

    Raises:
        SettingsError: naming the rule that is wrong.
    """

    def __init__(self, rules: Sequence[Rule], mask: Masker = mask) -> None:
        self.rules = tuple(rules)
        self.mask = mask
        ids = [rule.id for rule in rules]
        for rule in rules:
            if ids.count(rule.id) > 1:
                raise SettingsError(f"Rule `{rule.id}` is defined twice.")
        self._places = {name: place for place, name in enumerate(ids)}
        self._needs = {rule.id: _compiled(rule, rule.needs) for rule in rules if rule.needs}
        self._sets = {scope: _set(self.rules, scope) for scope in ("test", "job")}

    def masking(self, mask: Masker) -> RuleSet:
        """The same rules for logs in which a project has secrets of its own."""
        made = copy.copy(self)
        made.mask = mask
        return made

    def search(self, text: str, scope: Literal["test", "job"]) -> list[Rule]:
        """Rules that match somewhere in the text, in order of precedence; `needs` is not asked."""
        candidates, members = self._sets[scope]
        found = (members[index] for index in sorted(candidates.Match(text) or ()))
        return [rule for rule, pattern in found if pattern.search(text) is not None]

    def fits(self, rule: Rule, report: str) -> bool:
        """Whether a report holds what the rule needs beside its line."""
        needs = self._needs.get(rule.id)
        return needs is None or needs.search(report) is not None

    def precedence(self, rule: str) -> int:
        """0 for the id of the rule that is asked first."""
        return self._places[rule]


_MEMORY = 64 * 1024 * 1024
"""Bytes a set of patterns may take; RE2's 8 MB are too few, and it then finds nothing."""


def _set(rules: Sequence[Rule], scope: str) -> tuple[re2.Set, list[tuple[Rule, re2._Regexp]]]:
    """What tells the few rules that can match a line, and each rule with its pattern.

    All patterns in one set would need new states of RE2 on nearly every line of a varied log, at a
    megabyte a second; a set of the plain texts that they need does not.
    """
    members = [(rule, _compiled(rule, rule.pattern)) for rule in rules if _has(rule, scope)]
    options = re2.Options()
    options.max_mem = _MEMORY
    candidates = re2.Set.SearchSet(options)
    for rule, _ in members:
        candidates.Add(literals.needed(rule.pattern))
    candidates.Compile()
    return candidates, members


def _has(rule: Rule, scope: str) -> bool:
    return rule.scope in {scope, "any"}


def _compiled(rule: Rule, pattern: str) -> re2._Regexp:
    """Raises `SettingsError` that names the rule."""
    try:
        return compiled(pattern)
    except re2.error as error:
        sentence = f"Rule `{rule.id}`: RE2 cannot read its pattern: {said(error)}."
        raise SettingsError(sentence) from error


def compiled(pattern: str) -> re2._Regexp:
    """A pattern; raises `re2.error`, and prints nothing."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def said(error: re2.error) -> str:
    """What RE2 says of a pattern, which is bytes."""
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


def parse(text: str, name: str) -> tuple[Rule, ...]:
    """Rules of a TOML text; raises `SettingsError` that names the file and what is wrong."""
    try:
        return msgspec.convert(tomllib.loads(text), _File).rule
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(f"{name}: {error}.") from error


@cache
def builtin() -> RuleSet:
    """The rules that come with flakebot."""
    name = "resources/rules.toml"
    text = resources.files("flakebot").joinpath(name).read_text(encoding="utf-8")
    return RuleSet(parse(text, name))
