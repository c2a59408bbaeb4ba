"""`flakebot classify`: what failed in logs, and why, for a person or as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flakebot import log_readings, log_sources, log_text, screen, untrusted
from flakebot.errors import FlakebotError
from flakebot.model import LogReading, MissingLog, Problem
from flakebot.reading import readings_json
from flakebot.settings_file import Project


def classify(
    paths: Sequence[str], project: Project, environ: Mapping[str, str], *, as_json: bool
) -> int:
    """Read all logs behind the paths, and print what each says.

    Raises:
        FlakebotError: nothing could be read.

    """
    readings, problems = _read_all(paths, project, environ)
    if as_json:
        print(untrusted.json_line(readings_json.to_json(readings, problems)))
    else:
        print("\n".join(log_text.lines(readings, problems)))
    if not readings:
        reasons = dict.fromkeys(problem.reason for problem in problems)
        raise FlakebotError(f"Nothing could be read: {'; '.join(reasons)}")
    return 0


def _read_all(
    paths: Sequence[str], project: Project, environ: Mapping[str, str]
) -> tuple[list[LogReading], list[Problem]]:
    known, limits = project.rules.rules, project.settings.limits
    readings: list[LogReading] = []
    problems: list[Problem] = []
    with screen.bytes_read(lambda: log_sources.size(paths)) as seen:
        for source, reading in log_readings.read(paths, environ, known, limits, seen):
            if isinstance(reading, MissingLog):
                problems.append(Problem(source=source, reason=reading.reason))
                continue
            problems += reading.problems
            if reading.lines:
                readings.append(reading)
    return readings, problems
