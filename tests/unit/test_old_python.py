"""What an early patch release of the oldest supported Python gets wrong, and we therefore avoid."""

from __future__ import annotations

import re
from pathlib import Path

import flakebot

SOURCES = sorted(Path(flakebot.__file__).parent.rglob("*.py"))
POSSESSIVE_GROUP = re.compile(  # noqa: TID251  # our own source is no hostile text
    r"(?<!\\)\)(?:[*+?]|\{\d*,?\d*\})\+"
)


def test_no_repeated_group_is_possessive() -> None:
    """Before Python 3.11.5, and Debian 12 has 3.11.2, such a group may match too little
    (https://github.com/python/cpython/issues/106052).
    """
    texts = {path.name: path.read_text(encoding="utf-8") for path in SOURCES}
    users = {name: text for name, text in texts.items() if "\nimport re" in text}
    assert {"pytest_skim.py", "logs.py"} <= set(users)
    assert [name for name, text in users.items() if POSSESSIVE_GROUP.search(text)] == []
    assert POSSESSIVE_GROUP.search("(?::(?!:)[^ .:]*+)*+")
