"""Whatever strangers write, nothing active comes out of any view, and ids stay readable.

Hundreds of texts go through the whole pipeline, a handful a run, into every view; each view is
read as GitHub, the runner or a terminal reads it; `make hardening-report` counts with the same
functions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.hostile import carrying, reader, vectors
from tests.hostile.carrying import Views
from tests.runner import command_files
from tests.runner.commands import Console
from tests.scenarios.build import URL, full

from flakebot import untrusted
from flakebot.changes import OpenIssue
from flakebot.sinks import annotations as notes
from flakebot.views import markers
from flakebot.views.markers import Mark

SIZE = 16
"""Texts a run: comments still show all of them."""

SLICES = 18
LONG = 120
"""Characters above which a view may shorten a name."""

OWN_COMMANDS = {"error", "warning", "notice"}
FILE = r"[a-z-]+/[A-Za-z0-9._-]+\.log"


def batches() -> list[list[str]]:
    """All texts, a run's worth each."""
    texts = vectors.everything()
    return [texts[start : start + SIZE] for start in range(0, len(texts), SIZE)]


def found(views: Views, texts: Sequence[str]) -> list[str]:
    """Everything that got through, each with its view; nothing when all is well."""
    checks = (_markdown, _titles, _markers, _console, _annotations, _files, _terminal)
    return [each for check in checks for each in check(views)] + list(_lost(views, texts))


def _markdown(views: Views) -> Iterator[str]:
    numbers = {carrying.PULL, *views.swept}
    own = reader.Own(site=f"{URL}/", numbers=numbers, shas={full("head"), full("base")})
    for name, body in views.bodies.items():
        yield from (f"{name}: {each}" for each in reader.active(body, own))


def _titles(views: Views) -> Iterator[str]:
    """GitHub knows nothing in a title but code spans and emoji; it must be one visible line."""
    for number, issue in views.swept.items():
        title = issue["title"]
        if len(title) > 200 or "\n" in title or re.search(reader.HIDDEN, title):
            yield f"title of issue {number}: {title!r}"


def _markers(views: Views) -> Iterator[str]:
    """What flakebot will know its texts by is what it wrote."""
    opened = {c.key for c in views.result.plan.changes if isinstance(c, OpenIssue)}
    keys = {markers.key_of(Mark.ISSUE, issue["body"]) for issue in views.issues.values()}
    if keys != opened:
        yield f"markers of issues: {keys ^ opened}"
    for comment in views.comments:
        if not comment.startswith("<!-- flakebot:pull-request -->\n"):
            yield f"first line of a comment: {comment[:80]!r}"


def _console(views: Views) -> Iterator[str]:
    """The runner carries out annotations of ours and nothing else."""
    console = Console()
    console.read(views.console)
    names = {command.name for command in console.commands}
    if names - OWN_COMMANDS or console.masks or console.outputs or console.errors:
        yield f"commands: {names - OWN_COMMANDS} {console.errors}"
    said = views.console.replace("%0A", "")
    yield from (f"console: hidden {each!r}" for each in re.findall(reader.HIDDEN, said))


def _annotations(views: Views) -> Iterator[str]:
    """Also those that ten of a kind leave no room for: one line, one command, three properties."""
    report = views.result.report
    for finding in report.findings:
        (line,) = notes.lines(replace(report, findings=(finding,), events=(), records=()))
        console = Console()
        console.read(line)
        properties = {key for one in console.annotations for key in one.properties}
        if len(console.commands) != 1 or properties - {"file", "title"} or console.shown:
            yield f"annotation: {line!r}"


def _files(views: Views) -> Iterator[str]:
    """Outputs, summary, report and names of files hold what we put there."""
    if command_files.pairs(views.output_file) != views.outputs:
        yield f"outputs: {views.output_file!r}"
    if command_files.summary(views.summary_file) != f"{views.summary}\n":
        yield "summary: another text than ours"
    if re.search(reader.HIDDEN, views.report) or json.loads(views.report)["schema"] != 1:
        yield "report: hidden characters, or no JSON of ours"
    yield from (f"file name {name!r}" for name in views.written if not re.fullmatch(FILE, name))


def _terminal(views: Views) -> Iterator[str]:
    """Nothing moves, hides or reorders; in a step of a workflow nothing is a command either."""
    for name, printed in views.terminal.items():
        console = Console()
        console.read(printed)
        yield from (f"{name}: command {each.name} in its output" for each in console.commands)
        yield from (f"{name}: hidden {each!r}" for each in re.findall(reader.HIDDEN, printed))


def _lost(views: Views, texts: Sequence[str]) -> Iterator[str]:
    """Each test keeps its issue, and each id can be read somewhere, in one piece.

    A text that ends or overwrites its line may take its own id along; so does one too long.
    """
    titles = [issue["title"] for issue in views.issues.values()]
    for number, text in enumerate(texts):
        whole = text.isprintable() and len(text) < LONG
        if whole and not any(f"tests/test_{number}.py::" in title for title in titles):
            yield f"no issue for {carrying.ids(number, text)[0]!r}"
    bodies = views.bodies.values()
    pieces = [reader.shown(piece) for body in bodies for piece in reader.pieces(body)]
    for finding in views.result.report.findings:
        readable = untrusted.clean(finding.test).strip()
        if len(readable) < LONG and not any(readable in piece for piece in pieces):
            yield f"cannot be read in one piece: {readable!r}"


@pytest.mark.parametrize("part", range(SLICES))
def test_nothing_active_gets_through(part: int, tmp_path: Path) -> None:
    """Through every place that strangers fill, out of every view."""
    through = [
        each
        for number, texts in enumerate(batches()[part::SLICES])
        for each in found(carrying.carry(tmp_path / str(number), texts), texts)
    ]
    assert through == []


def test_list_is_long_and_has_no_doubles() -> None:
    """At least four hundred texts, each once, and the mutations are always the same."""
    texts = vectors.everything()
    assert len(texts) == len(set(texts)) >= 400
    assert list(vectors.mutations(20)) == list(vectors.mutations(20))


def test_texts_reach_every_view(tmp_path: Path) -> None:
    """So that the test above is about something: the texts are there, in their harmless form."""
    views = carrying.carry(tmp_path / "run", ["@mallory", "evil"])
    for body in (*views.comments, views.summary, *(i["body"] for i in views.issues.values())):
        assert "evil" in body or f"@{untrusted.BREAK}mallory" in body
    counts = ("sweep", "report")  # which name no test here
    told = [text for name, text in views.terminal.items() if not name.startswith(counts)]
    shown = [views.console, views.report, *told]
    assert all("mallory" in text for text in shown)
    assert {one["title"] for one in views.issues.values()} >= {"Flaky test: evil::zq1t evil"}
    assert len(views.written) == 2


@pytest.mark.parametrize("vector", [name for name in vectors.VECTORS if name not in {
    "closing keywords", "output delimiters", "workflow commands", "templates", "file names",
    "emphasis", "tables", "code", "long",
}])  # fmt: skip
def test_reader_finds_each_vector_where_nothing_is_done(vector: str) -> None:
    """The reader is not blind: of each vector something is found when it is written as it is."""
    own = reader.Own(site=f"{URL}/")
    assert any(reader.active(f"x {t}\n\n{t}\n", own) for t in vectors.VECTORS[vector])
