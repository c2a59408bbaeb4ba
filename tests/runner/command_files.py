"""How the runner reads command files: a port of its `FileCommandManager.cs` (2.336.0). Pure."""

from __future__ import annotations

SUMMARY_BYTES = 1024 * 1024


class CommandFileError(Exception):
    """A command file the runner refuses, which fails the step."""


def pairs(text: str) -> dict[str, str]:
    """`GITHUB_OUTPUT`, `GITHUB_ENV` and `GITHUB_STATE`; lines end with LF only.

    The first of `=` and `<<` decides how a line is read; a later value replaces an earlier one.

    Raises:
        CommandFileError: with the runner's own sentence.

    """
    lines = _lines(text)
    found: dict[str, str] = {}
    while lines:
        line, _ = lines.pop(0)
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            key, delimiter = line.split("<<", 1)
            if not key or not delimiter:
                raise CommandFileError(
                    f"Invalid format '{line}'. Name must not be empty and delimiter must not be "
                    "empty"
                )
            found[key] = _heredoc(lines, delimiter)
        elif equals >= 0:
            key, value = line.split("=", 1)
            if not key:
                raise CommandFileError(f"Invalid format '{line}'. Name must not be empty")
            found[key] = value
        else:
            raise CommandFileError(f"Invalid format '{line}'")
    return found


def _heredoc(lines: list[tuple[str, bool]], delimiter: str) -> str:
    value: list[str] = []
    while lines:
        line, ended = lines.pop(0)
        if line == delimiter:
            return "\n".join(value)
        if not ended:
            raise CommandFileError("Invalid value. EOF value must be followed by a newline")
        value.append(line)
    raise CommandFileError(f"Invalid value. Matching delimiter not found '{delimiter}'")


def _lines(text: str) -> list[tuple[str, bool]]:
    """Each line, and whether a newline ends it."""
    text = text.removeprefix("\ufeff")
    parts = text.split("\n")
    ended = [(part, True) for part in parts[:-1]]
    return [*ended, (parts[-1], False)] if parts[-1] else ended


def paths(text: str) -> list[str]:
    """`GITHUB_PATH`: a folder per line."""
    return [line for line in text.removeprefix("\ufeff").splitlines() if line]


def summary(content: bytes) -> str:
    """`GITHUB_STEP_SUMMARY`, which is not shown when it is too large.

    Raises:
        CommandFileError: too large; an error annotation, while the step's result is unchanged.

    """
    if len(content) > SUMMARY_BYTES:
        raise CommandFileError(
            "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of "
            f"{SUMMARY_BYTES // 1024}k, got {len(content) // 1024}k."
        )
    return content.decode("utf-8")
