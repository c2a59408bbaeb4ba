"""A project's own rules among the built-in ones. Pure.

They are asked first, in the order of the file: who writes a rule for a project knows it better than
rules for all projects do. A rule for a symptom says `before`, the built-in rule it stands before,
so that it does not hide what that rule's forerunners know. A faulty rule is left out and said; the
others hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from flakebot.model import Category, value
from flakebot.reading import rules
from flakebot.reading.causes import UNREPORTED
from flakebot.reading.classify import HANG_RULE
from flakebot.reading.rule_faults import Fault, faults_alone, hidden, shown
from flakebot.reading.rules import Rule, RuleSet
from flakebot.wording import did_you_mean

MOST = 200
"""Rules of one project; there are not many more built-in ones."""

_FIXED = (HANG_RULE, UNREPORTED)

MOST_PROBLEMS = 20
"""Sentences about faulty rules."""


class ProjectRule(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of a project.

    Args:
        before: the built-in rule that it is asked just before; empty: it is asked before all.
    """

    before: str = ""


@value
class ProjectRules:
    """All rules that hold for a project, in order of precedence.

    `own` are the project's that hold, `faults` what is wrong with the others, in sentences.
    """

    rules: RuleSet
    own: tuple[ProjectRule, ...] = ()
    faults: tuple[str, ...] = ()


def none() -> ProjectRules:
    """What holds where a project has no rules."""
    return ProjectRules(rules=rules.builtin())


def read(raw: object, path: str) -> ProjectRules:
    """Put what stands under `rule` in a settings file among the built-in rules."""
    if not isinstance(raw, list):
        return _without((), [f"{path}: `rule` is no list of tables: write `[[rule]]` above each."])
    faults: list[Fault] = []
    sound: list[ProjectRule] = []
    for number, table in enumerate(raw[:MOST], 1):
        made = _rule(table, number)
        if isinstance(made, Fault):
            faults.append(made)
        elif wrong := [*faults_alone(made), *_misplaced(made, sound)]:
            faults.append(wrong[0])  # the first one tells what to do; mend it and see
        else:
            sound.append(made)
    lost = [fault for rule in sound for fault in hidden(rule, _ordered(sound))]
    names = {fault.rule for fault in lost}
    sentences = [f"{path}, {fault}; the rule is left out." for fault in (*faults, *lost)]
    if len(raw) > MOST:
        sentences.append(f"{path}: only the first {MOST} of {len(raw)} rules are used.")
    return _without([rule for rule in sound if rule.id not in names], sentences)


def _without(own: Sequence[ProjectRule], faults: Sequence[str]) -> ProjectRules:
    more = f"and {len(faults) - MOST_PROBLEMS} more faults of rules"
    return ProjectRules(
        rules=_ordered(own),
        own=tuple(own),
        faults=(*faults[:MOST_PROBLEMS], *[more] * (len(faults) > MOST_PROBLEMS)),
    )


def _ordered(own: Sequence[ProjectRule]) -> RuleSet:
    """The project's rules first, those with `before` where they ask to stand."""
    if not own:
        return rules.builtin()
    ordered: list[Rule] = [rule for rule in own if not rule.before]
    for built_in in rules.builtin().rules:
        ordered += [rule for rule in own if rule.before == built_in.id]
        ordered.append(built_in)
    return RuleSet(ordered)


def _misplaced(rule: ProjectRule, others: Sequence[ProjectRule]) -> Iterator[Fault]:
    built_in = [each.id for each in rules.builtin().rules]
    if rule.id in built_in or rule.id in _FIXED:
        yield Fault(rule.id, "id", "is the name of a built-in rule")
    elif rule.id in {each.id for each in others}:
        yield Fault(rule.id, "id", "is defined twice")
    elif rule.before and rule.before not in built_in:
        reason = f"there is no built-in rule {shown(rule.before)!r}"
        yield Fault(rule.id, "before", reason + _question(rule.before, built_in))


def _rule(table: object, number: int) -> ProjectRule | Fault:
    """One entry as a rule, or the first thing that keeps it from being one."""
    if not isinstance(table, Mapping):
        return Fault(f"number {number}", "rule", "is no table")
    fields = {field.name: field for field in msgspec.structs.fields(ProjectRule)}
    named = table.get("id")
    name = shown(named) if isinstance(named, str) and named else f"number {number}"
    for key in table:
        if key not in fields:
            return Fault(name, shown(key), "is no key of a rule" + _question(key, fields))
    for key, field in fields.items():
        if key not in table:
            if field.required:
                return Fault(name, key, "is missing")
            continue
        try:
            msgspec.convert(table[key], field.type)
        except msgspec.ValidationError as error:
            return Fault(name, key, _misfit(table[key], error))
    return msgspec.convert(dict(table), ProjectRule)


def _misfit(raw: object, error: msgspec.ValidationError) -> str:
    why = str(error).split(" - at ")[0].rstrip(".")
    close = _question(raw, Category) if isinstance(raw, str) else ""
    return f"{shown(repr(raw))} does not fit{close or ': ' + why}"


def _question(word: str, known: Iterable[str]) -> str:
    close = did_you_mean(word, known)
    return f" ({close})" if close else ""
