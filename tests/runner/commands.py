"""How the runner reads a step's output: a port of its rules for workflow commands. Pure.

actions/runner 2.336.0: `ActionCommand.cs`, `ActionCommandManager.cs`, `OutputManager.cs`,
`ExecutionContext.cs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

ANNOTATIONS_PER_KIND = 10
MESSAGE_CHARACTERS = 4096

KINDS = ("error", "warning", "notice")
REFUSED = frozenset({"set-env", "add-path"})
"""Refused unless the workflow allows unsecure commands."""

STOP = "stop-commands"
REGISTERED = frozenset(
    {
        *KINDS,
        *REFUSED,
        STOP,
        "add-mask",
        "add-matcher",
        "debug",
        "echo",
        "endgroup",
        "group",
        "remove-matcher",
        "save-state",
        "set-output",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A workflow command; names are compared without case."""

    name: str
    properties: Mapping[str, str] = field(default_factory=dict)
    data: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """An annotation as GitHub shows it."""

    kind: str
    message: str
    properties: Mapping[str, str] = field(default_factory=dict)


def parse(line: str, registered: Iterable[str] = REGISTERED) -> Command | None:
    """The command in a line, in its new syntax or else in its old one."""
    names = {name.casefold() for name in registered}
    return _parse_new(line, names) or _parse_old(line, names)


def _parse_new(line: str, names: set[str]) -> Command | None:
    """`::name key=value,key=value::data`, after leading white space only."""
    line = line.lstrip()
    if not line.startswith("::"):
        return None
    info, closed, data = line[2:].partition("::")
    return _command(info, data, names, ",", _unescaped_new) if closed else None


def _parse_old(line: str, names: set[str]) -> Command | None:
    """`##[name key=value;key=value]data`, anywhere in the line."""
    _, opened, rest = line.partition("##[")
    info, closed, data = rest.partition("]")
    return _command(info, data, names, ";", _unescaped_old) if opened and closed else None


def _command(
    info: str, data: str, names: set[str], separator: str, unescaped: Callable[[str], str]
) -> Command | None:
    name, _, listed = info.partition(" ")
    if name.casefold() not in names:
        return None
    is_new = separator == ","
    parts = (listed.strip() if is_new else listed).split(separator)
    pairs = [part.partition("=") for part in parts]
    return Command(
        name=name.casefold(),
        properties={key: unescaped(value) for key, _, value in pairs if key and value},
        data=_unescaped_data(data) if is_new else unescaped(data),
    )


def _unescaped_data(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def _unescaped_new(text: str) -> str:
    text = text.replace("%0D", "\r").replace("%0A", "\n")
    return text.replace("%3A", ":").replace("%2C", ",").replace("%25", "%")


def _unescaped_old(text: str) -> str:
    text = text.replace("%3B", ";").replace("%0D", "\r").replace("%0A", "\n")
    return text.replace("%5D", "]").replace("%25", "%")


@dataclass(slots=True, kw_only=True)
class Console:
    """What the runner makes of a step's lines.

    `commands` are all that were carried out; `errors` are those that fail the step; `shown` are the
    lines that are no commands.
    """

    commands: list[Command] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    dropped: int = 0
    outputs: dict[str, str] = field(default_factory=dict)
    masks: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    _stop_token: str = ""

    def read(self, text: str) -> None:
        """Read all lines of a stream."""
        for line in text.split("\n"):
            self._line(line.removesuffix("\r"))

    def _line(self, line: str) -> None:
        registered = {*REGISTERED, self._stop_token} - {""}
        command = parse(line, registered)
        if command is None or (self._stop_token and command.name != self._stop_token.casefold()):
            self.shown.append(line)
            return
        self.commands.append(command)
        if self._stop_token:
            self._stop_token = ""
        else:
            self._carry_out(command)

    def _carry_out(self, command: Command) -> None:
        if command.name == STOP:
            self._stop(command.data)
        elif command.name in KINDS:
            self.annotate(command.name, command.data, command.properties)
        elif command.name in REFUSED:
            self.errors.append(f"The `{command.name}` command is disabled.")
        elif command.name == "set-output":
            self._set_output(command)
        elif command.name == "add-mask":
            self.masks.append(command.data)

    def _set_output(self, command: Command) -> None:
        if "name" in command.properties:
            self.outputs[command.properties["name"]] = command.data
        else:
            self.errors.append("Required field 'name' is missing in ##[set-output] command.")

    def _stop(self, token: str) -> None:
        taken = {"", "pause-logging", *REGISTERED}
        if token.casefold() in taken:
            self.errors.append(f"Invoking ::stop-commands:: with the value {token!r} is insecure.")
        else:
            self._stop_token = token

    def annotate(self, kind: str, message: str, properties: Mapping[str, str]) -> None:
        """Add an annotation unless there are enough of its kind; long messages are cut."""
        if sum(one.kind == kind for one in self.annotations) >= ANNOTATIONS_PER_KIND:
            self.dropped += 1
            return
        cut = message[:MESSAGE_CHARACTERS]
        self.annotations.append(Annotation(kind=kind, message=cut, properties=dict(properties)))
