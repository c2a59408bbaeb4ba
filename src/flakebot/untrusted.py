"""Make text from logs, issues and file names safe for the place it goes to. Pure.

Whoever opens a pull request decides what a log says. Every function here takes any text and
returns text in which nothing is active in its place: Markdown on GitHub, a terminal, standard
output of an Action, a file name. Each is applied once, at the place of output.

GitHub leaves mentions and references alone inside `code` and `pre`, but quotes them as plain text
in answers by e-mail (dependabot/dependabot-core#3157), so mentions are broken there as well.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence

import re2

from flakebot.errors import InputError

BREAK = "\u200b"
"""Zero-width space: parts what GitHub would link, and cannot be seen."""

FENCE_CHARACTERS = 4000
"""Of one excerpt: what a person reads of a log in an issue."""

FILE_NAME_CHARACTERS = 100

_ESCAPES = re2.compile(
    r"(?:\x1b\[|\x{9b})[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x{90}\x{98}\x{9d}-\x{9f}])[^\x07\x1b\x{9c}\n]*(?:\x07|\x{9c}|\x1b\\)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Invisible though letters or marks by their category; .NET's collation, by which the runner looks
# for commands, ignores them too.
_INVISIBLE = re2.compile(
    r"[\x{034f}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180f}\x{3164}\x{fe00}-\x{fe0f}"
    r"\x{ffa0}\x{e0100}-\x{e01ef}]"
)
_TICKS = re2.compile(r"`+")
# Patterns of two groups, which `_parted` keeps apart. A person's name, and hidden comments:
_MENTION = re2.compile(r"((?:^|[^A-Za-z0-9_])@)([A-Za-z0-9])")
_COMMENT_START = re2.compile(r"(<!-)(-)")
_COMMENT_END = re2.compile(r"(-)(-!?>)")
# What GitHub makes mentions, references and links of goes on after these; an emoji after a colon.
_LINK = re2.compile(r"(?i)([@#]|\bgh-|www)()")
_COLON = re2.compile(r"(:)([A-Za-z0-9_+/-])")
_HASH = re2.compile(r"(?i)[0-9a-f]{7,}")
# GitHub looks for formulas after Markdown, where an escaped dollar is one again
# (https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting).
_ENTITIES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "$": f"{BREAK}&#36;{BREAK}"}
    | {character: "\\" + character for character in "\\`*_[]~"}
)
_BLOCK_START = re2.compile(r"^(\d*)([#+=:.)-])")
_NOT_IN_FILE_NAME = re2.compile(r"[^A-Za-z0-9._-]+")
_OUTPUT_NAME = re2.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def clean(text: str) -> str:
    """Return the text as one line of visible characters.

    Out go escape sequences of terminals, control characters, bidirectional overrides, zero-width
    and tag characters; white space of any kind becomes spaces. NFC.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _ESCAPES.sub("", text.encode(errors="ignore").decode())
    text = "".join(_visible(character) for character in _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text)


def code_span(text: str) -> str:
    """Return a code span of Markdown, never empty, that the text cannot end."""
    text = _quiet(clean(text)).strip() or "(empty)"
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if "`" in (text[0], text[-1]) else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def table_code(text: str) -> str:
    r"""Return a code span for a cell of a table.

    A cell ends at a `|` without backslash, in code too; whether `\\|` ends it differs between
    parsers, so a backslash before a pipe is kept apart from the one that escapes it.
    """
    return code_span(text).replace("\\|", f"\\{BREAK}|").replace("|", "\\|")


def fence(lines: Sequence[str], *, limit: int = FENCE_CHARACTERS) -> str:
    """Return a fenced block with the lines, or nothing for no lines.

    Starts at the left margin: whoever indents it indents every line. `limit` is in characters of
    the lines; how many lines are left out is said.
    """
    if not lines:
        return ""
    kept = _fitting([_quiet(clean(line.expandtabs(4))).rstrip() for line in lines], limit)
    ticks = "`" * max(3, _longest_run("\n".join(kept)) + 1)
    return "\n".join([f"{ticks}text", *kept, ticks])


def shell(command: str) -> str:
    """Return a command for a fence, with a person's name and the marks of hidden comments parted by
    empty quotes: what is pasted runs as it was.

    Whatever a stranger wrote in it stands bare or in single quotes, as `shlex.quote` leaves it.
    """
    return _quiet(command, "''")


def inline(text: str) -> str:
    """Return plain text for any place in a line of Markdown.

    No mention, reference, link, image, HTML, emoji, formula or block begins in it, and no cell of
    a table ends in it.
    """
    text = clean(text).strip()
    text = _parted(_parted(text, _LINK), _COLON)
    text = _HASH.sub(lambda match: _in_pieces(match.group()), text).translate(_ENTITIES)
    return str(_BLOCK_START.sub(r"\1\\\2", text))


def command_data(text: str) -> str:
    """Return the message of a workflow command; lines stay lines.

    As the toolkit's `escapeData`, and with what would be a command inside broken.
    """
    data = "\n".join(clean(line) for line in text.splitlines()).replace("##[", "## [")
    return data.replace("%", "%25").replace("\n", "%0A")


def command_property(text: str) -> str:
    """Return a value between `::name key=` and `::`, as the toolkit's `escapeProperty`."""
    return command_data(clean(text)).replace(":", "%3A").replace(",", "%2C")


def plain_line(text: str) -> str:
    """Return one line for standard output of an Action in which the runner finds no command.

    The runner takes `##[` anywhere and `::` after leading white space for commands
    (actions/runner, ActionCommand.cs), and compares by .NET's collation, which does not see
    zero-width characters: a space parts them.
    """
    text = clean(text).replace("##[", "## [")
    start = text.lstrip()
    return ": " + start[1:] if start.startswith("::") else text


def terminal(text: str) -> str:
    """Return one line for a terminal that moves, hides, colours and reorders nothing.

    A command's output may be that of a step as well, whose runner reads every line of it.
    """
    return plain_line(text)


def json_line(data: object, *, indent: int | None = None) -> str:
    """Return JSON for standard output, in ASCII, in which the runner finds no command: on one line,
    or indented for people.

    `##[` can only stand inside of a string, where a character may be escaped.
    """
    return json.dumps(data, indent=indent).replace("##[", r"#\u0023[")


def file_name(text: str) -> str:
    """Return one component of a path, of letters, digits, dots, underscores and hyphens.

    What had to change gets a suffix of the original's hash, so that two texts keep two names.
    """
    name = str(_NOT_IN_FILE_NAME.sub("_", clean(text))).strip("._-")[:FILE_NAME_CHARACTERS]
    if name and name == text:
        return name
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{name or 'unnamed'}-{digest}"


def output_value(name: str, value: str, delimiter: str) -> str:
    """Return the lines for `GITHUB_OUTPUT` that set one output.

    Args:
        name: letters, digits, `_` and `-`.
        value: anything; several lines go between two lines with the delimiter.
        delimiter: drawn at random by the caller.

    Raises:
        InputError: the name is none, or the value holds the delimiter.

    """
    if not _OUTPUT_NAME.fullmatch(name):
        raise InputError(f"{clean(name)!r} is no name of an output.")
    if "\n" not in value:
        return f"{name}={value}\n"
    if not delimiter or delimiter in value:
        raise InputError(f"The value of the output {name} holds its own delimiter.")
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character).startswith("C") else character


def _quiet(text: str, by: str = BREAK) -> str:
    """Part mentions and the marks of hidden comments, for text shown as code."""
    for pattern in (_MENTION, _COMMENT_START, _COMMENT_END):
        text = _parted(text, pattern, by)
    return text


def _parted(text: str, pattern: re2._Regexp, by: str = BREAK) -> str:
    # A callable, because re2 garbles characters beyond ASCII in a replacement.
    return str(pattern.sub(lambda match: match[1] + by + match[2], text))


def _longest_run(text: str) -> int:
    return max((len(run) for run in _TICKS.findall(text)), default=0)


def _fitting(lines: Sequence[str], limit: int) -> list[str]:
    """Keep the first lines within a limit of characters, at least a part of the first."""
    kept: list[str] = []
    room = limit
    for line in lines:
        if room < len(line) and kept:
            break
        kept.append(line if len(line) <= room else line[:room] + "…")
        room -= len(kept[-1]) + 1
    if left_out := len(lines) - len(kept):
        kept.append(f"… {left_out} more line{'s' if left_out > 1 else ''}")
    return kept


def _in_pieces(text: str, size: int = 6) -> str:
    """Part a run of hexadecimal digits into pieces too short for a commit."""
    return BREAK.join(text[start : start + size] for start in range(0, len(text), size))
