"""The parts of one pull-request comment: several workflows of one commit share it. Pure.

A workflow replaces its own part and leaves the others', as long as they speak of the same commit.
"""

from __future__ import annotations

from collections.abc import Iterable

from flakebot import untrusted
from flakebot.model import value
from flakebot.settings import Limits
from flakebot.views import markers, render
from flakebot.views.markers import Mark
from flakebot.wording import plural

GREEN = 100
"""Rank of a part that says that nothing is wrong."""

_NAME = 100
"""Characters of a workflow's name in front of a headline."""

PARTS = 3
"""Parts that always fit into one comment."""


@value
class Section:
    """What one workflow, as one event starts it, says of one commit; the lower the rank, the nearer
    to the top. `file` tells workflows of one name apart, where it is known.
    """

    workflow: str
    sha: str
    rank: int
    text: str
    file: str = ""

    @property
    def part(self) -> str:
        """What tells it from the other sections of a comment."""
        return f"{self.workflow} {self.file}".strip()

    def replaces(self, other: Section) -> bool:
        """Whether another is an older look of the same workflow, of whose file it may not know."""
        return other.part in {self.part, self.workflow}


@value
class _Head:
    """A section without its text, as it is hidden in its first line."""

    workflow: str
    sha: str
    rank: int
    file: str | None = None


def join(sections: Iterable[Section], limits: Limits) -> str:
    """The comment: what matters most comes first, and what no longer fits is counted."""
    ordered = sorted(sections, key=lambda section: (section.rank, section.part))
    for most in range(len(ordered), 1, -1):
        if render.fits(text := _joined(_first(ordered, most)), limits):
            return text
    return _joined(_first(ordered, 1))


def _first(ordered: list[Section], most: int) -> list[Section]:
    """The first sections, and a nameless one that counts the others."""
    left = len(ordered) - most
    if left <= 0:
        return ordered
    told = f"Left out for want of room: {plural(left, 'more workflow')}."
    return [*ordered[:most], Section(workflow="", sha=ordered[0].sha, rank=GREEN, text=told)]


def split(body: str | None) -> tuple[Section, ...]:
    """The sections of a comment of ours; one whose first line is no longer readable is dropped."""
    found: list[tuple[_Head, list[str]]] = []
    for line in (body or "").replace("\r\n", "\n").split("\n"):
        head = markers.reveal(line, _Head)
        if head is not None:
            found.append((head, []))
        elif found:
            found[-1][1].append(line)
    return tuple(
        Section(
            workflow=head.workflow,
            sha=head.sha,
            rank=head.rank,
            text=_bare(head, lines),
            file=head.file or "",
        )
        for head, lines in found
        if head.workflow
    )


def gathered(bodies: Iterable[str | None]) -> tuple[Section, ...]:
    """The sections of several comments of ours, oldest first: what a workflow says of a commit in a
    later one counts.
    """
    found: list[Section] = []
    for section in (section for body in bodies for section in split(body)):
        found = [each for each in found if each.sha != section.sha or not section.replaces(each)]
        found.append(section)
    return tuple(found)


def renewed(standing: Iterable[Section], body: str, part: str) -> str:
    """A comment in which one workflow's part is new, with the others as they stand by now; green
    ones only where they were planned, or alone.
    """
    planned = split(body)
    named, commits = {each.part for each in planned}, {each.sha for each in planned}
    new = [each for each in planned if each.part == part]
    others = [
        each
        for each in standing
        if each.part != part and not any(own.replaces(each) for own in new)
        if each.sha in commits and (each.rank < GREEN or each.part in named)
    ]
    if set(others) == {each for each in planned if each.part != part}:
        return body
    alone = not others or len(planned) > 1
    own = [each for each in new if each.rank < GREEN or alone]
    return join([*own, *others], Limits()) if own or others else body


def _joined(ordered: list[Section]) -> str:
    """The marker, then every section; each is named when there are several."""
    parts = [
        f"{_hidden(section)}\n{_named(section) if len(ordered) > 1 else section.text.strip()}"
        for section in ordered
    ]
    return "\n".join([markers.mark(Mark.PULL_REQUEST), "\n\n---\n".join(parts), ""])


def _hidden(section: Section) -> str:
    file = section.file or None
    return markers.hide(
        _Head(workflow=section.workflow, sha=section.sha, rank=section.rank, file=file)
    )


def _name(workflow: str) -> str:
    """The headline's start when there are several sections."""
    return f"**{untrusted.inline(render.short(workflow, _NAME))}: "


def _named(section: Section) -> str:
    """The text with its workflow in front of the headline."""
    text = section.text.strip()
    return _name(section.workflow) + text[2:] if text.startswith("**") else text


def _bare(head: _Head, lines: list[str]) -> str:
    """The text as it was before it was joined with others."""
    text = "\n".join(lines).strip().removesuffix("---").strip()
    name = _name(head.workflow)
    return f"**{text.removeprefix(name)}" if text.startswith(name) else text
