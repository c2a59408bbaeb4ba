"""Make schemas/settings.schema.json from the types that settings and rules are read into.

    python -m tools.settings_schema

Editors complete and check `.github/flakebot.toml` by it; the tests hold it in step.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from flakebot.config import RULES
from flakebot.reading.project_rules import MOST, ProjectRule
from flakebot.reading.rule_faults import EXAMPLES, PATTERN_CHARACTERS
from flakebot.settings import Settings

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT / "schemas" / "settings.schema.json"
PAGE = ROOT / "docs" / "configuration.md"


def build() -> dict[str, Any]:
    """The schema; what the keys mean is said by the page on configuration."""
    meanings = _meanings(PAGE.read_text(encoding="utf-8"))
    schema = _of_table(Settings, meanings)
    schema["properties"][RULES] = {
        "type": "array",
        "description": "Rules of the project, asked before the built-in ones.",
        "maxItems": MOST,
        "items": _of_rule(meanings),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://raw.githubusercontent.com/ai-dynamo/flakebot/main/schemas/settings.schema.json",
        "title": ".github/flakebot.toml",
        **schema,
    }


def _meanings(page: str) -> dict[str, str]:
    """The last cell of each table row that begins with a key, by `heading/key`."""
    found: dict[str, str] = {}
    heading = ""
    for line in page.splitlines():
        if line.startswith("#"):
            heading = line.strip("#` ")
        elif line.startswith("| `"):
            key, *_, meaning = line.strip("| ").split(" | ")
            plain = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", meaning)
            found[f"{heading}/{key.strip('`')}"] = plain.replace("`", "")
    return found


def _of_table(kind: type, meanings: dict[str, str], heading: str = "") -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    defaults = kind()
    properties: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        name, default = field.name.replace("_", "-"), getattr(defaults, field.name)
        if dataclasses.is_dataclass(default):
            properties[name] = _of_table(type(default), meanings, f"[{name}]")
            continue
        places = (heading,) if heading else ("Inputs", "Settings file")
        said = next(meanings[f"{p}/{name}"] for p in places if f"{p}/{name}" in meanings)
        properties[name] = {**_of_type(hints[field.name]), "default": default, "description": said}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _of_rule(meanings: dict[str, str]) -> dict[str, Any]:
    properties = {}
    for field in msgspec.structs.fields(ProjectRule):
        made = _of_type(field.type)
        if field.name in {"pattern", "needs"}:
            made["maxLength"] = PATTERN_CHARACTERS
        if field.name in {"match", "no_match"}:
            made |= {"minItems": 1, "maxItems": EXAMPLES}
        properties[field.name] = {**made, "description": meanings[f"[[rule]]/{field.name}"]}
    properties["id"]["pattern"] = "^[a-z0-9]+(-[a-z0-9]+)*$"
    required = ["id", "category", "pattern", "match", "no_match"]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _of_type(kind: Any) -> dict[str, Any]:
    """The schema of one value, without references."""
    (made,), named = msgspec.json.schema_components([kind])
    if "$ref" in made:
        made = named[made["$ref"].rsplit("/", 1)[-1]]
    return {key: made[key] for key in made if key not in {"title", "default", "description"}}


def text() -> str:
    """The file's content."""
    return json.dumps(build(), indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="utf-8")
    print(f"wrote {SCHEMA.relative_to(ROOT)}")
