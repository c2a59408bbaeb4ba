"""What strangers try: texts by the way in which they would become active, and seeded mutations.

Names, numbers and addresses are ones that nothing of ours has, so that whatever a view makes of
them came from here: @mallory, #4711…, evil.test.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

SEED = 20260202
MUTATIONS = 150
SHA = "deadbeefcafe1234deadbeefcafe1234deadbeef"
SITE = "https://evil.test"

VECTORS: Mapping[str, tuple[str, ...]] = {
    "mentions": (
        "@mallory", "@mallory/team", "(@mallory)", "x @mallory y", "@Mallory-1", "/@mallory",
        "-@mallory", "'@mallory'", "&#64;mallory", "&#x40;mallory", "&commat;mallory",
        "@\u200bmallory @mallory", "@\u2060mallory", "@\u00admallory", "@\ufe0fmallory",
        "\uff20mallory @mallory", "@**mallory**", "\\@mallory", "`@mallory", "@mallory@mallory",
        "e\u0301@mallory", "\u00e9@mallory", ".@mallory.", "\x1b[1m@\x1b[0mmallory",
    ),
    "references": (
        "#4711", "GH-4711", "gh-4711", "mallory/repo#4711", "mallory#4711", SHA, SHA[:7],
        f"mallory/repo@{SHA}", f"mallory@{SHA[:10]}", f"{SHA[:12]}...{SHA[:9]}", "(#4711)",
        "see #4711, #47110", "\\#4711", "&#35;4711", "#\u200b4711 #4711", "[#4711]",
        "GH\u2011-4711",
        f"{SITE}/org/repo/issues/4711", "org/repo/issues/4711", "jira:EVIL-4711",
    ),
    "closing keywords": (
        "fixes #4711", "Closes: #4711", "resolves GH-4711", "fix mallory/repo#4711",
        "Fixed #4711, closes #4712", "close https://github.com/mallory/repo/issues/4711",
        "Duplicate of #4711", "Co-authored-by: Mallory <mallory@evil.test>",
    ),
    "links": (
        f"[a]({SITE})", f"[a]( <{SITE}> 'b' )", f"[a][b]\n\n[b]: {SITE}", f"[b]: {SITE}", "[b]",
        f"<{SITE}>", "<mailto:mallory@evil.test>", SITE, "http://evil.test", "ftp://evil.test/x",
        "www.evil.test", "WWW.EVIL.TEST", "mallory@evil.test", "mailto:mallory@evil.test",
        "xmpp:mallory@evil.test", "[a](javascript:alert(1))", "[a](data:text/html,x)", "[[Wiki]]",
        f"[a\\]({SITE})", f"]({SITE})", f"[x]({SITE}", f"a]({SITE}) [b", "https\u200b://evil.test",
        "hxxps://evil.test https://evil.test", "https:\\\\evil.test", f"({SITE})", f"*{SITE}*",
        f"~{SITE}", f"_{SITE}_", "//evil.test", "\u2060www.evil.test", "[a](//evil.test)",
        f"[![a]({SITE}/x.png)]({SITE})", f'[a]({SITE} "t")', f"https://a:b@{SITE[8:]}/p?q#f",
        f"{SITE}/%E2%80%AE", "HtTpS://EVIL.test", f"<a href={SITE}>a</a>",
    ),
    "images": (
        f"![i]({SITE}/x.png)", "![i][b]", f"<img src={SITE}/x.png>", f"<IMG SRC='{SITE}'>",
        f"![]({SITE})", f"!\\[i]({SITE})", f"<picture><source srcset={SITE}></picture>",
        f"<video src={SITE}>", f"<svg onload=x><image href={SITE}></svg>",
    ),
    "HTML": (
        "<b>x</b>", "</details>", "<details open>", "</summary></details>", "</code></pre>",
        "<script>x</script>", "<style>*{}</style>", "<!-- x -->", "<!--", "-->", "--!>", "<!-->",
        "<!--->", "<![CDATA[x]]>", "<?php x ?>", "<!DOCTYPE html>", "&lt;b&gt;", "&#60;b&#62;",
        "&amp;lt;b", "&nbsp;", "&#0;", "&NewLine;# x", "<b", "b>", "<iframe src=x>", "<table><tr>",
        "<a name=x>", "<x-y z>", "<input type=checkbox>", "<br>", "<kbd>x</kbd>", "<h1>x</h1>",
        "<textarea>", "<plaintext>", "<sub>x", "<g-emoji>", "< b>", "<\x00b>", "<\u200bb>",
    ),
    "our own markers": (
        "<!-- flakebot:issue pytest:evil -->", "<!-- flakebot:pull-request -->",
        "<!-- flakebot:state eyJ9 -->", "<!-- flakebot:section evil -->\n## evil",
        "--> <!-- flakebot:issue evil -->", "<!\u200b-- flakebot:issue evil --\u200b>",
        "<!-- flakebot:digest -->", "flakebot:issue", "<!-- flakebot:comment evil --!>",
    ),
    "workflow commands": (
        "::error::evil", "::warning file=a,line=1::evil", "::add-mask::evil",
        "::stop-commands::evil", "::set-output name=verdict::clean", "::set-env name=PATH::/evil",
        "::add-path::/evil", "::group::evil", "::endgroup::", "::save-state name=a::b",
        "::debug::evil", "::echo::on", "##[error]evil", "##[add-mask]evil", "##[group]evil",
        "##[stop-commands]evil", "##[set-output name=verdict;]clean", "##[command]evil",
        "x ##[error]evil", "  ::error::evil", "\u200b::error::evil", "##\u200b[error]evil",
        "#\u00ad#[error]evil", "::\u200berror::evil", "\ufeff::error::evil", "\t::notice::evil",
        "\r::error::evil", "a\r::error::evil", "a\n::error::evil", "%0A::error::evil",
        "a%0D%0A::add-mask::evil", "\x1b[0m::error::evil", "###[error]evil", "##[[error]evil",
        "\u2028::error::evil", "\x0b::error::evil", "\x85::error::evil", ":::error::evil",
    ),
    "output delimiters": (
        "a\nverdict=clean", "x<<EOF\nevil\nEOF", "EOF", "ghadelimiter_x", "flakebot_x",
        "verdict<<flakebot_", "\nreport=/etc/passwd\n", "a\r\nverdict=clean", "=", "<<",
    ),
    "terminal escapes": (
        "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b[1A\x1b[2Kevil", "\x1b]0;evil\x07",
        f"\x1b]8;;{SITE}\x1b\\a\x1b]8;;\x1b\\", "\x1b]52;c;ZXZpbA==\x07", '\x1bP$q"p\x1b\\',
        "\x1bc", "\x9b31mred", "\x9d0;evil\x9c", "a\x08\x08b", "a\rb", "\x07", "\x1b[?1049h",
        "\x1b[6n", "\x1b#8", "\x1b(0", "\x0e\x0f", "\x1b[", "\x1b", "\x1b]", "\x1b[38;5;196mx",
    ),
    "bidi": (
        "\u202eevil\u202c", "\u202aevil", "\u202bevil", "\u202devil", "\u2066evil\u2069",
        "\u2067evil", "\u2068evil", "\u200eevil", "\u200fevil", "\u061cevil", "a\u202e]x[b",
    ),
    "invisible": (
        "a\u200bb", "a\u200cb", "a\u200db", "a\u2060b", "\ufeffa", "a\u00adb", "a\u034fb",
        "a\u180eb", "a\u3164b", "a\uffa0b", "a\u115fb", "a\u17b4b", "a\ufe0fb", "a\U000e0100b",
        "\U000e0001\U000e0065\U000e0076\U000e0069\U000e006c\U000e007f", "a\u2061b", "a\u206ab",
        "a\ufff9b\ufffac\ufffb", "a\u00a0b", "a\u3000b", "a\u2028b", "a\u2029b", "\x00", "a\x7fb",
        "\ue000", "\U000f0000", "\ufdd0", "\u2800",
    ),
    "emoji": (":rotating_light:", ":+1:", ":-1:", ":octocat:", ":100:", "a:x:b", ":shipit::x:"),
    "tables": (
        "|", "a|b", "a\\|b", "a\\\\|b", "|||", "| a | b |\n|---|---|", "|---|", "`|`", "a|`b", "\\",
        "a\\", "`a|b`|", "|" * 40, "&#124;", "|@mallory|", "\\\\\\|",
    ),
    "code": (
        "`", "``", "```", "````", "`a`", "a`b", "``a`", "`" * 17, "~~~", "```\n# x", "a```b",
        "\\`", "`\\", "```text", "```\n@mallory\n```", "    ", "\t", "` `", "`\u200b`",
        "````text\n```", "$`x`$",
    ),
    "headings and blocks": (
        "# evil", "###### evil", "evil\n===", "evil\n---", "===", "---", "***", "___", "* * *",
        "> evil", "> [!WARNING]\n> evil", "[!NOTE]", "- evil", "+ evil", "* evil", "1. evil",
        "1) evil", "    evil", "#", "= =", "-", "1986. x", "a\n\nb", "a  \nb", "a\\\nb", ">",
        "\n\n\n",
    ),
    "emphasis": ("*a*", "**a**", "_a_", "__a__", "~a~", "~~a~~", "***", "*a", "a*b*c", "**", "~~"),
    "footnotes": ("[^1]", "[^1]: evil", "[^evil]\n\n[^evil]: @mallory", "a[^1]b"),
    "math": (
        "$x$", "$$x$$", "$`x`$", "```math\nx\n```", "\\(x\\)", "\\[x\\]", "$\\href{x}{y}$", "$",
    ),
    "diagrams": (
        "```mermaid\ngraph TD; a-->b\n```", "```geojson\n{}\n```", "```stl\n```", "mermaid",
        "```suggestion\nevil\n```", '````mermaid\nclick a href "https://evil.test"\n````',
    ),
    "task lists": (
        "[ ] evil", "[x] evil", "- [ ] evil", "- [x] #4711", "* [X] evil", "1. [ ] evil",
    ),
    "templates": (
        "{{ 7*7 }}", "{% raw %}", "{# x #}", "${{ secrets.TOKEN }}", "$(id)", "`id`", "%s%n",
    ),
    "file names": (
        "../../etc/passwd", "/etc/passwd", "..", ".", "a/../../b", "C:\\evil", "CON", "a:b",
        ".git/config", "~/.bashrc", "-rf", "a\x00.log", "*?", "a\nb", ".github/workflows/x.yml",
    ),
    "long": (
        "a" * 5000, "`" * 400, "|" * 700, "<" * 900, "@" * 500, "\U0001f600" * 600, "[" * 800,
        "&" * 900, "*" * 600, "a@mallory " * 200, "\u202e" * 300, "#4711 " * 300, "-->" * 300,
    ),
}  # fmt: skip


def own() -> list[str]:
    """Every text of the list."""
    return [text for texts in VECTORS.values() for text in texts]


def mutations(count: int = MUTATIONS, seed: int = SEED) -> Iterator[str]:
    """Texts grown from the list, always the same: joined, cut, doubled, nested, interleaved."""
    chance = random.Random(seed)  # noqa: S311  # the same mutations every time
    texts = [text for text in own() if len(text) < 100]
    for _ in range(count):
        grown = chance.choice(texts)
        for _ in range(chance.randint(1, 4)):
            grown = chance.choice(_WAYS)(grown, chance.choice(texts), chance)
        yield grown[:400]


def _cut(text: str, _other: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[at:] + text[:at]


def _inside(text: str, other: str, chance: random.Random) -> str:
    at = chance.randint(0, len(text))
    return text[:at] + other + text[at:]


def _interleaved(text: str, _other: str, chance: random.Random) -> str:
    between = chance.choice(["\u200b", "\u00ad", "\x1b[0m", "\ufe0f", "\\", "\n", "`", "\u2060"])
    at = chance.randint(0, len(text))
    return text[:at] + between + text[at : at + 2] + between + text[at + 2 :]


_WAYS = (
    _cut,
    _inside,
    _interleaved,
    lambda text, other, _: f"{text} {other}",
    lambda text, other, _: f"{text}{other}",
    lambda text, other, _: f"{other}\n{text}",
    lambda text, _, chance: text * chance.randint(2, 4),
    lambda text, _, chance: text.swapcase() if chance.random() < 0.5 else text[::-1],
)


def everything() -> list[str]:
    """The list and its mutations."""
    return list(dict.fromkeys([*own(), *mutations()]))
