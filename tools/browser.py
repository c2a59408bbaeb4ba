"""Markdown as GitHub shows it, in headless Chromium: a picture, or a measure of its layout.

CommonMark with GitHub's tables and strikethrough, the HTML that GitHub keeps, and the style sheet
that GitHub's own pages are rebuilt from (npm's github-markdown-css).
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
MODULES = ROOT / ".tools" / "npm" / "node_modules"
STYLE = MODULES / "github-markdown-css" / "github-markdown-light.css"
SECONDS = 60
BODY_WIDTH = 830
"""Pixels that a comment has on GitHub's page at usual window sizes."""


_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>flakebot</title>
<style>{style}</style>
<style>
body {{ margin: 0; padding: 16px; background: #fff; width: {width}px; font-family: sans-serif; }}
.box {{ border: 1px solid #d1d9e0; border-radius: 6px; }}
.head {{ background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; font-size: 14px;
  color: #59636e; border-radius: 6px 6px 0 0; }}
.head b {{ color: #1f2328; }}
.markdown-body {{ padding: 16px; font-size: 14px; }}
</style></head>
<body>{boxes}{script}</body></html>
"""

_BOX = """<div class="box"><div class="head"><b>github-actions[bot]</b> {said}</div>
<div class="markdown-body">{body}</div></div>
"""

_MEASURE = """<script>
const measured = [...document.querySelectorAll(".markdown-body")].map((body) => {
  const box = body.getBoundingClientRect();
  const wide = [...body.querySelectorAll("*")].filter((one) => {
    if (one.closest("pre, table") && !one.matches("pre, table")) return false;
    const at = one.getBoundingClientRect();
    return at.width > 0 && (at.right > box.right + 1 || at.left < box.left - 1);
  });
  const texts = [...body.querySelectorAll("*")].filter((one) => !one.closest("code, pre"))
    .flatMap((one) => [...one.childNodes].filter((node) => node.nodeType === 3));
  return {
    wide: wide.map((one) => one.outerHTML.slice(0, 200)),
    tables: body.querySelectorAll("table").length,
    folds: body.querySelectorAll("details").length,
    open_folds: body.querySelectorAll("details[open]").length,
    height: Math.ceil(box.height),
    text: texts.map((node) => node.textContent).join("\\n"),
  };
});
document.body.dataset.layout = JSON.stringify(measured);
</script>"""

_LAYOUT = re.compile(r'data-layout="([^"]*)"')  # noqa: TID251 -- our own page, not a log


@dataclass(frozen=True, slots=True)
class Layout:
    """How a page came out: what sticks out of the box, and what was made of the Markdown.

    `text` is all text outside of code, in which no Markdown may be left.
    """

    wide: list[str]
    tables: int
    folds: int
    open_folds: int
    height: int
    text: str


def find() -> str | None:
    """Chromium's command, if it is installed."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)


def page(markdowns: Sequence[str], said: str = "commented", script: str = "") -> str:
    """A whole page with each text in a comment's box."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    boxes = (_BOX.format(said=said, body=parser.render(text)) for text in markdowns)
    style = STYLE.read_text()
    return _FRAME.format(style=style, width=BODY_WIDTH, boxes="".join(boxes), script=script)


def picture(document: str, target: Path, height: int) -> None:
    """Write a PNG of the page's first `height` pixels."""
    size = f"--window-size={BODY_WIDTH + 32},{height}"
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "page.html"
        source.write_text(document)
        _run([f"--screenshot={target}", size, "--force-device-scale-factor=1", source.as_uri()])


def layouts(markdowns: Sequence[str]) -> list[Layout]:
    """Lay the texts out, and measure each."""
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "page.html"
        source.write_text(page(markdowns, script=_MEASURE))
        size = f"--window-size={BODY_WIDTH + 32},2000"
        done = _run(["--dump-dom", size, source.as_uri()])
    found = _LAYOUT.search(done)
    if found is None:
        raise RuntimeError(f"Chromium measured nothing: {done[-500:]}")
    return [Layout(**one) for one in json.loads(html.unescape(found[1]))]


def _run(arguments: list[str]) -> str:
    chromium = find()
    if chromium is None:
        raise RuntimeError("Chromium is not installed (make test-all installs it where it can)")
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                *arguments,
            ],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "HOME": profile},  # noqa: TID251 -- a tool of its own
        )
    if done.returncode:
        raise RuntimeError(f"Chromium failed: {done.stderr[-500:]}")
    return done.stdout
