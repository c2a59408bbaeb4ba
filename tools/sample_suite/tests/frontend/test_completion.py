"""Completions of the front end."""

import time

import pytest

from ..utils import faults

pytestmark = [pytest.mark.pre_merge, pytest.mark.parallel, pytest.mark.gpu_0]


def complete(tokens: int) -> dict[str, object]:
    time.sleep(0.04)
    reason = "stop" if tokens < 16 or faults.on("stop-reason-lost") else "length"
    return {"tokens": tokens, "finish_reason": reason}


@pytest.mark.parametrize("tokens", [1, 4, 8, 12])
def test_completion_stops(tokens: int) -> None:
    assert complete(tokens)["finish_reason"] == "stop"


@pytest.mark.parametrize("mode", ["unary", "stream"])
def test_truncated_completion_keeps_reason(mode: str) -> None:
    tokens = 16 if mode == "stream" else 2
    expected = "length" if mode == "stream" else "stop"
    assert complete(tokens)["finish_reason"] == expected
