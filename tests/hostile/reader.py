"""Read a text as GitHub does, and name everything in it that is active and not flakebot's own.

CommonMark with tables and strikethrough by markdown-it-py; what GitHub adds to that (mentions,
references, bare addresses, emoji, formulas, footnotes, alerts, task lists) by rules of our own that
find rather more than GitHub's, so that a doubt is a finding.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
BREAK = "\u200b"
CODE = "\ufffc"
"""Stands for code in prose, where nothing is active."""

RULES = 1
"""Lines across that a body of ours has."""

FENCES = frozenset({"text", "sh", "json"})
TAGS = r"</?(?:sub|details|summary|br|code)>"
OUR_COMMENT = r"<!-- flakebot:[a-z-]+(?: [^\s<>@]+)* -->"
MENTION = r"(?:^|[^A-Za-z0-9_])@[A-Za-z0-9]"
NUMBER = r"#(\d+)"
SHA = r"(?i)(?<![0-9a-z])[0-9a-f]{7,64}(?![0-9a-z])"
PROSE = {
    "reference": r"(?i)\bgh-\d",
    "address": r"(?i)\b(?:https?|ftp)://|\bwww\.[a-z]|\b(?:mailto|xmpp):[a-z]",
    "e-mail": r"[\w.+-]@[A-Za-z0-9-]+\.",
    "emoji": r"(?<!\d):(?:[+-]1|[a-z0-9_]*[a-z_][a-z0-9_+-]*):",
    "formula": r"(?<!\u200b)\$|\$(?!\u200b)",
}
RAW = {
    "footnote": r"(?<!\\)\[\^",
    "wiki link": r"(?<!\\)\[\[",
    "alert or task": r"^\s*\[(?:[ xX]|![A-Z]+)\](?:\s|$)",
}
HIDDEN = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
"""Control, bidirectional and invisible characters, but for the one that we part words with."""


@dataclass(frozen=True, kw_only=True)
class Own:
    """What of the active is flakebot's: where its links lead, its references and commits."""

    site: str
    numbers: Collection[int] = ()
    shas: Collection[str] = ()


def active(text: str, own: Own) -> list[str]:
    """Everything active in a body of Markdown, each with what it is; nothing when all is well."""
    tokens = PARSER.parse(text)
    return [
        *(f"hidden character {found!r}" for found in re.findall(HIDDEN, text.replace("\t", ""))),
        # answers by e-mail quote code as plain text, so nobody is mentioned in code either
        *(f"mention {found!r}" for found in re.findall(MENTION, text)),
        *_structure(tokens, own),
        *(each for token in tokens if token.type == "inline" for each in _inline(token, own)),
    ]


def _structure(tokens: list[Token], own: Own) -> Iterator[str]:
    if sum(token.type == "hr" for token in tokens) > RULES:
        yield "more rules across than ours"
    for token in tokens:
        if token.type in {"blockquote_open", "code_block"}:
            yield f"block {token.type} {token.content!r}"
        if token.type == "fence" and token.info.strip() not in FENCES:
            yield f"fence of {token.info!r}"
        if token.type == "html_block":
            yield from _html(token.content)
            rest = html.unescape(re.sub(TAGS, " ", re.sub(OUR_COMMENT, "", token.content)))
            yield from _prose(rest, own)


def _html(text: str) -> Iterator[str]:
    rest = re.sub(TAGS, "", re.sub(OUR_COMMENT, "", text))
    if "<" in rest or "-->" in rest:
        yield f"HTML {rest!r}"


def _inline(inline: Token, own: Own) -> Iterator[str]:
    prose = ""
    for token in inline.children or ():
        if token.type == "image":
            yield f"image {token.attrs!r}"
        elif token.type == "link_open" and not str(token.attrs["href"]).startswith(own.site):
            yield f"link {token.attrs!r}"
        elif token.type == "html_inline":
            yield from _html(token.content)
        elif token.type in {"s_open", "em_open"}:
            yield f"emphasis {inline.content!r}"
        prose += _said(token)
    yield from _prose(prose, own)
    without_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", CODE, inline.content, flags=re.DOTALL)
    for name, pattern in RAW.items():
        if re.search(pattern, without_code):
            yield f"{name} in {without_code!r}"


def _said(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return "\n"
    if token.type in {"code_inline", "html_inline"}:
        return CODE
    return token.content if token.type in {"text", "text_special"} else ""


def _prose(prose: str, own: Own) -> Iterator[str]:
    if re.search(MENTION, prose):
        yield f"mention in {prose!r}"
    for number in re.findall(NUMBER, prose):
        if int(number) not in own.numbers:
            yield f"reference to #{number} in {prose!r}"
    for sha in re.findall(SHA, prose):
        if not any(known.startswith(sha) for known in own.shas):
            yield f"commit {sha} in {prose!r}"
    for name, pattern in PROSE.items():
        if re.search(pattern, prose):
            yield f"{name} in {prose!r}"


def pieces(text: str) -> Iterator[str]:
    """What stands together on the page: a paragraph, a cell, a line of a block; code included."""
    for token in PARSER.parse(text):
        if token.type == "inline":
            yield "".join(
                child.content if child.type == "code_inline" else _said(child)
                for child in token.children or ()
            )
        elif token.type == "fence":
            yield from token.content.split("\n")
        elif token.type == "html_block":
            yield html.unescape(token.content)


def shown(text: str) -> str:
    """A piece of text as a person copies it out of the page."""
    return text.replace(BREAK, "")
