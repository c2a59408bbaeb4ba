"""Nothing that a log says is active where flakebot writes it."""

from __future__ import annotations

import json
import shlex

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from flakebot import untrusted
from flakebot.errors import InputError

B = untrusted.BREAK
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}

HOSTILE = [
    "@octocat", "#123", "GH-1", "user/repo#1", "fixes #1", "closes GH-7", "a" * 40,
    "[a](https://evil.test)", "![a](https://evil.test/x.png)", "<https://evil.test>",
    "https://evil.test", "www.evil.test", "WWW.evil.test", "bob@evil.test", "mailto:bob@evil.test",
    "<b>", "<img src=x onerror=y>", "</details>", "&#64;octocat", "&commat;octocat", "<!--", "-->",
    "--!>", "`", "``", "```", "~~~", "|", "\\|", "\\", "\n", "\r\n", "\x1b[31m", "\x1b]8;;x\x07",
    "\x9b31m", "\x00", "\u202e", "\u200b", "\U000e0041", ":x:", ":+1:", "$x$", "*a*", "_a_",
    "~~a~~", "# ", "- ", "+ ", "1. ", "1) ", "> ", "===", "---", "    ", "[a]: https://evil.test",
    "[^1]", "::error::x", "##[error]x", "##[add-mask]x", "::stop-commands::x", " ", "x", "é",
]  # fmt: skip
ANY = st.one_of(st.text(), st.lists(st.sampled_from(HOSTILE)).map("".join))


def tokens(text: str) -> list[Token]:
    """All tokens of a Markdown text, flat."""
    return [
        inner
        for outer in MARKDOWN.parse(text)
        for inner in (outer, *(outer.children or ()))
        if not (inner.type == "text" and not inner.content)
    ]


def code(text: str) -> str:
    """The content of the only code in a Markdown text."""
    (token,) = (t for t in tokens(text) if t.type in {"code_inline", "fence"})
    return token.content


def visible(text: str) -> str:
    """What a person sees of a cleaned text."""
    return untrusted.clean(text).replace(B, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("é", "é"),
        ("e\u0301", "é"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2K\x1b[1Aup", "up"),
        ("\x9b31mred", "red"),
        ("\x1b]8;;https://evil.test\x07link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;title", ""),
        ("\x1bPq#0\x1b\\sixel", "sixel"),
        ("\x90q\x9cx", "x"),
        ("\x1b(Bx\x1bcy\x1b", "xy"),
        ("a\tb\nc\r\nd\u2028e\u00a0f", "a b c  d e f"),
        ("a\x00b\x07c\x08d\x7fe\x85f", "abcde f"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("z\u200be\u200cr\u200do\u2060\ufeff", "zero"),
        ("t\U000e0041\U000e007fag", "tag"),
        ("v\ufe0f\U000e0100\u034f\u3164s", "vs"),
        ("half \ud800", "half "),
    ],
)
def test_only_visible_characters_stay(text: str, expected: str) -> None:
    """Colours, links, overrides and hidden characters go, words stay."""
    assert untrusted.clean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tests/a.py::TestB::test_c[x-y]", "`tests/a.py::TestB::test_c[x-y]`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("``", "``` `` ```"),
        ("", "`(empty)`"),
        (" \n\x1b[0m", "`(empty)`"),
        ("@octocat", f"`@{B}octocat`"),
        ("see (@org/team) a@b.c", f"`see (@{B}org/team) a@b.c`"),
        ("<!-- flakebot -->", f"`<!-{B}- flakebot -{B}->`"),
        ("--!>", f"`-{B}-!>`"),
        ("#1 <b> &#64;", "`#1 <b> &#64;`"),
    ],
)
def test_a_code_span_holds_its_text(text: str, expected: str) -> None:
    """The fence is longer than any run of backticks inside, and ids stay readable."""
    assert untrusted.code_span(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a|b", r"`a\|b`"), (r"a\|b", rf"`a\{B}\|b`"), ("a\n|b", r"`a \|b`"), ("|", r"`\|`")],
)
def test_a_pipe_does_not_end_a_cell(text: str, expected: str) -> None:
    """A pipe is escaped, also behind a backslash."""
    assert untrusted.table_code(text) == expected


@pytest.mark.parametrize(
    ("lines", "limit", "expected"),
    [
        ([], 9, ""),
        (["a", "\tb  "], 99, "```text\na\n    b\n```"),
        (["```", "x"], 99, "````text\n```\nx\n````"),
        (["a\n```\n@bob"], 99, f"````text\na ``` @{B}bob\n````"),
        (["abcdef", "g"], 3, "```text\nabc…\n… 1 more line\n```"),
        (["abc", "d", "e", ""], 3, "```text\nabc\n… 3 more lines\n```"),
        (["ab", "c"], 4, "```text\nab\nc\n```"),
    ],
)
def test_a_fence_holds_its_lines(lines: list[str], limit: int, expected: str) -> None:
    """The block ends where we end it, and says what it leaves out."""
    assert untrusted.fence(lines, limit=limit) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Linux / test (3.11)", "Linux / test (3.11)"),
        (" a_b ", r"a\_b"),
        ("@octocat", f"@{B}octocat"),
        ("fixes user/repo#1", f"fixes user/repo#{B}1"),
        ("closes gh-1", f"closes gh-{B}1"),
        ("https://x.test", f"https:{B}//x.test"),
        ("www.x.test", f"www{B}.x.test"),
        ("@www.x", f"@{B}www{B}.x"),
        ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
        ("<b>&#64;</b>", f"&lt;b&gt;&amp;#{B}64;&lt;/b&gt;"),
        ("<!-- x -->", "&lt;!-- x --&gt;"),
        ("0123456789abcdef", f"012345{B}6789ab{B}cdef"),
        ("a:x:b::y:", f"a:{B}x:{B}b::{B}y:"),
        ("a|b", "a&#124;b"),
        ("$x$", f"{B}&#36;{B}x{B}&#36;{B}"),
        ("# a", f"\\#{B} a"),
        ("- a", r"\- a"),
        ("12. a", r"12\. a"),
        ("=== a", r"\=== a"),
        ("`*~\\", r"\`\*\~\\"),
    ],
)
def test_inline_text_says_only_what_it_says(text: str, expected: str) -> None:
    """Every construct of GitHub's Markdown is parted or escaped."""
    assert untrusted.inline(text) == expected


@pytest.mark.parametrize(
    ("text", "data", "prop"),
    [
        ("50%", "50%25", "50%25"),
        ("a\r\nb\nc", "a%0Ab%0Ac", "a  b c"),
        ("a: b, c", "a: b, c", "a%3A b%2C c"),
        ("::set-output name=x::y", "::set-output name=x::y", "%3A%3Aset-output name=x%3A%3Ay"),
        ("x ##[add-mask]y", "x ## [add-mask]y", "x ## [add-mask]y"),
        ("\x1b[31mred", "red", "red"),
    ],
)
def test_a_command_is_one_command(text: str, data: str, prop: str) -> None:
    """What is inside a workflow command neither ends it nor begins another."""
    assert (untrusted.command_data(text), untrusted.command_property(text)) == (data, prop)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tests/a.py::test_b FAILED", "tests/a.py::test_b FAILED"),
        ("2026 ##[error]x ###[group]y", "2026 ## [error]x ### [group]y"),
        ("::add-mask::x", ": :add-mask::x"),
        ("  \t::add-mask::x", ": :add-mask::x"),
        (":::x", ": ::x"),
        ("\u200b:\u200b:error::x", ": :error::x"),
        ("#\x1b[0m#[error]", "## [error]"),
        ("a\n::error::b", "a ::error::b"),
    ],
)
def test_the_runner_finds_no_command(text: str, expected: str) -> None:
    """Both syntaxes of commands are parted by a character that collation sees."""
    assert untrusted.plain_line(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("iter_1.log", "iter_1.log"),
        ("../../etc/passwd", "etc_passwd-3754d6cb"),
        ("a b", "a_b-c8687a08"),
        ("a\x00b", "ab-59b271ae"),
        ("", "unnamed-e3b0c442"),
        ("..", "unnamed-5ec1f7e7"),
        ("\ud800", "unnamed-91a681b9"),
        ("a" * 101, "a" * 100 + "-9d079339"),
    ],
)
def test_a_file_name_stays_in_its_folder(text: str, expected: str) -> None:
    """Changed names carry a hash, so that they do not meet."""
    assert untrusted.file_name(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "n=\n"),
        ("a<<b", "n=a<<b\n"),
        ("a\nb=c", "n<<D\na\nb=c\nD\n"),
    ],
)
def test_an_output_is_one_output(value: str, expected: str) -> None:
    """Several lines stand between delimiters."""
    assert untrusted.output_value("n", value, "D") == expected


@pytest.mark.parametrize(
    ("name", "value", "delimiter"),
    [("a\nb", "", "D"), ("a=b", "", "D"), ("a<<b", "", "D"), ("", "", "D"),
      ("n", "\nD\n", "D"), ("n", "\n", "")],
)  # fmt: skip
def test_a_forged_output_is_refused(name: str, value: str, delimiter: str) -> None:
    """A name of several lines, and a value that knows the delimiter."""
    with pytest.raises(InputError, match=r"is no name of an output|holds its own delimiter"):
        untrusted.output_value(name, value, delimiter)


def test_a_terminal_shows_one_line() -> None:
    """Nothing moves the cursor."""
    assert untrusted.terminal("a\x1b[2J\r\nb") == "a  b"


@pytest.mark.parametrize("text", ["##[error]x", "###[add-mask]x", "::error::x", "a\n::x", "é"])
def test_json_on_standard_output_holds_no_command(text: str) -> None:
    """And says the same to whoever decodes it."""
    line = untrusted.json_line({"a": [text]})
    assert json.loads(line) == {"a": [text]}
    assert line.isascii()
    assert "##[" not in line
    assert "\n" not in line


@given(ANY)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """What is clean stays, and is one line."""
    once = untrusted.clean(text)
    assert untrusted.clean(once) == once
    assert once.splitlines() in ([], [once])


@given(ANY)
def test_no_text_leaves_its_code_span(text: str) -> None:
    """Between words there is one code span and nothing else, and it shows the text."""
    markdown = f"a {untrusted.code_span(text)} b"
    assert {t.type for t in tokens(markdown)} == HARMLESS - {"text_special"} | {"code_inline"}
    assert visible(code(markdown)) == (visible(text).strip() or "(empty)")


@given(ANY)
def test_no_text_leaves_its_cell(text: str) -> None:
    """A row keeps its three cells, and the cell shows the text."""
    cell = untrusted.table_code(text)
    found = tokens(f"| a | b | c |\n|---|---|---|\n| x | {cell} | y |\n")
    assert [t.type for t in found].count("td_open") == 3
    assert {t.type for t in found} & {"html_inline", "html_block", "link_open", "image"} == set()
    (shown,) = (t.content for t in found if t.type == "code_inline")
    assert visible(shown) == (visible(text).strip() or "(empty)")


@given(st.lists(ANY, min_size=1))
def test_no_text_leaves_its_fence(lines: list[str]) -> None:
    """A block is one block, and what follows it is a paragraph."""
    found = tokens(untrusted.fence(lines) + "\nafter")
    assert [t.type for t in found][:2] == ["fence", "paragraph_open"]
    assert found[-2].content == "after"


@given(ANY)
def test_inline_text_is_nothing_but_text(text: str) -> None:
    """It begins no block, has no markup, and reads as it was written."""
    found = tokens(untrusted.inline(text))
    assert {t.type for t in found} <= HARMLESS
    shown = "".join(t.content for t in found if t.type in {"text", "text_special"})
    assert shown.replace(B, "") == visible(text).strip()
    links = r"(?i)@[a-z0-9]|#\d|\bGH-\d|://|www\.|\b[0-9a-f]{7,40}\b|:[a-z0-9_+-]+:"
    assert re2.search(links, shown) is None


@given(ANY)
def test_no_mention_survives_in_code(text: str) -> None:
    """An answer by e-mail that quotes our text as plain text pings nobody and forges no marker."""
    for quoted in (untrusted.code_span(text), untrusted.fence([text])):
        assert re2.search(r"(^|[^A-Za-z0-9_])@[A-Za-z0-9]|<!--|--!?>", quoted) is None


@given(ANY)
def test_a_command_is_pasted_as_it_was(text: str) -> None:
    """The shell puts together again what parts a mention, where nothing invisible would do."""
    word = untrusted.clean(text)
    block = untrusted.fence([untrusted.shell(f"run {shlex.quote(word)}")])
    shown = block.partition("\n")[2].rpartition("\n")[0]
    assert re2.search(r"(^|[^A-Za-z0-9_])@[A-Za-z0-9]|<!--|--!?>", shown) is None
    assert B not in shown
    assert shlex.split(shown) == ["run", word]


@given(ANY)
def test_no_command_survives(text: str) -> None:
    """No printed line is a command, and none of our commands holds another."""
    line = untrusted.plain_line(text)
    assert not line.lstrip().startswith("::")
    for printed in (line, untrusted.command_data(text), untrusted.command_property(text)):
        assert "##[" not in printed
        assert printed.splitlines() in ([], [printed])


@given(ANY)
def test_a_file_name_is_one_component(text: str) -> None:
    """Letters, digits, dots, underscores and hyphens; neither hidden nor an option."""
    assert re2.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,109}", untrusted.file_name(text))
