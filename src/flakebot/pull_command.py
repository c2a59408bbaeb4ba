"""`flakebot rules pull`: make fixtures for rules out of real logs."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from flakebot import json_files, log_sources, rule_logs, untrusted
from flakebot.errors import FlakebotError, InputError
from flakebot.model import Cause, LogText, value
from flakebot.reading import classify, cutting
from flakebot.reading.causes import UNREPORTED
from flakebot.reading.rules import RuleSet
from flakebot.reading.trace import Trace
from flakebot.settings_file import Project
from flakebot.wording import did_you_mean, listing, plural

_NAMES = 100
"""Logs of one rule that may have the same name, with a number behind it."""


@value
class _Pull:
    """What is asked for."""

    wanted: Collection[str]
    folder: Path
    project: Project

    @property
    def rules(self) -> RuleSet:
        return self.project.rules.rules


def pull(
    paths: Sequence[str],
    wanted: Sequence[str],
    folder: Path,
    project: Project,
    environ: Mapping[str, str],
) -> int:
    """Write an excerpt of each log for each rule that won in it, or for the rules that are wanted.

    Raises:
        InputError: there is no such rule, or the folder cannot be written.
        FlakebotError: nothing came of it.

    """
    asked = _Pull(wanted=wanted, folder=folder, project=project)
    _known(wanted, asked.rules)
    done = 0
    for source, log in log_sources.logs(paths, environ):
        if isinstance(log, LogText):
            done += _of_log(source, log.chunks, asked)
        else:
            _say(f"{source}: {log.reason}")
    silent = rule_logs.missing(project.rules, folder)
    _say(f"{folder}: {f'no real log yet of {listing(silent)}' if silent else 'every rule has one'}")
    if not done:
        raise FlakebotError(
            "No log was told by a rule that is wanted; `flakebot explain` says why."
        )
    return 0


def _known(wanted: Iterable[str], rules: RuleSet) -> None:
    ids = [*(rule.id for rule in rules.rules), classify.HANG_RULE]
    for name in wanted:
        if name not in ids:
            close = did_you_mean(name, ids)
            raise InputError(f"--rule: there is no rule {name!r}{f'; {close}' if close else '.'}")


def _of_log(source: str, chunks: Iterable[bytes], asked: _Pull) -> int:
    """The number of fixtures that a log made, or had made before."""
    with tempfile.TemporaryFile() as spool:
        for chunk in chunks:
            spool.write(chunk)
        spool.seek(0)
        trace = Trace()
        pieces = iter(lambda: spool.read(log_sources.CHUNK), b"")
        limits = asked.project.settings.limits
        reading = classify.read_log(source, pieces, asked.rules, limits, trace)
        for problem in reading.problems:
            _say(f"{source}: {problem.reason}")
        chosen = {cause.rule: cause for cause in reversed(reading.causes) if _wants(asked, cause)}
        for name in asked.wanted:
            if name not in chosen:
                _say(f"{source}: `{name}` did not win; `flakebot explain` says why")
        spool.seek(0)
        text = spool.read(limits.log_bytes).decode(errors="replace") if chosen else ""
    lines = text.removesuffix("\n").split("\n")
    return sum(_write(source, lines, cause, trace, asked) for cause in chosen.values())


def _wants(asked: _Pull, cause: Cause) -> bool:
    return cause.rule in asked.wanted if asked.wanted else cause.rule != UNREPORTED


def _write(source: str, lines: Sequence[str], cause: Cause, trace: Trace, asked: _Pull) -> bool:
    excerpt = cutting.cut(lines, cause, trace, asked.rules)
    if not excerpt:
        _say(f"{source}: no excerpt below {cutting.LARGEST} bytes is told by `{cause.rule}` alone")
        return False
    name = untrusted.file_name(Path(source).stem if source != "-" else "stdin")
    path, new = _placed(asked.folder, cause.rule, name, excerpt.encode())
    size = f"{excerpt.count(chr(10))} of {plural(len(lines), 'line')}"
    _say(f"{path}: {size}, told by `{cause.rule}`" if new else f"{path}: is there already")
    return True


def _placed(folder: Path, rule: str, name: str, content: bytes) -> tuple[Path, bool]:
    """The file with the content, and whether it is new; one with another content is left alone."""
    for number in range(1, _NAMES + 1):
        file = f"{untrusted.file_name(rule)}/{name}{f'-{number}' if number > 1 else ''}.log"
        path = json_files.inside(folder, file)
        if json_files.create(path, content):
            return path, True
        if json_files.read_bytes(path) == content:
            return path, False
    raise InputError(f"{folder / rule} has {_NAMES} logs named {name} already.")


def _say(text: str) -> None:
    print(untrusted.terminal(text))
