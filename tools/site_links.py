"""What mkdocs does beyond its settings (`hooks` in mkdocs.yml), so that pages serve GitHub as well.

A link out of `docs/` leads to a file on GitHub there, and a page that the navigation does not name
stands at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

FILES = "https://github.com/ai-dynamo/flakebot/blob/main/"


def on_config(config: MutableMapping[str, Any]) -> None:
    """Add the pages that the navigation does not name."""
    named = set(_pages(config["nav"]))
    config["nav"] += sorted(
        page.name for page in Path(config["docs_dir"]).glob("*.md") if page.name not in named
    )


def on_page_markdown(markdown: str, **_: object) -> str:
    """Turn `../FILE` into the file's address on GitHub."""
    return re.sub(r"\]\(\.\./", f"]({FILES}", markdown)


def _pages(entry: object) -> Iterator[str]:
    """The pages of a navigation, whose sections are tables of lists."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        yield from _pages([*entry.values()])
    elif isinstance(entry, list):
        for each in entry:
            yield from _pages(each)
