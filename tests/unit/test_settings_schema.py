"""The published schema of the settings file says what the code accepts, and so does the example."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tools import settings_schema

from flakebot.config import rules_from, settings_from
from flakebot.errors import SettingsError

EXAMPLE = (Path(__file__).parents[2] / "docs" / "example-settings.toml").read_text(encoding="utf-8")
RULE = {"id": "x", "category": "lint", "pattern": "oops", "match": ["oops"], "no_match": ["ok"]}


def _toml(table: dict[str, Any]) -> str:
    """The few kinds of values that the cases below have, as TOML."""
    lines = [f"{key} = {_value(each)}" for key, each in table.items() if key != "rule"]
    for rule in table.get("rule", ()):
        lines += ["[[rule]]", *(f"{key} = {_value(each)}" for key, each in rule.items())]
    return "\n".join(lines)


def _value(each: object) -> str:
    if isinstance(each, dict):
        return "{" + ", ".join(f"{key} = {_value(item)}" for key, item in each.items()) + "}"
    return str(each).lower() if isinstance(each, bool) else repr(each)


def _accepted(text: str) -> bool:
    """Whether settings and rules are taken without a word."""
    try:
        settings_from({}, text)
    except SettingsError:
        return False
    return not rules_from(text).faults


def test_the_schema_is_in_step() -> None:
    """It is generated from the types: run with BLESS=1 after a change of the settings."""
    if os.environ.get("BLESS"):  # noqa: TID251  # re-blessing is asked for in the environment
        settings_schema.SCHEMA.write_text(settings_schema.text(), encoding="utf-8")
    assert settings_schema.SCHEMA.read_text(encoding="utf-8") == settings_schema.text()
    Draft202012Validator.check_schema(settings_schema.build())


def test_the_example_is_loaded_without_a_word() -> None:
    """By the code and by the schema, and its rules hold."""
    Draft202012Validator(settings_schema.build()).validate(tomllib.loads(EXAMPLE))
    settings = settings_from({}, EXAMPLE)
    assert (settings.max_new_issues, settings.thresholds.min_builds) == (3, 20)
    known = rules_from(EXAMPLE)
    assert known.faults == ()
    assert [rule.id for rule in known.own] == ["gpu-check", "end-to-end"]


@pytest.mark.parametrize(
    ("table", "good"),
    [
        ({}, True),
        ({"jobs": ["a", "b"], "dry-run": True, "retry-max-seconds": 0}, True),
        ({"thresholds": {"rate-floor": 0.5}, "limits": {"log-bytes": 1}}, True),
        ({"rule": [RULE]}, True),
        ({"rule": [{**RULE, "scope": "job", "decides": True, "before": "exit-code"}]}, True),
        ({"job": ["a"]}, False),
        ({"max_new_issues": 1}, False),
        ({"max-new-issues": -1}, False),
        ({"comment": "sometimes"}, False),
        ({"history": "postgresql://x"}, False),
        ({"thresholds": {"rate-floor": 2}}, False),
        ({"thresholds": {"rate": 1}}, False),
        ({"limits": {"log-bytes": 0}}, False),
        ({"rule": [{**RULE, "category": "lnt"}]}, False),
        ({"rule": [{**RULE, "id": "A b"}]}, False),
        ({"rule": [{**RULE, "match": []}]}, False),
        ({"rule": [{**RULE, "patern": "x"}]}, False),
        ({"rule": [{**RULE, "pattern": "oops|" * 300}]}, False),
        ({"rule": [{"id": "x"}]}, False),
        ({"rule": []}, True),
    ],
)
def test_schema_and_code_agree(table: dict[str, Any], *, good: bool) -> None:
    """What one takes the other takes; examples and RE2 are the code's own business."""
    assert Draft202012Validator(settings_schema.build()).is_valid(table) is good
    assert _accepted(_toml(table)) is good
