"""Patterns and readers meet lines made to hurt them.

No test here looks at a clock. That reading is linear follows from three things that can be seen:
patterns over log text are RE2 (https://swtch.com/~rsc/regexp/regexp3.html: linear in the text, and
at most as many steps for a character as the program has instructions), the few that are not RE2
cannot go back, and what Python itself does is counted.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
import re2

import flakebot
from flakebot import fingerprint, secrets_mask, untrusted
from flakebot.logs import Reader
from flakebot.model import LogReading
from flakebot.reading import rules
from flakebot.reading.classify import read_log
from flakebot.reading.rule_faults import PROGRAM
from flakebot.reading.rules import Rule
from flakebot.settings import Limits

codes: Any = importlib.import_module("re._constants")  # how `re` itself parses a pattern
parser: Any = importlib.import_module("re._parser")

SIZE = 1024 * 1024
RULES = rules.builtin().rules
STAMP = "2026-03-02T08:15:20.1145320Z "
SOURCE = Path(flakebot.__file__).parent
MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(flakebot.__path__, "flakebot.")
    if found.name != "flakebot.__main__"
]


def filled(piece: str, size: int = SIZE) -> str:
    """The piece again and again."""
    return (piece * (size // len(piece) + 1))[:size]


def hostile(rule: Rule) -> Iterator[str]:
    """Lines of a megabyte that a rule nearly matches everywhere, or only at their very end."""
    example = rule.match[0]
    yield filled(example[:-1] or example)
    yield filled(example[: len(example) // 2 + 1]) + example
    yield filled(example)
    yield filled(example[0]) + example
    yield filled(example[len(example) // 2 :])
    yield filled(rule.no_match[0])
    literals = [word for word in re2.findall(r"[A-Za-z0-9:. ]{4,}", rule.pattern) if word.strip()]
    yield filled("".join(literals) or rule.pattern)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_and_the_whole_set_agree_on_hostile_lines(rule: Rule) -> None:
    """A set of RE2 that runs out of memory finds nothing: on a line of 1 MB it still finds what the
    pattern finds alone.
    """
    scope: Literal["test", "job"] = "test" if rule.scope == "test" else "job"
    pattern = rules.compiled(rule.pattern)
    for line in hostile(rule):
        alone = pattern.search(line) is not None
        assert (rule in rules.builtin().search(line, scope)) is alone
        assert rules.builtin().fits(rule, line) in {True, False}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_log_of_hostile_lines_is_read_as_if_they_were_cut(rule: Rule) -> None:
    """Nothing behind the first 64 KiB of a line is ever looked at, however it arrives."""
    limit = Limits().line_bytes
    lines = list(hostile(rule))[:1]
    whole = [STAMP + line for line in lines]
    ends = [STAMP + "##[error]Process completed with exit code 1.", ""]
    cut = [STAMP + line.encode()[:limit].decode(errors="ignore") for line in lines]
    found = _read("\n".join([*whole, *ends]))
    assert [problem.reason for problem in found.problems] == [
        f"Of lines longer than {limit} bytes only the head was read."
    ]
    assert replace(found, problems=()) == _read("\n".join([*cut, *ends]))


def _read(text: str) -> LogReading:
    data = text.encode()
    chunks = [data[at : at + 100_000] for at in range(0, len(data), 100_000)]
    return read_log("log", chunks, rules.builtin(), Limits())


@pytest.mark.parametrize("chunk", [7_001, SIZE, 3 * SIZE])
def test_a_line_is_cut_before_anything_reads_it(chunk: int) -> None:
    """A line of three megabytes is one of 64 KiB, whatever the pieces it comes in."""
    data = (STAMP + filled("[gw0] ", 3 * SIZE) + "\nnext\n").encode()
    chunks = (data[at : at + chunk] for at in range(0, len(data), chunk))
    found = list(Reader(Limits()).lines(chunks))
    assert len(found[0].text.encode()) <= Limits().line_bytes
    assert found[-1].text == "next"


# ------------------------------------------------------------------------------------------
# Which engine, and how large


def _patterns(kind: type) -> dict[str, Any]:
    """Compiled patterns of all modules, also those in tuples, lists and tables."""
    found: dict[str, Any] = {}
    for module in MODULES:
        for name, thing in vars(module).items():
            for place, each in enumerate(_flat(thing)):
                if isinstance(each, kind):
                    found[f"{module.__name__}.{name}[{place}]"] = each
    return found


def _flat(thing: object) -> Iterator[object]:
    if isinstance(thing, dict):
        thing = (*thing.values(),)
    if isinstance(thing, (tuple, list)):
        for each in thing:
            yield from _flat(each)
    else:
        yield thing


RE2 = _patterns(re2._Regexp)
BACKTRACKING = _patterns(re.Pattern)


def test_patterns_are_found() -> None:
    """The tables below are no empty ones."""
    assert len(RE2) > 100
    assert 0 < len(BACKTRACKING) < 10


def test_no_module_searches_with_another_engine() -> None:
    """What is not a pattern of a module, and so not seen below, searches no log: `demo` reads a
    file of ours.
    """
    users = {
        path.name
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom)) and _is_re(node)
    }
    seen = {name.split("[")[0].split(".")[-2] + ".py" for name in BACKTRACKING}
    assert users == seen | {"demo.py"}


def _is_re(node: ast.Import | ast.ImportFrom) -> bool:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
    return any(name in {"re", "regex", "sre_compile"} for name in names)


@pytest.mark.parametrize("name", BACKTRACKING)
def test_what_is_not_re2_cannot_go_back(name: str) -> None:
    """Python's own engine is linear where nothing without a bound gives back what it took, and
    where a search cannot begin inside of what one before has run over.
    """
    tree = parser.parse(BACKTRACKING[name].pattern)
    assert [code for code, _ in _codes(tree) if code in {codes.MAX_REPEAT, codes.MIN_REPEAT}] == []
    first = tree[0]
    assert first[0] is codes.LITERAL
    runs = [body for code, body in _codes(tree) if code is codes.POSSESSIVE_REPEAT]
    eats = [run for run in runs if run[1] > PROGRAM and _matches(run[2], first[1])]
    assert eats == []


def _codes(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every node of a parsed pattern; bounded repetitions of one thing are as good as text."""
    for code, body in tree:
        bounded = code in {codes.MAX_REPEAT, codes.MIN_REPEAT} and body[1] <= 100
        if not bounded:
            yield code, body
        for each in body if isinstance(body, tuple) else ():
            for part in each if isinstance(each, list) else [each]:
                if isinstance(part, parser.SubPattern):
                    yield from _codes(part)


def _matches(tree: Any, mark: int) -> bool:
    """Whether anything that is repeated takes the byte that a search begins with."""
    return any(_takes(code, body, mark) for code, body in _codes(tree))


def _takes(code: Any, body: Any, mark: int) -> bool:
    if code in {codes.LITERAL, codes.NOT_LITERAL}:
        return bool((body == mark) is (code is codes.LITERAL))
    if code is codes.ANY:
        return True
    if code is not codes.IN:
        return False
    literal = any(item == (codes.LITERAL, mark) for item in body)
    ranged = any(kind is codes.RANGE and item[0] <= mark <= item[1] for kind, item in body)
    category = any(kind is codes.CATEGORY and _in_category(item, mark) for kind, item in body)
    return (literal or ranged or category) is not (body[0][0] is codes.NEGATE)


def _in_category(category: Any, mark: int) -> bool:
    known = {
        codes.CATEGORY_WORD: rb"\w",
        codes.CATEGORY_DIGIT: rb"\d",
        codes.CATEGORY_SPACE: rb"\s",
    }
    return re2.search(known[category], bytes([mark])) is not None


@pytest.mark.parametrize("name", RE2)
def test_a_pattern_is_small(name: str) -> None:
    """RE2 takes at most as many steps for a character as a pattern has instructions."""
    assert RE2[name].programsize <= PROGRAM


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_small(rule: Rule) -> None:
    """The same of every rule."""
    assert rules.compiled(rule.pattern).programsize <= PROGRAM
    assert rules.compiled(rule.needs).programsize <= PROGRAM


# ------------------------------------------------------------------------------------------
# What Python does itself

TEXTS = (
    "a", "@a ", "#1 ", "http://a ", "ghp_", " token=", "-----BEGIN ", "eyJ", "::", "##[", "`",
    "<!--", "-->", "0a1b2c3d", "/tmp/a/", "127.0.0.1:80 ", "[gw1] ", "::a-", "*** ", "\x1b[0m", "é",
    "password: ", "https://a:b@c ", "\u202e", "| ", "0x7f ", "Bearer ", "%", "\\", "\r", "E ", "\t",
)  # fmt: skip
FUNCTIONS: dict[str, Callable[[str], object]] = {
    "clean": untrusted.clean,
    "code_span": untrusted.code_span,
    "table_code": untrusted.table_code,
    "fence": lambda text: untrusted.fence([text]),
    "inline": untrusted.inline,
    "command_data": untrusted.command_data,
    "command_property": untrusted.command_property,
    "plain_line": untrusted.plain_line,
    "terminal": untrusted.terminal,
    "file_name": untrusted.file_name,
    "mask": secrets_mask.mask,
    "normalise": fingerprint.normalise,
    "read_log": lambda text: _read("\n".join(STAMP + text for _ in range(3))),
}
CONSTANT = 3000
"""Calls that do not depend on the text."""


def _calls(function: Callable[[str], object], text: str) -> int:
    """How many calls of Python and C functions it takes: the same number on every machine."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    function(text)  # what is made once is made now
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", FUNCTIONS)
def test_calls_grow_no_faster_than_the_text(name: str) -> None:
    """Four times the text takes at most four times the calls."""
    function = FUNCTIONS[name]
    for piece in TEXTS:
        small, large = (_calls(function, filled(piece, size)) for size in (1_000, 4_000))
        assert large <= 4 * small + CONSTANT, piece
