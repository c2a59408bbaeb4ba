"""Parsing of tool calls."""

import json

import pytest

pytestmark = [pytest.mark.pre_merge, pytest.mark.parallel, pytest.mark.gpu_0]


@pytest.mark.parametrize("dialect", ["hermes", "llama3_json", "mistral", "phi4", "pythonic", "xml"])
def test_tool_call_arguments(dialect: str) -> None:
    assert json.loads(json.dumps({"dialect": dialect})) == {"dialect": dialect}
