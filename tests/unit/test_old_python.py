"""What an early patch release of the oldest supported Python gets wrong, and we therefore avoid."""

from __future__ import annotations

import re
from pathlib import Path

import flakebot

SOURCES = sorted(Path(flakebot.__file__).parent.rglob("*.py"))
POSSESSIVE_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{\d*,?\d*\})\+")


def test_no_repeated_group_is_possessive() -> None:
    """Before Python 3.11.5, which Debian 12 does not have, such a group may match too little
    (https://github.com/python/cpython/issues/106052).
    """
    users = [path for path in SOURCES if "\nimport re " in path.read_text(encoding="utf-8")]
    assert [path.name for path in users] == ["pytest_skim.py", "logs.py"]
    for path in users:
        assert POSSESSIVE_GROUP.findall(path.read_text(encoding="utf-8")) == []
    assert POSSESSIVE_GROUP.search("(?::(?!:)[^ .:]*+)*+")
