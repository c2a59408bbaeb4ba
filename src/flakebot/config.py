"""Read settings and rules from the Action's inputs and from `.github/flakebot.toml`. Pure.

Inputs always arrive, with their defaults, so an input that differs from its default wins over the
file, and the file wins over the defaults. The file comes from the default branch, never from a pull
request, because whoever writes it decides what flakebot does (policy, security).
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

import msgspec
import re2

from flakebot.errors import SettingsError
from flakebot.model import value
from flakebot.settings import Limits, Settings, Thresholds
from flakebot.wording import did_you_mean

if TYPE_CHECKING:
    from flakebot.reading.project_rules import ProjectRules
    from flakebot.secrets_mask import Masker

PATH = ".github/flakebot.toml"
"""Of the settings file, in the repository and in a folder."""

INPUTS = (
    "jobs",
    "skip_jobs",
    "dry_run",
    "issues",
    "issue_labels",
    "max_new_issues",
    "comment",
    "retry_hugging_face",
    "retry_max_attempts",
    "retry_max_seconds",
    "rerun_max_attempts",
    "history",
    "annotations",
    "fail_on",
)
"""Fields of `Settings` that are inputs of `action.yml`, in its order and there in kebab-case."""

RULES = "rule"
"""Of the settings file: an array of tables, `[[rule]]`, as in the built-in rules. A faulty one
stops nothing, so `rules_from` reads them."""

SECRETS = "secret-patterns"
"""Of the settings file: a faulty one stops the run, because what it was to hide would be shown."""

_T = TypeVar("_T")

_ENTRY = re2.compile(r"(?:\([^()]*\)|[^,])+")

_PART = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_NAMED = re2.compile(rf"\s*(\[*)\s*({_PART}(?:\s*\.\s*{_PART})*)\s*[]=]")
"""A line of TOML that begins a table or sets a key: `[table] # note`, `table.key = 1`."""

_TABLES: Mapping[str, type[Thresholds | Limits]] = {"thresholds": Thresholds, "limits": Limits}


@value
class Inputs:
    """What the Action was given: settings that differ from their defaults, and the rest."""

    given: Mapping[str, Any]
    token: str = ""
    hf_token: str = ""
    run_id: str = ""
    run_attempt: str = ""
    config: str = PATH

    def __repr__(self) -> str:
        """Leave the tokens out, so that no error report can hold them."""
        return f"Inputs(given={dict(self.given)!r}, run_id={self.run_id!r})"


def inputs_from_environ(environ: Mapping[str, str]) -> Inputs:
    """Read the inputs from `INPUT_*` variables: upper-case, dashes kept, as the runner sets them.

    Raises:
        SettingsError: a value does not fit; names the input.

    """
    given = {}
    for name in INPUTS:
        text = _input(environ, name)
        if text:
            given[name] = _converted(name, text)
    defaults = Settings()
    return Inputs(
        given={name: v for name, v in given.items() if v != getattr(defaults, name)},
        token=_input(environ, "token"),
        hf_token=_input(environ, "hf_token"),
        run_id=_input(environ, "run_id"),
        run_attempt=_input(environ, "run_attempt"),
        config=_input(environ, "config") or PATH,
    )


def settings_from(
    given: Mapping[str, Any], text: str | None = None, *, path: str = PATH
) -> Settings:
    """Join inputs, the settings file's text and the defaults.

    Raises:
        SettingsError: the file is no TOML, a key is unknown or does not fit; names line and key.

    """
    table = _parsed(text, path) if text else {}
    table.pop(RULES, None)
    source = _Source(text=text or "", path=path)
    settings = _convert(table, Settings, source)
    if settings.secret_patterns:
        _masker(settings.secret_patterns, source)
    return dataclasses.replace(settings, **dict(given))


def rules_from(text: str | None, *, path: str = PATH) -> ProjectRules:
    """The project's rules among the built-in ones, and what hides its secrets; a faulty rule is
    left out and said.

    Raises:
        SettingsError: the file is no TOML, or a pattern of secrets is faulty.

    """
    from flakebot.reading import project_rules  # the Action's first request needs no rules

    table = _parsed(text, path) if text else {}
    known = project_rules.read(table[RULES], path) if RULES in table else project_rules.none()
    if SECRETS not in table:
        return known
    source = _Source(text=text or "", path=path)
    patterns = _field(Settings, "secret_patterns", table[SECRETS], source)
    return dataclasses.replace(known, rules=known.rules.masking(_masker(patterns, source)))


def _masker(patterns: Any, source: _Source) -> Masker:
    from flakebot.reading import secret_patterns

    return secret_patterns.masker(patterns, source.at(SECRETS))


def _input(environ: Mapping[str, str], name: str) -> str:
    """Dashes stay in the variable's name; callers from a shell can only set underscores."""
    upper = name.upper()
    return environ.get(
        f"INPUT_{upper.replace('_', '-')}", environ.get(f"INPUT_{upper}", "")
    ).strip()


def _converted(name: str, text: str) -> object:
    kind = get_type_hints(Settings, include_extras=True)[name]
    plain: object = text
    if get_type_hints(Settings)[name] == tuple[str, ...]:
        plain = _parts(text)
    try:
        return msgspec.convert(plain, kind, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"The input `{_kebab(name)}` is {text!r}, which does not fit: {_sentence(error)}."
        ) from error


def _parts(text: str) -> tuple[str, ...]:
    """A list in lines or parted by commas; not by those within parentheses, as the name of a job of
    a matrix has them: `test (3.11, ubuntu)`.
    """
    found = (part for line in text.splitlines() for part in _ENTRY.findall(line))
    return tuple(part for part in map(str.strip, found) if part)


@value
class _Source:
    text: str
    path: str
    table: str = ""

    def at(self, key: str) -> str:
        """Where a key stands, for a person: `file, line 7: key`; of a table in one line, that."""
        wanted = [self.table, key] if self.table else [key]
        named = list(_named(self.text))
        for names in (wanted, wanted[:-1]):
            for number, found in named:
                if found == names:
                    return f"{self.path}, line {number}: `{key}`"
        return f"{self.path}: `{key}`"


def _named(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that begin a table or set a key, by their numbers, with the names from the top."""
    table: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if found := _NAMED.match(line):
            names = [name.strip(" \t\"'") for name in found[2].split(".")]
            table = names if found[1] else table
            yield number, table if found[1] else [*table, *names]


def _parsed(text: str, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error


def _convert(table: Mapping[str, Any], kind: type[_T], source: _Source) -> _T:
    fields = {_kebab(name): name for name in get_type_hints(kind)}
    made = {}
    for key, raw in table.items():
        if key not in fields:
            known = fields if source.table else [*fields, RULES]
            raise SettingsError(f"{source.at(key)} is no setting{_suggestion(key, known)}")
        made[fields[key]] = _field(kind, fields[key], raw, source)
    return kind(**made)


def _field(kind: type, name: str, raw: object, source: _Source) -> object:
    key = _kebab(name)
    if key in _TABLES:
        if not isinstance(raw, dict):
            raise SettingsError(f"{source.at(key)} must be a table, `[{key}]`.")
        return _convert(raw, _TABLES[key], dataclasses.replace(source, table=key))
    try:
        return msgspec.convert(raw, get_type_hints(kind, include_extras=True)[name])
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{source.at(key)} is {raw!r}, which does not fit: {_sentence(error)}."
        ) from error


def _suggestion(key: str, known: Iterable[str]) -> str:
    close = did_you_mean(key, known)
    return f"; {close}" if close else f"; there are {', '.join(sorted(known))}."


def _sentence(error: msgspec.ValidationError) -> str:
    return str(error).split(" - at ")[0].rstrip(".")


def _kebab(name: str) -> str:
    return name.replace("_", "-")
